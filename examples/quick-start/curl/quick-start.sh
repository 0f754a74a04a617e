#!/bin/sh
# An org, two kinds of tokens, users page by page, a fault, a rate limit: with curl, jq and openssl.
set -eu

folder=$(mktemp -d)
"${ORGTWIN:-orgtwin}" serve --listen 127.0.0.1:0 --tls-listen 127.0.0.1:0 --ready-file "$folder/ready.json" >"$folder/out" &
twin=$!
trap 'kill $twin; wait $twin; rm -r "$folder"' EXIT
# The file appears whole, once the org listens.
until [ -f "$folder/ready.json" ]; do kill -0 $twin; sleep 0.1; done

ready() { jq -r "$@" "$folder/ready.json"; }
client() { ready --arg name "$1" ".clients[] | select(.name == \$name) | .$2"; }
ORG=$(ready .base_url)
CONTROL=$(ready .control_url)/orgs/default

# 1. An API service integration: client id and secret, by HTTP Basic.
TOKEN=$(curl -sS --fail-with-body -u "$(client acmesync client_id):$(client acmesync client_secret)" \
  -d grant_type=client_credentials -d scope=okta.users.read "$ORG/oauth2/v1/token" | jq -r .access_token)

# 2. A service app: an assertion that its private key signs. The audience is the token endpoint as it is called.
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
id=$(client service client_id) now=$(date +%s)
head=$(jq -cn --arg kid "$(client service kid)" '{alg: "RS256", kid: $kid}' | base64url)
claims=$(jq -cn --arg id "$id" --arg aud "$ORG/oauth2/v1/token" --argjson now "$now" --arg jti "$$-$now" \
  '{iss: $id, sub: $id, aud: $aud, iat: $now, exp: ($now + 300), jti: $jti}' | base64url)
signature=$(printf %s "$head.$claims" | openssl dgst -sha256 -sign "$(client service private_key_file)" -binary | base64url)
curl -sS --fail-with-body -d grant_type=client_credentials -d scope=okta.users.read \
  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
  -d "client_assertion=$head.$claims.$signature" "$ORG/oauth2/v1/token" | jq -c '{token_type, expires_in, scope}'

# 3. All users, as the `next` links lead. Who is told 429 waits until the window ends.
list_users() {
  next="$ORG/api/v1/users?limit=100"
  while [ -n "$next" ]; do
    status=$(curl -sS -H "Authorization: Bearer $TOKEN" -D "$folder/head" -o "$folder/body" -w '%{http_code}' "$next")
    case $status in
      200) ;;
      429)
        reset=$(sed -n 's/^x-rate-limit-reset: *\([0-9]*\).*/\1/ip' "$folder/head")
        now=$(date -d "$(sed -n 's/^date: *//ip' "$folder/head")" +%s)
        sleep $((reset - now + 1))
        continue ;;
      *) echo "the org answers $status: $(cat "$folder/body")" >&2; return 1 ;;
    esac
    jq -r '.[].id' "$folder/body"
    next=$(sed -n 's/^link: *<\([^>]*\)>; rel="next".*/\1/ip' "$folder/head")
  done
}
echo "$(list_users | wc -l) users"

# 4. What can go wrong: once a 503, then a second page that is answered 429.
fault() { curl -sS --fail-with-body -X POST -H 'Content-Type: application/json' -d "$1" "$CONTROL/faults" >"$folder/fault"; }
fault '{"match": {"path": "/api/v1/users", "times": 1}, "fault": {"status": 503}}'
if list_users; then echo "a failure went unnoticed" >&2; exit 1; fi
fault '{"match": {"path": "/api/v1/users", "nth": 2}, "fault": {"rate_limited": {"reset_in_seconds": 1}}}'
echo "$(list_users | wc -l) users, after a wait"

# 5. What the org saw.
curl -sS --fail-with-body "$CONTROL/ledger?path=/api/v1/users" | jq -c '[.[].response.status]'

# 6. The same over TLS: the authority of the twin is a file.
curl -sS --fail-with-body --cacert "$(ready .ca_file)" -H "Authorization: Bearer $TOKEN" "$(ready .tls_base_url)/api/v1/users?limit=1" |
  jq -c 'length'
