#!/usr/bin/env bash
# A PostgreSQL cluster for tests, gone without a trace when this script's standard input ends.
#
#   postgres-cluster.sh [STANDBYS]
#
# Prints `ready FOLDER` when the server takes connections on the Unix socket in FOLDER (user dragoman, who may do anything, and no password;
# user locked, whose password is `secretive`; port 5432). Commands come line by line, each answered by `done` or `failed`:
#
#   stop N      N is 0 for the first server and 1 for its standby; ends every session at once, as a crash would
#   start N
#   pause N     it stops in its tracks, connections stay open (SIGSTOP); `resume N` goes on
#   freeze PID  the same to one process of it; `thaw PID` goes on
#   standby 1   makes a streaming standby of server 0 on the socket in FOLDER with port 5433
#   promote 1
#
# It listens on no network. With POSTGRES_TLS=1 it also takes connections on 127.0.0.1, its port (of the sockets, too) stands in FOLDER/port, and
# FOLDER/tls holds ca.crt, of which it has a certificate for `localhost`; other-ca.crt, of which it has none; and client.crt with client.key for
# the user `certified`, whom nothing else lets in.
#
# PostgreSQL refuses root: then everything runs as `postgres`, or as `nobody`.
set -u
exec 3>&1 1>&2

bin=${POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)}
[ -n "$bin" ] || bin=$(dirname "$(readlink -f "$(command -v initdb)" 2>/dev/null)")
[ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] || bin=
if [ -z "$bin" ]; then
  echo "absent the server programs of PostgreSQL are not installed (Debian: apt-get install postgresql)" >&3
  exit 3
fi

# Short: a socket's path holds 107 bytes.
folder=$(mktemp -d "${TMPDIR:-/tmp}/dgpg.XXXXXX")
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  user=nobody
  id -u postgres >/dev/null 2>&1 && user=postgres
  chown "$user" "$folder"
  as() { setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"; }
fi
chmod 755 "$folder"
cd "$folder" || exit 1
export LC_ALL=C.UTF-8 PGTZ=UTC

pid() { head -1 "$folder/$1/postmaster.pid" 2>/dev/null; }
end() {
  trap - EXIT
  for n in 0 1; do
    p=$(pid $n) && [ -n "$p" ] && { kill -CONT -- "$p"; kill -QUIT "$p"; } 2>/dev/null
  done
  for _ in $(seq 50); do
    p=$(cat "$folder"/?/postmaster.pid 2>/dev/null | grep -c .) ; [ "$p" = 0 ] && break; sleep 0.1
  done
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' INT TERM HUP

port=5432
start() { as "$bin/pg_ctl" -D "$folder/$1" -w -t 30 -l "$folder/log.$1" -o "-p $((port + $1)) -k $folder" start >/dev/null 2>&1; }

key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
authority() { openssl req -x509 "${key[@]}" -days 2 -subj "/CN=$1" -keyout "$1.key" -out "$1.crt"; }
certificate() { # NAME SUBJECT [EXTENSION]
  openssl req "${key[@]}" -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" &&
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile <(echo "${3:-}") -out "$1.crt"
}
certify() {
  mkdir tls && cd tls && authority ca && authority other-ca && certificate server localhost "subjectAltName=DNS:localhost" &&
    certificate client certified && chmod 600 ./*.key && { [ "$(id -u)" != 0 ] || chown "$user" server.key; } && cd ..
}

as "$bin/initdb" -D "$folder/0" -U dragoman -A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions >"$folder/initdb.log" 2>&1 ||
  { cat "$folder/initdb.log" >&2; echo "failed initdb" >&3; exit 1; }
cat >>"$folder/0/postgresql.conf" <<C
listen_addresses = ''
max_connections = 400
shared_buffers = 64MB
fsync = ${POSTGRES_FSYNC:-off}
full_page_writes = off
max_wal_size = 2GB
wal_keep_size = 256MB
hot_standby = on
lc_messages = 'C'
log_min_messages = warning
C
printf 'local all locked scram-sha-256\nlocal replication all trust\nlocal all all trust\n' >"$folder/0/pg_hba.conf"
if [ -n "${POSTGRES_TLS:-}" ]; then
  certify 2>tls.log || { cat tls.log >&2; echo "failed certificates" >&3; exit 1; }
  cat >>"$folder/0/postgresql.conf" <<C
listen_addresses = '127.0.0.1'
ssl = on
ssl_cert_file = '$folder/tls/server.crt'
ssl_key_file = '$folder/tls/server.key'
ssl_ca_file = '$folder/tls/ca.crt'
C
  printf 'hostssl all certified 127.0.0.1/32 cert\nhost all locked 127.0.0.1/32 scram-sha-256\nhost all dragoman 127.0.0.1/32 trust\n' \
    >>"$folder/0/pg_hba.conf"
  # Somebody else may have the one that was picked.
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 10000)); start 0 && break
  done
fi
echo "$port" >"$folder/port"
[ -n "${POSTGRES_TLS:-}" ] || start 0
as "$bin/pg_ctl" -D "$folder/0" status >/dev/null || { cat "$folder/log.0" >&2; echo "failed start" >&3; exit 1; }
as "$bin/psql" -q -h "$folder" -p "$port" -U dragoman -d postgres -c "CREATE ROLE locked LOGIN PASSWORD 'secretive'" \
  -c "CREATE ROLE certified LOGIN" -c "CREATE DATABASE dragoman" ||
  { echo "failed database" >&3; exit 1; }
echo "ready $folder" >&3

all() { # the server and its children
  p=$(pid "$1"); [ -n "$p" ] && echo "$p" && pgrep -P "$p"
}
while read -r verb n; do
  case $verb in
    stop) p=$(pid "$n"); as "$bin/pg_ctl" -D "$folder/$n" -m immediate -w stop >/dev/null 2>&1 ;;
    start) start "$n" ;;
    # First the one that makes the others, or it makes one more between the list and the signal.
    pause) kill -STOP "$(pid "$n")" && kill -STOP $(all "$n") ;;
    resume) kill -CONT $(all "$n") ;;
    freeze) kill -STOP "$n" ;;
    thaw) kill -CONT "$n" ;;
    standby)
      as "$bin/pg_basebackup" -h "$folder" -p "$port" -U dragoman -D "$folder/$n" -R -X stream -c fast >/dev/null 2>&1 && start "$n" ;;
    promote) as "$bin/pg_ctl" -D "$folder/$n" -w promote >/dev/null 2>&1 ;;
    *) false ;;
  esac && echo done >&3 || echo failed >&3
done
