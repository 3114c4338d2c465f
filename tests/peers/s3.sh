#!/usr/bin/env bash
# moto's S3 (PyPI), one bucket and one user, with conditional writes and checked signatures.
#
#   s3.sh fetch    fetch what is missing, and nothing else
#   s3.sh start    fetch what is missing, start it, wait until it serves
#   s3.sh stop     stop it; its data is in memory and gone
#   s3.sh status   pid, memory, CPU time; exit 1 when it is not running
#   s3.sh env      print the setting to evaluate: eval "$(s3.sh env)"
#
# Settings: S3_PORT (19000), S3_BUCKET (checkpoints), MOTO_VERSION, and those of lib.sh.
PEER=s3
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
MOTO_VERSION="${MOTO_VERSION:-5.2.5}"
S3_PORT="${S3_PORT:-19000}"
S3_BUCKET="${S3_BUCKET:-checkpoints}"
home="$PEERS_HOME/s3-moto-$MOTO_VERSION"
name="s3-$S3_PORT"
key="$PEERS_RUN/$name.key"
server="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/s3_server.py"

fetch() { need python3; with_lock s3 _fetch; }
_fetch() {
  # The server's whole extra would bring every other service of Amazon along.
  local packages="moto[s3]==$MOTO_VERSION flask==3.1.3 flask-cors==6.0.5"
  [ "$(cat "$home/.complete" 2>/dev/null)" = "$packages" ] && return 0
  say "fetching $packages (PyPI)"
  rm -rf "$home"
  python3 -m venv "$home"
  # shellcheck disable=SC2086
  "$home/bin/pip" install -q --disable-pip-version-check $packages || die "pip could not fetch $packages"
  printf '%s' "$packages" >"$home/.complete"
}

start() {
  if alive "$PEERS_RUN/$name.pid"; then say "already up on 127.0.0.1:$S3_PORT"; return 0; fi
  fetch
  free_port "$S3_PORT"
  rm -f "$key"
  spawn "$name" "$home/bin/python" "$server" "$S3_PORT" "$S3_BUCKET" "$key"
  wait_until "$name" "the user's key" test -s "$key"
  say "up on 127.0.0.1:$S3_PORT (moto $MOTO_VERSION)"
}

settings() {
  local id secret
  read -r id secret <"$key" || die "is not running"
  echo "export NUTKIN_TEST_S3=http://$id:$secret@127.0.0.1:$S3_PORT/$S3_BUCKET"
}

case "${1:-}" in
  fetch) fetch ;;
  start) start ;;
  stop) halt "$name"; rm -f "$key"; say stopped ;;
  status) figures "$name" ;;
  env) settings ;;
  *) sed -n '2,/^PEER=/{/^PEER=/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
