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
# KAFKA_AUTO_CREATE (true), and those of lib.sh.
# Kafka 4.4.0 cannot be resolved from Maven Central (its kafka-tools-api has no jar there), hence 4.3.1.
PEER=kafka
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
KAFKA_VERSION="${KAFKA_VERSION:-4.3.1}"
KAFKA_PORT="${KAFKA_PORT:-19092}"
KAFKA_CONTROLLER_PORT="${KAFKA_CONTROLLER_PORT:-$((KAFKA_PORT + 1))}"
KAFKA_HEAP="${KAFKA_HEAP:-512m}"
KAFKA_AUTO_CREATE="${KAFKA_AUTO_CREATE:-true}"
jars="$PEERS_HOME/kafka-$KAFKA_VERSION"
name="kafka-$KAFKA_PORT"
data="$PEERS_RUN/$name.data"
conf="$PEERS_RUN/$name.properties"

fetch() {
  maven_jars "$jars" "org.apache.kafka:kafka_2.13:$KAFKA_VERSION" "org.apache.kafka:kafka-tools:$KAFKA_VERSION" \
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3" "org.apache.logging.log4j:log4j-core:2.25.3"
}

configure() {
  cat >"$conf" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$KAFKA_CONTROLLER_PORT
listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$KAFKA_CONTROLLER_PORT
advertised.listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT
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
  if [ ! -f "$data/meta.properties" ]; then
    KAFKA_LOG_LEVEL=WARN java_kafka kafka.tools.StorageTool format -t cGVlcnMtcGVlcnMtcGVlcg -c "$conf" \
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
  reset) halt "$name"; rm -rf "$data"; say "stopped, data deleted" ;;
  status) figures "$name" ;;
  env) echo "export KAFKA_BOOTSTRAP=127.0.0.1:$KAFKA_PORT" ;;
  tool) shift; tool "$@" ;;
  *) sed -n '2,/^PEER=/{/^PEER=/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
