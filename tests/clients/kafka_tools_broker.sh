#!/usr/bin/env bash
# Apache Kafka 4.x's own command-line tools against a broker.
#
#   kafka_tools_broker.sh BOOTSTRAP [client.properties [brief]]
#
# One line per check, exit status 1 if any failed. `brief` stops after records went in and out. KAFKA_JARS names the directory with the tools' jars (default: the newest
# one that the peer scripts downloaded); a JVM 17 or newer is JAVA or `java`. Topics and groups carry a random prefix.
set -uo pipefail
[ $# -ge 1 ] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
bootstrap=$1
config=${2:-}
jars=${KAFKA_JARS:-$(ls -d "${PEERS_HOME:-$HOME/.cache/streaming-peers}"/kafka-4* 2>/dev/null | tail -1)}
[ -n "$jars" ] && [ -d "$jars" ] || { echo "no Kafka jars: set KAFKA_JARS" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
p="jvm-$RANDOM$RANDOM-"
failed=0
brief=${3:-}
[ -n "$config" ] || { config=$work/client.properties; : >"$config"; }
cat >"$work/log4j2.properties" <<'LOG'
status=error
appender.out.type=Console
appender.out.name=out
appender.out.target=SYSTEM_ERR
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%p %m (%c)%n
rootLogger.level=ERROR
rootLogger.appenderRef.out.ref=out
LOG

run() { # CLASS ARGS...
  "${JAVA:-java}" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Dlog4j2.configurationFile="file:$work/log4j2.properties" -cp "$jars/*" "$@"
}
T=org.apache.kafka.tools
tool() { # NAME ARGS...: the tool of that name with bootstrap server and client configuration
  local name=$1; shift
  case $name in
    topics) run $T.TopicCommand --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    configs) run kafka.admin.ConfigCommand --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    consumer-groups) run $T.consumer.group.ConsumerGroupCommand --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    groups) run $T.GroupsCommand --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    transactions) run $T.TransactionsCommand --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    get-offsets) run $T.GetOffsetShell --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    delete-records) run $T.DeleteRecordsCommand --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    log-dirs) run $T.LogDirsCommand --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    leader-election) run $T.LeaderElectionCommand --bootstrap-server "$bootstrap" --admin.config "$config" "$@" ;;
    api-versions) run $T.BrokerApiVersionsCommand --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    features) run $T.FeatureCommand --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    cluster) run $T.ClusterTool "$1" --bootstrap-server "$bootstrap" --config "$config" "${@:2}" ;;
    reassign) run $T.reassign.ReassignPartitionsCommand --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    console-producer) run $T.ConsoleProducer --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    console-consumer) run $T.consumer.ConsoleConsumer --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    producer-perf) run $T.ProducerPerformance --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    consumer-perf) run $T.ConsumerPerformance --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    verifiable-producer) run $T.VerifiableProducer --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    verifiable-consumer) run $T.VerifiableConsumer --bootstrap-server "$bootstrap" --command-config "$config" "$@" ;;
    *) echo "no tool $name" >&2; return 2 ;;
  esac
}

report() { # NAME STATUS OUTPUT-FILE
  if [ "$2" = 0 ]; then echo "ok   $1"; else
    failed=$((failed + 1)); echo "FAIL $1"; sed 's/^/     /' "$3" | head -25
  fi
}
# expect NAME REGEX TOOL ARGS...: the tool succeeds and some line of its output matches
expect() {
  local name=$1 regex=$2; shift 2
  tool "$@" >"$work/out" 2>&1 </dev/null; local status=$?
  if [ $status = 0 ] && [ -n "$regex" ]; then grep -Eq -- "$regex" "$work/out" || status=1; fi
  report "$name" $status "$work/out"
}
# refuse NAME REGEX TOOL ARGS...: some line of the output matches, whatever the exit status
refuse() {
  local name=$1 regex=$2; shift 2
  tool "$@" >"$work/out" 2>&1 </dev/null
  grep -Eq -- "$regex" "$work/out"; report "$name" $? "$work/out"
}

finish() { if [ $failed = 0 ]; then echo "all passed"; else echo "$failed failed"; exit 1; fi; }

expect "cluster id" 'Cluster ID: ' cluster cluster-id
expect "api versions" 'Produce\(0\): 3 to 1' api-versions
expect "features: transaction.version 2" 'transaction.version.*FinalizedVersionLevel: 2' features describe
expect "topics --create" "Created topic ${p}a" topics --create --topic "${p}a" --partitions 3 --replication-factor 3 --config retention.ms=86400000
expect "topics --describe" "ReplicationFactor: 3.*retention.ms=86400000" topics --describe --topic "${p}a"
expect "topics --list" "^${p}a$" topics --list
expect "topics --alter --partitions" "" topics --alter --topic "${p}a" --partitions 4
expect "topics --describe after growing" "PartitionCount: 4" topics --describe --topic "${p}a"
tool topics --describe --under-replicated-partitions --topic "${p}a" >"$work/out" 2>&1; test ! -s "$work/out"; report "topics: none under-replicated" $? "$work/out"
refuse "replication factor 4 is refused" 'InvalidReplicationFactor|replication factor' topics --create --topic "${p}z" --replication-factor 4
refuse "unknown setting is refused" 'InvalidConfiguration|Unknown topic config|not known' topics --create --topic "${p}z" --config no.such.setting=1
expect "configs --alter" 'Completed updating config' configs --alter --entity-type topics --entity-name "${p}a" --add-config max.message.bytes=500000,segment.bytes=1048576
expect "configs --describe" 'max.message.bytes=500000' configs --describe --entity-type topics --entity-name "${p}a"
expect "configs --delete-config" 'Completed updating config' configs --alter --entity-type topics --entity-name "${p}a" --delete-config max.message.bytes
expect "configs of the node" 'num.partitions' configs --describe --all --entity-type brokers --entity-name 1

for codec in none gzip snappy lz4 zstd; do
  tool topics --create --topic "${p}c-$codec" --partitions 1 >/dev/null 2>&1
  seq -f "$codec-%g" 1 200 >"$work/in"
  tool console-producer --topic "${p}c-$codec" --compression-codec "$codec" <"$work/in" >"$work/out" 2>&1
  tool console-consumer --topic "${p}c-$codec" --from-beginning --max-messages 200 --timeout-ms 20000 >"$work/got" 2>>"$work/out" </dev/null
  cmp "$work/in" "$work/got" >>"$work/out" 2>&1; report "console producer and consumer, $codec" $? "$work/out"
  if [ -n "$brief" ]; then finish; exit; fi
done

printf 'k1:v1\nk2:v2\n' | tool console-producer --topic "${p}a" --property parse.key=true --property key.separator=: >"$work/out" 2>&1
tool console-consumer --topic "${p}a" --from-beginning --max-messages 2 --timeout-ms 20000 --group "${p}g" \
  --property print.key=true >"$work/got" 2>>"$work/out" </dev/null
sort "$work/got" | tr '\t\n' '= ' | grep -q 'k1=v1 k2=v2'; report "console consumer in a group, keys" $? "$work/got"
expect "groups --list" "${p}g" groups --list
expect "consumer-groups --list --state" "${p}g +Empty" consumer-groups --list --state
expect "consumer-groups --describe" "${p}g +${p}a +[0-9]+ +[0-9]+" consumer-groups --describe --group "${p}g"
expect "consumer-groups --describe --state" "Empty" consumer-groups --describe --group "${p}g" --state
expect "consumer-groups --reset-offsets" "${p}a" consumer-groups --reset-offsets --to-earliest --topic "${p}a" --group "${p}g" --execute
expect "consumer-groups --delete-offsets" "Successful" consumer-groups --delete-offsets --topic "${p}a" --group "${p}g"
expect "consumer-groups --delete" "successful" consumer-groups --delete --group "${p}g"
refuse "a deleted group is gone" "not exist|not found" consumer-groups --describe --group "${p}g"

expect "producer-perf" '20000 records sent' producer-perf --topic "${p}a" --num-records 20000 --record-size 200 --throughput -1
expect "producer-perf, transactions" '5000 records sent' producer-perf --topic "${p}a" --num-records 5000 --record-size 100 --throughput -1 --transactional-id "${p}perf" --transaction-duration-ms 200
expect "consumer-perf" ', ' consumer-perf --topic "${p}a" --num-records 20000 --timeout 20000
expect "get-offsets --time latest" "${p}a:[0-9]+:[1-9]" get-offsets --topic "${p}a" --time latest
expect "get-offsets --time max-timestamp" "${p}a:[0-9]+:[0-9]" get-offsets --topic "${p}a" --time max-timestamp
expect "get-offsets --time earliest" "${p}a:0:0" get-offsets --topic "${p}a" --time earliest

expect "transactions list" "${p}perf.*CompleteCommit" transactions list
expect "transactions describe" "${p}perf.*CompleteCommit" transactions describe --transactional-id "${p}perf"
expect "transactions describe-producers" 'ProducerId' transactions describe-producers --topic "${p}a" --partition 0
expect "transactions find-hanging" 'Topic|^$' transactions find-hanging --broker-id 1
expect "transactions forceTerminateTransaction" '' transactions forceTerminateTransaction --transactionalId "${p}perf"

printf '{"partitions":[{"topic":"%sc-none","partition":0,"offset":50}],"version":1}' "$p" >"$work/delete.json"
expect "delete-records" 'low_watermark: 50' delete-records --offset-json-file "$work/delete.json"
expect "get-offsets after delete-records" "${p}c-none:0:50" get-offsets --topic "${p}c-none" --time earliest
expect "log-dirs" "\"partition\":\"${p}a-0\"|${p}a-0" log-dirs --describe --topic-list "${p}a"
refuse "leader-election" 'not needed|Valid replica already elected|already' leader-election --election-type preferred --topic "${p}a" --partition 0
expect "reassign --list" 'No partition reassignments found' reassign --list
expect "verifiable producer" '"name":"tool_data"' verifiable-producer --topic "${p}c-lz4" --max-messages 100
timeout 20 bash -c "$(declare -f run tool); T=$T work=$work jars='$jars' bootstrap=$bootstrap config=$config; tool verifiable-consumer --topic ${p}c-lz4 --group-id ${p}v --max-messages 100 --reset-policy earliest" >"$work/out" 2>&1
grep -q '"name":"records_consumed"' "$work/out"; report "verifiable consumer" $? "$work/out"

for topic in a c-none c-gzip c-snappy c-lz4 c-zstd; do
  tool topics --delete --topic "$p$topic" >"$work/out" 2>&1 || report "topics --delete $topic" 1 "$work/out"
done
tool topics --list 2>/dev/null | grep -q "^$p"; test $? != 0; report "topics --delete" $? "$work/out"
finish
