#!/usr/bin/env bash
# An orgtwin adapter in bash with curl, jq and openssl: one JSON request a line on stdin, one reply a line on stdout.
#
#     orgtwin client lint stdio:./adapter.sh
#     orgtwin test --client stdio:./adapter.sh
set -u

readonly ATTEMPTS=4 EARLY=60 LONGEST=45
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
config='' scheme=Bearer token='' token_until=0 token_reply=''

# A reply to the request $id: the members that it consists of, as JSON.
reply() { jq -cn --argjson id "$id" --argjson members "$1" '{id: $id} + $members'; }

# ends an operation: refuse REASON MESSAGE
refuse() {
  refused=$(jq -cn --arg reason "$1" --arg message "$2" '{outcome: "refused", reason: $reason, error: {message: $message}}')
  return 1
}

# ends an operation with what the org answered: refuse_status [REASON]
refuse_status() {
  local challenge
  challenge=$(header www-authenticate | head -n 1)
  refused=$(jq -cn --arg reason "${1:-http_status}" --argjson status "$status" --arg challenge "$challenge" \
    --rawfile body "$work/body" '
      def of($name): $challenge | (capture($name + "=\"(?<value>[^\"]*)\"") | .value)? // null;
      (($body | fromjson)? // {}) as $answer | (if ($answer | type) == "object" then $answer else {} end) as $answer |
      {outcome: "refused", reason: $reason, status: $status, error: {
        code: ($answer.errorCode // $answer.error // of("error")),
        message: ($answer.errorSummary // $answer.error_description // of("error_description"))}}')
  return 1
}

setting() { jq -r "$1 // empty" <<<"$config"; }

# The values of a response header.
header() { tr -d '\r' <"$work/head" | sed -n "s/^$1: *//Ip"; }

b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# send PREPARE…: runs curl with the options that `PREPARE…` prints (a curl config, so that no secret is an argument),
# again after each 429 once its bucket has reset, and a little later when the org is ill. A write is only repeated when
# the org says that it did nothing (503). Sets status; head and body are files.
send() {
  local attempt code reset date sent wait repeatable=''
  [[ $1 != call_request || $2 == GET ]] && repeatable=yes
  for ((attempt = 1; ; attempt++)); do
    "$@" >"$work/curlrc" || return 1
    : >"$work/head"
    status=$(curl --silent --show-error --max-time 30 --user-agent 'orgtwin-bash-adapter/1' \
      --header 'Accept: application/json' --dump-header "$work/head" --output "$work/body" --write-out '%{http_code}' \
      --config "$work/curlrc" 2>"$work/error") || {
      code=$?
      # The handshake failed, or the certificate is nobody's that is trusted.
      [[ $code != 35 && $code != 51 && $code != 60 ]] || { refuse tls "$(head -n 1 "$work/error")"; return 1; }
      [[ $repeatable && $attempt -lt $ATTEMPTS ]] && { pause "$attempt"; continue; }
      refuse transport "$(head -n 1 "$work/error")"; return 1; }
    [[ -e $work/body ]] || : >"$work/body"
    if [[ $status == 503 || ( $repeatable && $status == 50[024] ) ]] && ((attempt < ATTEMPTS)); then
      pause "$attempt"; continue
    fi
    [[ $status == 429 ]] || return 0
    reset=$(header x-rate-limit-reset) date=$(header date)
    [[ $attempt -lt $ATTEMPTS && -n $reset && -n $date ]] || { refuse_status retries_exhausted; return 1; }
    # Both times are the org's own: the clock of this machine does not matter.
    sent=$(jq -rn --arg date "$date" '$date | strptime("%a, %d %b %Y %H:%M:%S GMT") | mktime')
    wait=$((reset > sent ? reset - sent + 1 : 1))
    ((wait <= LONGEST)) || { refuse_status retries_exhausted; return 1; }
    sleep "$wait"
  done
}

# pause ATTEMPT: 0.2 s, 0.4 s, 0.8 s.
pause() { sleep "0.$((1 << $1))"; }

# A value inside of a curl config.
quoted() { local value=${1//\\/\\\\}; printf '"%s"' "${value//\"/\\\"}"; }

common() {
  local ca proxy
  : >"$work/body"
  ca=$(setting .ca_pem) proxy=$(setting .proxy)
  # The proxy of the connection and no other, whatever the environment says.
  if [[ -n $proxy ]]; then
    printf 'proxy = %s\nnoproxy = ""\n' "$(quoted "$proxy")"
  else
    printf 'noproxy = "*"\n'
  fi
  [[ -z $ca ]] || { printf '%s\n' "$ca" >"$work/ca.pem"; printf 'cacert = %s\n' "$(quoted "$work/ca.pem")"; }
}

assertion() {
  local now header claims signed
  now=$(date +%s)
  header=$(jq -cn --arg kid "$(setting .auth.kid)" '{alg: "RS256", typ: "JWT"} + (if $kid == "" then {} else {kid: $kid} end)')
  claims=$(jq -cn --arg id "$(setting .client_id)" --arg aud "$1" --argjson now "$now" --arg jti "$(openssl rand -hex 16)" \
    '{iss: $id, sub: $id, aud: $aud, iat: $now, exp: ($now + 300), jti: $jti}')
  signed=$(printf %s "$header" | b64url).$(printf %s "$claims" | b64url)
  (umask 077 && setting .auth.private_key_pem >"$work/key.pem")
  printf '%s.%s' "$signed" "$(printf %s "$signed" | openssl dgst -sha256 -sign "$work/key.pem" -binary | b64url)"
  rm -f "$work/key.pem"
}

token_request() {
  local url
  url=$(setting .org_url)/oauth2/v1/token
  common
  printf 'url = %s\n' "$(quoted "$url")"
  printf 'data-urlencode = %s\n' '"grant_type=client_credentials"' "$(quoted "scope=$(jq -r '.scopes | join(" ")' <<<"$config")")"
  if [[ $(setting .auth.method) == private_key_jwt ]]; then
    printf 'data-urlencode = %s\n' '"client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"' \
      "$(quoted "client_assertion=$(assertion "$url")")"
  else
    printf 'user = %s\n' "$(quoted "$(jq -r '"\(.client_id | @uri):\(.auth.client_secret | @uri)"' <<<"$config")")"
  fi
}

get_token() {
  [[ $scheme != SSWS ]] || { refuse config 'an API token is no OAuth client: there is no token to get'; return 1; }
  [[ -n $token && $(date +%s) -lt $((token_until - EARLY)) ]] && return 0
  send token_request || return 1
  [[ $status == 200 ]] || { refuse_status; return 1; }
  json || return 1
  token=$(jq -r '.access_token // empty' "$work/body")
  [[ -n $token && $(jq -r '.token_type | ascii_downcase' "$work/body") == bearer ]] \
    || { token=''; refuse validation 'the answer holds no Bearer token'; return 1; }
  token_until=$(($(date +%s) + $(jq -r .expires_in "$work/body")))
  token_reply=$(jq -c '{token_type, scope: (.scope | split(" "))}' "$work/body")
}

# The body is JSON and says so.
json() {
  [[ $(header content-type) == application/json* ]] || { refuse validation 'the answer is not application/json'; return 1; }
  jq -e 'true' "$work/body" >"$work/null" 2>&1 || { refuse validation 'the answer is not JSON'; return 1; }
}

call_request() {
  common
  printf 'url = %s\nrequest = %s\nheader = %s\n' "$(quoted "$2")" "$(quoted "$1")" "$(quoted "Authorization: $scheme $token")"
  [[ -z ${3-} ]] || printf 'header = "Content-Type: application/json"\ndata-raw = %s\n' "$(quoted "$3")"
}

# call METHOD URL [BODY]: a token that is no longer accepted is replaced once.
call() {
  local round
  for round in 1 2; do
    [[ $scheme == SSWS ]] || get_token || return 1
    send call_request "$@" || return 1
    [[ $status != 2* ]] || return 0
    [[ $status == 401 && $round == 1 && $scheme != SSWS ]] || { refuse_status; return 1; }
    token=''
  done
}

next_page() {
  header link | jq -rRn '[inputs | scan("<([^>]*)>((?:[^,\"]|\"[^\"]*\")*)")
    | select(.[1] | test(";\\s*rel=\"?next\"?"; "i")) | .[0]] | first // empty'
}

list_all() {
  local org url seen=$'\n'
  org=$(setting .org_url)
  url=$org$1
  : >"$work/values"
  while [[ -n $url ]]; do
    [[ $url == "$org"/* ]] || { refuse validation 'the next page is at another origin'; return 1; }
    [[ $seen != *$'\n'"$url"$'\n'* ]] || { refuse validation 'the org handed out a page that was read already'; return 1; }
    seen+=$url$'\n'
    call GET "$url" || return 1
    json || return 1
    jq -c --arg key "$2" '.[] | .[$key]' "$work/body" >>"$work/values" 2>"$work/error" \
      || { refuse validation 'the page is not an array of objects'; return 1; }
    url=$(next_page)
  done
}

member() { jq -r "$1 // empty" <<<"$request"; }

while IFS= read -r request; do
  id=$(jq -c .id <<<"$request") op=$(member .op) refused=''
  case $op in
    hello)
      reply "$(jq -cn --arg language "bash $BASH_VERSION" '{protocol: 1,
        client: {name: "bash-adapter", version: "1", language: $language},
        capabilities: ["auth.private_key_jwt", "auth.client_secret_basic", "auth.ssws", "list_all", "forget_token", "tls"]}')" ;;
    configure)
      config=$(jq -c .client <<<"$request") scheme=Bearer token=''
      [[ $(setting .auth.method) != ssws ]] || { scheme=SSWS token=$(setting .auth.api_token); }
      if [[ $(setting .auth.alg) == @(''|RS256) ]]; then
        reply '{"outcome":"ok"}'
      else
        refuse config 'this client signs RS256 only'
      fi ;;
    get_token)
      get_token && reply "$(jq -c --argjson left "$((token_until - $(date +%s)))" \
        '{outcome: "ok", expires_in: $left} + .' <<<"$token_reply")" ;;
    call)
      if call "$(member .method)" "$(setting .org_url)$(member .path)" "$(jq -c '.body // empty' <<<"$request")"; then
        if [[ ! -s $work/body ]]; then
          reply "{\"outcome\":\"ok\",\"status\":$status}"
        elif json; then
          jq -c --argjson id "$id" --argjson status "$status" '{id: $id, outcome: "ok", status: $status, body: .}' "$work/body"
        fi
      fi ;;
    list_all)
      list_all "$(member .path)" "$(member .key)" \
        && jq -cs --argjson id "$id" '{id: $id, outcome: "ok", count: length, values: .}' "$work/values" ;;
    forget_token) token=''; reply '{"outcome":"ok"}' ;;
    bye) reply '{"outcome":"ok"}'; exit 0 ;;
    *) reply '{"outcome":"unsupported"}' ;;
  esac
  [[ -z $refused ]] || reply "$refused"
done
