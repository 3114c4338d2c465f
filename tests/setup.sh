#!/usr/bin/env bash
# Installs what the tests need besides Rust, and says what: Java 17 or newer, Maven, Python 3.11, PostgreSQL, OpenSSL (Debian
# packages, as root), Python clients (in an environment of their own), Apache Kafka and Apache Flink (jars), an S3 server. What is there
# already is left alone. Java 21 is wanted only by tests/peers/registry.sh, which no test starts.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tests/environment.sh
source tests/environment.sh

say() { printf 'setup: %s\n' "$*"; }
mkdir -p "$NUTKIN_CACHE"

packages=()
command -v cc >/dev/null || packages+=(gcc libc6-dev)
command -v curl >/dev/null || packages+=(curl)
command -v openssl >/dev/null || packages+=(openssl)
command -v mvn >/dev/null || packages+=(maven)
command -v java >/dev/null || ls /usr/lib/jvm/*/bin/java >/dev/null 2>&1 || packages+=(openjdk-17-jdk-headless)
python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3 python3-venv)
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages+=(postgresql)
if [ ${#packages[@]} -gt 0 ]; then
  say "Debian packages: ${packages[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

wanted=$(printf '%s' "$NUTKIN_PYTHON_PACKAGES")
if [ "$(cat "$NUTKIN_PYTHON/.packages" 2>/dev/null)" != "$wanted" ]; then
  say "Python packages: $wanted"
  rm -rf "$NUTKIN_PYTHON"
  python3 -m venv "$NUTKIN_PYTHON"
  # shellcheck disable=SC2086
  "$NUTKIN_PYTHON/bin/pip" install -q --disable-pip-version-check $NUTKIN_PYTHON_PACKAGES
  printf '%s' "$wanted" >"$NUTKIN_PYTHON/.packages"
fi

say "Apache Kafka"
tests/peers/kafka.sh fetch
say "Apache Flink"
PATH="$NUTKIN_PYTHON/bin:$PATH" tests/peers/flink.sh jars >/dev/null
say "S3 server"
tests/peers/s3.sh fetch
say "done"
