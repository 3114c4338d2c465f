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

step "formatting"
cargo fmt --all --check
step "lints"
cargo clippy --locked --workspace --all-targets -- -D warnings
step "build"
cargo build --locked -p nutkin
step "tests"
cargo test --locked --workspace
