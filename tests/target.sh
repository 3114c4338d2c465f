#!/usr/bin/env bash
# Prints the directory that cargo builds into.
set -euo pipefail
cargo metadata --locked --no-deps --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
