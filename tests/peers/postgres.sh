#!/usr/bin/env bash
# PostgreSQL, one server with one database, for tests.
#
#   postgres.sh start    make a cluster on first use, start it, wait until it serves
#   postgres.sh reset    stop it and delete its data
#   postgres.sh env      print the settings to evaluate: eval "$(postgres.sh env)"
#
# Settings: POSTGRES_PORT (15432) and those of lib.sh. PostgreSQL refuses to run as root, so root runs it as the user postgres
# (or nobody, where that does not exist).
PEER=postgres
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
POSTGRES_PORT="${POSTGRES_PORT:-15432}"
name="postgres-$POSTGRES_PORT"
data="$PEERS_RUN/$name.data"

binary() {
  local path
  for path in /usr/lib/postgresql/*/bin/"$1" "$(command -v "$1" || true)"; do
    [ -x "$path" ] && { echo "$path"; return 0; }
  done
  die "needs '$1' of PostgreSQL"
}

user() { [ "$(id -u)" != 0 ] && return 0; id postgres >/dev/null 2>&1 && echo postgres || echo nobody; }
as_user() { local u; u=$(user); if [ -n "$u" ]; then setpriv --reuid="$u" --regid="$(id -g "$u")" --clear-groups "$@"; else "$@"; fi; }
ready() { as_user "$(binary pg_isready)" -q -h 127.0.0.1 -p "$POSTGRES_PORT"; }

start() {
  if alive "$PEERS_RUN/$name.pid"; then say "already up on 127.0.0.1:$POSTGRES_PORT"; return 0; fi
  free_port "$POSTGRES_PORT"
  local postgres; postgres=$(binary postgres)
  if [ ! -f "$data/PG_VERSION" ]; then
    rm -rf "$data"; mkdir -p "$data"; chmod 700 "$data"
    # Every folder above must be passable for the other user.
    [ -z "$(user)" ] || chown -R "$(user)" "$data"
    (cd /; as_user "$(binary initdb)" -D "$data" -U nutkin -A trust -E UTF8 --no-sync >"$PEERS_RUN/$name.log" 2>&1) ||
      { cat "$PEERS_RUN/$name.log" >&2; die "initdb failed in $data"; }
  fi
  local u; u=$(user)
  # shellcheck disable=SC2086
  (cd /; spawn "$name" ${u:+setpriv --reuid="$u" --regid="$(id -g "$u")" --clear-groups} "$postgres" -D "$data" \
    -h 127.0.0.1 -p "$POSTGRES_PORT" -k "")
  wait_until "$name" "an answer" ready
  say "up on 127.0.0.1:$POSTGRES_PORT"
}

case "${1:-}" in
  start) start ;;
  reset) halt "$name"; rm -rf "$data"; say "stopped, data deleted" ;;
  env) echo "export NUTKIN_TEST_POSTGRES=postgres://nutkin@127.0.0.1:$POSTGRES_PORT/postgres" ;;
  *) sed -n '2,/^PEER=/{/^PEER=/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
