#!/bin/sh
# examples/run.sh NAME: starts a fresh org for the example of that name and runs it there. Exit 0: everything held.
#
#   ORGTWIN=path/to/orgtwin   a built program, instead of `cargo run`
#   ORG_URL=https://…         an org that is there already (a real one): none is started, see the example's README
set -eu
examples=$(cd "$(dirname "$0")" && pwd)
name=${1:-}
program=$examples/$name/connection.py
if [ -z "$name" ] || [ ! -f "$program" ]; then
  printf 'usage: %s NAME, one of:' "$0" >&2
  for one in "$examples"/*/connection.py; do printf ' %s' "$(basename "$(dirname "$one")")" >&2; done
  printf '\n' >&2
  exit 2
fi
export PYTHONPATH="$examples/lib" PYTHONDONTWRITEBYTECODE=1
if [ -n "${ORG_URL:-}" ]; then
  exec python3 "$program"
fi

folder=$(mktemp -d)
server=
leave() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap leave EXIT
trap 'exit 130' INT TERM
set -- serve --listen 127.0.0.1:0 --ready-file "$folder/ready.json"
[ ! -f "$examples/$name/org.toml" ] || set -- "$@" --org "$examples/$name/org.toml"
if [ -n "${ORGTWIN:-}" ]; then
  "$ORGTWIN" "$@" >"$folder/serve.log" 2>&1 &
else
  # The first time it is built; cargo becomes the program that it runs.
  cargo run --quiet --locked --manifest-path "$examples/../Cargo.toml" -- "$@" >"$folder/serve.log" 2>&1 &
fi
server=$!
until [ -s "$folder/ready.json" ]; do
  if ! kill -0 "$server" 2>/dev/null; then
    cat "$folder/serve.log" >&2
    exit 3
  fi
  sleep 0.1
done
READY_FILE="$folder/ready.json" python3 "$program"
