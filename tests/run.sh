#!/usr/bin/env bash
# Everything CI runs, in the order that fails fastest. On a person's machine, tests whose outside part is missing are skipped,
# and named in one list at the end; with CI=true nothing is skipped, and what is missing is installed first.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%ss)\n' "$*" "$SECONDS"; }

if [ "${CI:-}" = true ]; then
  step "install what the tests need"
  tests/setup.sh
fi
# shellcheck source=tests/environment.sh
source tests/environment.sh

step "formatting"
cargo fmt --all --check
step "lints"
cargo clippy --locked --workspace --all-targets -- -D warnings
step "build"
# One set of features for all that follows: dependencies are built once.
cargo build --locked --workspace --bins --tests
# Servers that some tests talk to. They end with this script. Their settings stay here: tests that start servers of their own
# must not meet these.
peers=$(mktemp -d)
chmod 755 "$peers"
kafka_port=$(tests/free_port.sh 19092)
settings=(PEERS_RUN="$peers" POSTGRES_PORT="$(tests/free_port.sh 15432)" KAFKA_SECURED=true KAFKA_PORT="$kafka_port")
settings+=(S3_PORT="$(tests/free_port.sh 19000)")
# As little of Flink as runs a query: one TaskManager, a slot for each of the two tests that use it, no checkpoints, and a
# compiler that does not spend longer on the code of a short job than the job takes.
settings+=(FLINK_PORT="$(tests/free_port.sh 18200)" FLINK_SLOTS=2 FLINK_CHECKPOINT=0 FLINK_STATE_BACKEND=hashmap)
settings+=(FLINK_TM_MEMORY=1200m FLINK_JM_MEMORY=900m FLINK_TM_AGAIN=true FLINK_LOG_LEVEL=ERROR)
settings+=(FLINK_TM_OPTS=-XX:+UseSerialGC FLINK_JVM_OPTS=-XX:TieredStopAtLevel=1)
for port in CONTROLLER TLS MUTUAL PLAIN SCRAM; do
  kafka_port=$(tests/free_port.sh $((kafka_port + 1)))
  settings+=("KAFKA_${port}_PORT=$kafka_port")
done
# What is skipped, a line each: the tests say it on standard error, past the harness that keeps what passing tests print.
skipped="$peers/skipped"
fuzzing=
stop_peers() {
  [ -z "$fuzzing" ] || kill "$fuzzing" 2>/dev/null || true
  env "${settings[@]}" tests/peers/kafka.sh reset >/dev/null 2>&1 || true
  env "${settings[@]}" tests/peers/postgres.sh reset >/dev/null 2>&1 || true
  env "${settings[@]}" tests/peers/s3.sh stop >/dev/null 2>&1 || true
  env "${settings[@]}" tests/peers/flink.sh reset >/dev/null 2>&1 || true
  rm -rf "$peers"
}
trap stop_peers EXIT
peer() {
  if env "${settings[@]}" "tests/peers/$1.sh" start; then
    eval "$(env "${settings[@]}" "tests/peers/$1.sh" env)"
  elif [ "${CI:-}" = true ]; then
    exit 1
  else
    echo "skipped: tests against a real $2: it does not start" | tee -a "$skipped"
  fi
}
step "servers for the tests"
peer kafka "Apache Kafka"
peer postgres "PostgreSQL"
peer s3 "S3 server"
if [ -n "${KAFKA_BOOTSTRAP:-}" ]; then
  export NUTKIN_TEST_KAFKA="$KAFKA_BOOTSTRAP" NUTKIN_TEST_KAFKA_SECURED="$KAFKA_CLIENT_PROPERTIES"
fi

step "tests"
cargo test --locked --workspace --no-run
# A minute of damaged input for each reader (fuzz/README.md) needs processors and nothing else, and most other tests wait: it
# runs beside them with what they leave, and the ordinary run reads the samples only.
built=$(cargo test --locked --workspace --no-run --message-format=json 2>/dev/null)
executable() { sed -n 's/.*"name":"'"$1"'".*"executable":"\([^"]*\)".*/\1/p' <<<"$built"; }
fuzz=$(executable nutkin_fuzz)
NUTKIN_FUZZ_MINUTES="${NUTKIN_FUZZ_MINUTES:-1}" nice -n 19 "$fuzz" >"$peers/fuzz.log" 2>&1 &
fuzzing=$!
failed=0
# The comparison with Flink has its own step: beside tests that wait for servers it would take the processors from them.
{ NUTKIN_FUZZ_MINUTES=0 NUTKIN_DIFFERENTIAL_EXPRESSIONS=0 NUTKIN_DIFFERENTIAL_QUERIES=0 cargo test --locked --workspace 2>&1 >&3 |
  tee "$peers/errors" >&2; } 3>&1 || failed=$?
step "random SQL beside Apache Flink"
peer flink "Apache Flink"
random=$(executable nutkin_differential)
{ NUTKIN_TEST_FLINK="${FLINK_SQL_GATEWAY:-}" "$random" 2>&1 >&3 | tee -a "$peers/errors" >&2; } 3>&1 || failed=$?
env "${settings[@]}" tests/peers/flink.sh reset >/dev/null 2>&1 || true
grep '^skipped: ' "$peers/errors" >>"$skipped" || true
if [ -s "$skipped" ]; then
  step "skipped"
  sort -u "$skipped" | sed 's/^skipped: /  /'
else
  step "nothing was skipped"
fi
[ "$failed" = 0 ] || exit "$failed"
step "damaged input"
fuzzed=0
wait "$fuzzing" || fuzzed=$?
fuzzing=
cat "$peers/fuzz.log"
step "done"
exit "$fuzzed"
