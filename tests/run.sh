#!/usr/bin/env bash
# Everything CI runs, in the order that fails fastest. On a person's machine, tests whose outside part is missing are named
# and skipped; with CI=true nothing is skipped, and what is missing is installed first.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%ss)\n' "$*" "$SECONDS"; }

if [ "${CI:-}" = true ]; then
  step "install what the tests need"
  tests/setup.sh
fi
# shellcheck source=tests/environment.sh
source tests/environment.sh

# How long each reader is given damaged input, and from which seed: the same inputs each time, so that a run is red only for
# what the change did. Longer runs from new seeds are for people (fuzz/README.md).
export NUTKIN_FUZZ_SECONDS="${NUTKIN_FUZZ_SECONDS:-2}"
export NUTKIN_FUZZ_SEED="${NUTKIN_FUZZ_SEED:-1}"

step "formatting"
cargo fmt --all --check
step "lints"
cargo clippy --locked --workspace --all-targets -- -D warnings
step "build"
cargo build --locked -p nutkin
# Servers that some tests talk to. They end with this script. Their settings stay here: tests that start servers of their own
# must not meet these.
peers=$(mktemp -d)
chmod 755 "$peers"
kafka_port=$(tests/free_port.sh 19092)
settings=(PEERS_RUN="$peers" KAFKA_PORT="$kafka_port" KAFKA_CONTROLLER_PORT="$(tests/free_port.sh $((kafka_port + 1)))"
  POSTGRES_PORT="$(tests/free_port.sh 15432)")
stop_peers() {
  env "${settings[@]}" tests/peers/kafka.sh reset >/dev/null 2>&1 || true
  env "${settings[@]}" tests/peers/postgres.sh reset >/dev/null 2>&1 || true
  rm -rf "$peers"
}
trap stop_peers EXIT
peer() {
  if env "${settings[@]}" "tests/peers/$1.sh" start; then
    eval "$(env "${settings[@]}" "tests/peers/$1.sh" env)"
  elif [ "${CI:-}" = true ]; then
    exit 1
  else
    echo "skipped: tests against a real $2"
  fi
}
step "servers for the tests"
peer kafka "Apache Kafka"
peer postgres "PostgreSQL"
[ -z "${KAFKA_BOOTSTRAP:-}" ] || export NUTKIN_TEST_KAFKA="$KAFKA_BOOTSTRAP"

step "tests"
cargo test --locked --workspace
