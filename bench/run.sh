#!/usr/bin/env bash
# Nutkin beside real Apache Flink on the same events of the same Apache Kafka: CPU, memory, time, and whether they agree.
#
#   bench/run.sh [--events N] [--rounds R] [--queries q0,q17] [--formats json,avro] [--parallelism 1,2]
#                [--engines nutkin,flink,flink-rocksdb,flink-minibatch] [--check-events N] [--out DIR]
#
# Builds Nutkin (NUTKIN_BINARY names a built one, NUTKIN_COMMIT what it was built from), starts Kafka, Flink and Nutkin on free ports of 127.0.0.1 in a private
# directory (under TMPDIR), runs, and stops them all. README.md says what is measured; results land in bench/results/.
# Needs what `make setup` installs: Java 17, Maven, Python 3 with a Kafka client.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tests/environment.sh
source tests/environment.sh

if [ ! -x "$NUTKIN_PYTHON/bin/python" ] || ! command -v mvn >/dev/null; then
  tests/setup.sh
fi
# What the results say was measured.
export NUTKIN_COMMIT="${NUTKIN_COMMIT:-unknown}"
if [ -z "${NUTKIN_BINARY:-}" ]; then
  NUTKIN_COMMIT="$(git rev-parse --short HEAD)"
  [ -z "$(git status --porcelain -- crates Cargo.toml Cargo.lock)" ] || NUTKIN_COMMIT+="-changed"
  cargo build --release --locked -p nutkin
  NUTKIN_BINARY="$(tests/target.sh)/release/nutkin"
fi
export NUTKIN_BINARY

# The ports below those that the system gives to outgoing connections.
block_free() { local p; for p in 0 1 2 3 4 10; do ! (exec 3<>"/dev/tcp/127.0.0.1/$(($1 + p))") 2>/dev/null || return 1; done; }
flink=27200
until block_free "$flink"; do flink=$((flink + 20)); done
KAFKA_PORT="$(tests/free_port.sh 27092)"
KAFKA_CONTROLLER_PORT="$(tests/free_port.sh $((KAFKA_PORT + 1)))"
export KAFKA_PORT KAFKA_CONTROLLER_PORT FLINK_PORT=$flink KAFKA_AUTO_CREATE=false
PEERS_RUN="$(mktemp -d "${TMPDIR:-/tmp}/nutkin-bench.XXXXXX")"
export PEERS_RUN

stop() {
  tests/peers/flink.sh stop >/dev/null 2>&1 || true
  tests/peers/kafka.sh stop >/dev/null 2>&1 || true
  [ -n "${NUTKIN_KEEP:-}" ] || rm -rf "$PEERS_RUN"
}
trap stop EXIT
# run.py stops its own Nutkin; an interrupt reaches both.
trap 'exit 130' INT TERM

tests/peers/kafka.sh start
case " $* " in
  *" --engines nutkin "*) ;;
  *) tests/peers/flink.sh start ;;
esac
eval "$(tests/peers/kafka.sh env)"
eval "$(tests/peers/flink.sh env)"
"$NUTKIN_PYTHON/bin/python" bench/run.py "$@"
