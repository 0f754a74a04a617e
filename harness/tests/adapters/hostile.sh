#!/bin/sh
# An adapter with bad manners: hostile.sh MODE [OP]. Without the misbehaviour of its mode it lies: it reports every
# op as done and sends nothing to anybody.
mode=$1 at=${2-}

say() { printf '%s\n' "$1"; }

[ "$mode" = banner ] && { say 'Welcome to the ACME SDK!'; say '{"level":"info","message":"started"}'; say '42'; }

while IFS= read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/^{"id":\([0-9]*\).*/\1/p')
  [ -n "$id" ] || id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\)[,}].*/\1/p')
  op=$(printf '%s' "$line" | sed -n 's/.*"op":"\([a-z_]*\)".*/\1/p')
  if [ "$op" = "$at" ]; then
    case $mode in
      hang) sleep 30 ;;
      signal) kill -9 $$ ;;
      exit) exit 7 ;;
      flood) yes 'this is not a reply' | head -c 40000000 ;;
      partial) printf '{"id":%s,"outcome":"ok"' "$id"; sleep 30 ;;
      duplicate) say "{\"id\":$id,\"outcome\":\"ok\"}" ;;
      foreign) say '{"id":4711,"outcome":"ok"}'; continue ;;
      malformed) say "{\"id\":$id,\"outcome\":\"maybe\"}"; continue ;;
      breaks) say "{\"id\":$id,\"outcome\":\"error\",\"message\":\"KeyError: token\"}"; continue ;;
      closes) exec 1>&-; sleep 30 ;;
      deaf) exec 0<&-; sleep 30 ;;
      child) sleep 30 & exit 7 ;;
      orphan) sleep 30 >/dev/null 2>&1 & echo $! >"$PIDFILE" ;;
      leak) printf 'my configuration is %s\n' "$line" >&2; say "debug: $line" ;;
    esac
  fi
  case $op in
    hello)
      protocol=1
      [ "$mode" = protocol ] && protocol=2
      say "{\"id\":$id,\"protocol\":$protocol,\"client\":{\"name\":\"hostile\"},\"capabilities\":[\"auth.client_secret_basic\",\"auth.private_key_jwt\",\"list_all\"]}" ;;
    get_token) say "{\"id\":$id,\"outcome\":\"ok\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"scope\":[]}" ;;
    list_all) say "{\"id\":$id,\"outcome\":\"ok\",\"count\":0,\"values\":[]}" ;;
    configure | call) say "{\"id\":$id,\"outcome\":\"ok\"}" ;;
    bye)
      say "{\"id\":$id,\"outcome\":\"ok\"}"
      [ "$mode" = slowbye ] && sleep 30
      exit 0 ;;
    *) say "{\"id\":$id,\"outcome\":\"unsupported\"}" ;;
  esac
done
