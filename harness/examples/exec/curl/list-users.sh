#!/usr/bin/env bash
# The ids of all users of acme.okta.com, one in each line. The host is written here, as in many a script.
set -euo pipefail
org=https://acme.okta.com

token=$(curl -sS -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials \
  --data-urlencode "scope=$SCOPES" "$org/oauth2/v1/token")
access=$(jq -er .access_token <<<"$token") || { jq -r '"\(.error): \(.error_description)"' <<<"$token" >&2; exit 1; }

next="$org/api/v1/users?limit=200"
while [ -n "$next" ]; do
  head=$(mktemp)
  page=$(curl -sS -D "$head" -H "Authorization: Bearer $access" "$next")
  if ! grep -q '^HTTP/[0-9.]* 200' "$head"; then
    echo "HTTP status $(awk '/^HTTP/{s=$2} END{print s}' "$head") $(jq -r '.errorCode // empty' <<<"$page" 2>/dev/null)" >&2
    exit 1
  fi
  jq -r '.[].id' <<<"$page"
  next=$(tr -d '\r' <"$head" | sed -n 's/^link: <\([^>]*\)>; rel="next".*/\1/Ip' | head -1)
done
