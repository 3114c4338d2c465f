#!/usr/bin/env bash
# Apache Kafka, one KRaft node (broker and controller), from Maven Central jars. No Docker, no tarball.
#
#   kafka.sh fetch     fetch what is missing, and nothing else
#   kafka.sh start     fetch what is missing, format storage on first use, start, wait until it serves
#   kafka.sh stop      stop it; its data stays
#   kafka.sh reset     stop it and delete its data
#   kafka.sh status    pid, memory, CPU time; exit 1 when it is not running
#   kafka.sh env       print the settings to evaluate: eval "$(kafka.sh env)"
#   kafka.sh tool NAME ARGS...   a command-line tool: topics, configs, groups, console-producer,
#                      console-consumer, get-offsets, producer-perf (bootstrap server filled in)
#
# Settings: KAFKA_VERSION, KAFKA_PORT (19092), KAFKA_CONTROLLER_PORT (KAFKA_PORT+1), KAFKA_HEAP (512m),
# KAFKA_AUTO_CREATE (true), KAFKA_SECURED (false), and those of lib.sh.
#
# KAFKA_SECURED=true adds listeners of the same broker, all with certificates made by this script:
#   KAFKA_TLS_PORT (KAFKA_PORT+2)      TLS
#   KAFKA_MUTUAL_PORT (KAFKA_PORT+3)   TLS that asks the client for a certificate
#   KAFKA_PLAIN_PORT (KAFKA_PORT+4)    SASL/PLAIN without TLS
#   KAFKA_SCRAM_PORT (KAFKA_PORT+5)    SASL/SCRAM-SHA-256 and SCRAM-SHA-512 over TLS
# `env` then also names a directory of client properties, one file for each way in, and refused-*.properties: wrong passwords,
# another authority, no certificate. Logins last 3 s, after which clients must log in again.
#
# Kafka 4.4.0 cannot be resolved from Maven Central (its kafka-tools-api has no jar there), hence 4.3.1.
PEER=kafka
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
KAFKA_VERSION="${KAFKA_VERSION:-4.3.1}"
KAFKA_PORT="${KAFKA_PORT:-19092}"
KAFKA_CONTROLLER_PORT="${KAFKA_CONTROLLER_PORT:-$((KAFKA_PORT + 1))}"
KAFKA_HEAP="${KAFKA_HEAP:-512m}"
KAFKA_AUTO_CREATE="${KAFKA_AUTO_CREATE:-true}"
KAFKA_SECURED="${KAFKA_SECURED:-false}"
KAFKA_TLS_PORT="${KAFKA_TLS_PORT:-$((KAFKA_PORT + 2))}"
KAFKA_MUTUAL_PORT="${KAFKA_MUTUAL_PORT:-$((KAFKA_PORT + 3))}"
KAFKA_PLAIN_PORT="${KAFKA_PLAIN_PORT:-$((KAFKA_PORT + 4))}"
KAFKA_SCRAM_PORT="${KAFKA_SCRAM_PORT:-$((KAFKA_PORT + 5))}"
jars="$PEERS_HOME/kafka-$KAFKA_VERSION"
name="kafka-$KAFKA_PORT"
data="$PEERS_RUN/$name.data"
conf="$PEERS_RUN/$name.properties"
# Certificates and keys; and the client properties that name them.
certs="$PEERS_RUN/$name.certs"
clients="$PEERS_RUN/$name.clients"
user=alice
password=alice-secret

fetch() {
  maven_jars "$jars" "org.apache.kafka:kafka_2.13:$KAFKA_VERSION" "org.apache.kafka:kafka-tools:$KAFKA_VERSION" \
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3" "org.apache.logging.log4j:log4j-core:2.25.3"
}

secured() { [ "$KAFKA_SECURED" = true ]; }

# sign NAME AUTHORITY: a key and a certificate for 127.0.0.1 and localhost, together in NAME.pem.
sign() {
  openssl req -new -newkey rsa:2048 -nodes -keyout "$1.key" -subj "/CN=$1" -out "$1.csr"
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days 3650 -extfile "$1.ext" -out "$1.crt"
  cat "$1.key" "$1.crt" >"$1.pem"
}

authority() { openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -subj "/CN=$1" -days 3650 -out "$1.crt"; }

certificates() {
  need openssl
  rm -rf "$certs"; mkdir -p "$certs"
  ( cd "$certs"; umask 077; authority ca; authority stranger; sign broker ca; sign client ca ) >"$certs.log" 2>&1 ||
    { cat "$certs.log" >&2; die "no certificates"; }
}

# client NAME PORT LINES...: client properties as Kafka's own tools read them.
client() {
  local file="$clients/$1.properties" port=$2; shift 2
  printf '%s\n' "bootstrap.servers=127.0.0.1:$port" "$@" >"$file"
}

client_properties() {
  local module=org.apache.kafka.common.security
  local tls="security.protocol=SSL" trust="ssl.truststore.type=PEM" plain="security.protocol=SASL_PLAINTEXT"
  local ca="ssl.truststore.location=$certs/ca.crt" stranger="ssl.truststore.location=$certs/stranger.crt" hash
  login() { echo "sasl.jaas.config=$module.$1 required username=\"$user\" password=\"$2\";"; }
  rm -rf "$clients"; mkdir -p "$clients"
  client tls "$KAFKA_TLS_PORT" "$tls" "$trust" "$ca"
  client mutual "$KAFKA_MUTUAL_PORT" "$tls" "$trust" "$ca" ssl.keystore.type=PEM "ssl.keystore.location=$certs/client.pem"
  client plain "$KAFKA_PLAIN_PORT" "$plain" sasl.mechanism=PLAIN "$(login plain.PlainLoginModule "$password")"
  for hash in 256 512; do
    client "scram-sha-$hash" "$KAFKA_SCRAM_PORT" security.protocol=SASL_SSL "$trust" "$ca" \
      "sasl.mechanism=SCRAM-SHA-$hash" "$(login scram.ScramLoginModule "$password")"
  done
  client refused-plain "$KAFKA_PLAIN_PORT" "$plain" sasl.mechanism=PLAIN "$(login plain.PlainLoginModule wrong-secret)"
  client refused-scram "$KAFKA_SCRAM_PORT" security.protocol=SASL_SSL "$trust" "$ca" sasl.mechanism=SCRAM-SHA-512 \
    "$(login scram.ScramLoginModule wrong-secret)"
  client refused-authority "$KAFKA_TLS_PORT" "$tls" "$trust" "$stranger"
  client refused-no-certificate "$KAFKA_MUTUAL_PORT" "$tls" "$trust" "$ca"
}

# The further listeners: their addresses, each with a comma before it, and their settings.
secured_addresses() {
  secured || return 0
  printf ',%s' "TLS://127.0.0.1:$KAFKA_TLS_PORT" "MUTUAL://127.0.0.1:$KAFKA_MUTUAL_PORT" \
    "PLAIN://127.0.0.1:$KAFKA_PLAIN_PORT" "SCRAM://127.0.0.1:$KAFKA_SCRAM_PORT"
}

secured_settings() {
  local module=org.apache.kafka.common.security
  secured || return 0
  cat <<EOF
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,MUTUAL:SSL,PLAIN:SASL_PLAINTEXT,SCRAM:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location=$certs/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location=$certs/ca.crt
listener.name.mutual.ssl.client.auth=required
listener.name.plain.sasl.enabled.mechanisms=PLAIN
listener.name.plain.plain.sasl.jaas.config=$module.plain.PlainLoginModule required user_$user="$password";
listener.name.plain.plain.connections.max.reauth.ms=3000
listener.name.scram.sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512
listener.name.scram.scram-sha-256.sasl.jaas.config=$module.scram.ScramLoginModule required;
listener.name.scram.scram-sha-512.sasl.jaas.config=$module.scram.ScramLoginModule required;
listener.name.scram.scram-sha-256.connections.max.reauth.ms=3000
listener.name.scram.scram-sha-512.connections.max.reauth.ms=3000
EOF
}

configure() {
  cat >"$conf" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$KAFKA_CONTROLLER_PORT
listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$KAFKA_CONTROLLER_PORT$(secured_addresses)
advertised.listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT$(secured_addresses)
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$data
auto.create.topics.enable=$KAFKA_AUTO_CREATE
num.partitions=1
default.replication.factor=1
# One node: every internal topic has one replica and few partitions, and groups form at once.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.hours=-1
$(secured_settings)
EOF
  cat >"$PEERS_RUN/$name.log4j2.properties" <<'EOF'
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n
rootLogger.level=${env:KAFKA_LOG_LEVEL:-INFO}
rootLogger.appenderRef.out.ref=out
EOF
}

java_kafka() { "$(java_of 17)" -Xmx"$KAFKA_HEAP" -XX:+UseSerialGC -XX:TieredStopAtLevel="${KAFKA_TIER:-4}" \
  -Dlog4j2.configurationFile="file:$PEERS_RUN/$name.log4j2.properties" -cp "$jars/*" "$@"; }

start() {
  if alive "$PEERS_RUN/$name.pid"; then say "already up on 127.0.0.1:$KAFKA_PORT"; return 0; fi
  fetch; configure
  free_port "$KAFKA_PORT"; free_port "$KAFKA_CONTROLLER_PORT"
  local users=()
  if secured; then
    certificates; client_properties
    users=(--add-scram "SCRAM-SHA-256=[name=$user,password=$password]" --add-scram "SCRAM-SHA-512=[name=$user,password=$password]")
  fi
  if [ ! -f "$data/meta.properties" ]; then
    KAFKA_LOG_LEVEL=WARN java_kafka kafka.tools.StorageTool format -t cGVlcnMtcGVlcnMtcGVlcg -c "$conf" "${users[@]}" \
      >"$PEERS_RUN/$name.log" 2>&1 || { cat "$PEERS_RUN/$name.log" >&2; die "could not format $data"; }
  fi
  spawn "$name" "$(java_of 17)" -Xms128m -Xmx"$KAFKA_HEAP" -XX:+UseSerialGC \
    -Dlog4j2.configurationFile="file:$PEERS_RUN/$name.log4j2.properties" -cp "$jars/*" kafka.Kafka "$conf"
  wait_until "$name" "'Kafka Server started'" grep -q 'Kafka Server started' "$PEERS_RUN/$name.log"
  say "up on 127.0.0.1:$KAFKA_PORT (Kafka $KAFKA_VERSION)"
}

tool() {
  local t=${1:?which tool}; shift
  local b="--bootstrap-server 127.0.0.1:$KAFKA_PORT" c
  case $t in
    topics) c=org.apache.kafka.tools.TopicCommand ;;
    configs) c=kafka.admin.ConfigCommand ;;
    groups) c=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
    console-producer) c=org.apache.kafka.tools.ConsoleProducer ;;
    console-consumer) c=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
    get-offsets) c=org.apache.kafka.tools.GetOffsetShell ;;
    producer-perf) c=org.apache.kafka.tools.ProducerPerformance; b="" ;;
    *) die "no tool '$t'" ;;
  esac
  fetch; [ -f "$conf" ] || configure
  # shellcheck disable=SC2086
  KAFKA_LOG_LEVEL=ERROR KAFKA_TIER=1 java_kafka $c $b "$@"
}

case "${1:-}" in
  fetch) fetch ;;
  start) start ;;
  stop) halt "$name"; say stopped ;;
  reset) halt "$name"; rm -rf "$data" "$certs" "$certs.log" "$clients"; say "stopped, data deleted" ;;
  status) figures "$name" ;;
  env)
    echo "export KAFKA_BOOTSTRAP=127.0.0.1:$KAFKA_PORT"
    ! secured || echo "export KAFKA_CLIENT_PROPERTIES=$clients" ;;
  tool) shift; tool "$@" ;;
  *) sed -n '2,/^PEER=/{/^PEER=/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
