#!/bin/sh
# The least that is an adapter: it shakes hands and can do nothing.
while IFS= read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/^{"id":\([0-9]*\).*/\1/p')
  case $line in
    *'"op":"hello"'*) printf '{"id":%s,"protocol":1,"client":{"name":"minimal"},"capabilities":[]}\n' "$id" ;;
    *'"op":"bye"'*) printf '{"id":%s,"outcome":"ok"}\n' "$id"; exit 0 ;;
    *) printf '{"id":%s,"outcome":"unsupported"}\n' "$id" ;;
  esac
done
