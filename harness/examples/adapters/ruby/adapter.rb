#!/usr/bin/env ruby
# frozen_string_literal: true

# An orgtwin adapter in plain Ruby 3.0+: no gems.
#
# It is a whole little Okta client (tokens, proofs of possession, calls, pages, rate limits) behind the adapter protocol:
# one JSON request a line on standard input, one JSON reply a line on standard output. Around a real SDK only `Client`
# would be smaller: `token`, `call` and `list_all` are what you replace.
#
#     orgtwin client lint stdio -- ruby adapter.rb
#     orgtwin test --client stdio -- ruby adapter.rb

require "digest"
require "json"
require "net/http"
require "openssl"
require "securerandom"
require "set"
require "time"
require "uri"

CAPABILITIES = %w[
  auth.private_key_jwt auth.client_secret_basic auth.none auth.ssws alg.ES256
  grant.authorization_code dpop list_all forget_token clock.inject
].freeze
ATTEMPTS = 4 # at one request that is rate limited, or that an ill org answers
LONGEST = 7200 # seconds of one wait; an org that asks for more is reported to the caller
EARLY = 60 # seconds before its end at which a token is replaced

# The client's own negative result: what the caller of an SDK would see as its error.
class Refused < StandardError
  attr_reader :reason, :status, :code

  def initialize(reason, message, status: nil, code: nil)
    super(message)
    @reason, @status, @code = reason, status, code
  end

  def reply
    error = { message: message, code: code }.compact
    { outcome: "refused", reason: reason, error: error, status: status }.compact
  end
end

# The client's own clock. The suite may move it: then who waits goes on from the new time.
class Clock
  def initialize
    @guard, @moved, @ahead = Mutex.new, ConditionVariable.new, 0
  end

  def now
    Time.now.to_f + mark
  end

  def advance(seconds)
    @guard.synchronize do
      @ahead += seconds
      @moved.broadcast
    end
  end

  # How far it was moved so far.
  def mark
    @guard.synchronize { @ahead }
  end

  # Waits; what the clock was moved since `mark` counts as waited already.
  def sleep(seconds, mark)
    @guard.synchronize do
      ends = Time.now.to_f + mark + seconds
      while (left = ends - Time.now.to_f - @ahead).positive?
        @moved.wait(@guard, left)
      end
    end
  end
end

# A whole answer of the org.
class Answer
  LINK = /<([^>]*)>((?:[^,"]|"[^"]*")*)/.freeze
  NEXT = /;\s*rel="?next"?\s*(?:;|\z)/i.freeze

  def initialize(response)
    @response = response
  end

  def status
    @response.code.to_i
  end

  def body
    @response.body || ""
  end

  # The first line of that name, if there is one.
  def [](name)
    @response.get_fields(name)&.first
  end

  def json
    unless self["content-type"].to_s.split(";").first.to_s.strip.casecmp?("application/json")
      raise Refused.new("validation", "the answer is not application/json")
    end

    JSON.parse(body)
  rescue JSON::ParserError
    raise Refused.new("validation", "the answer is not JSON")
  end

  # Okta's error, OAuth's, or what the challenge says when the body is empty.
  def refusal(reason = "http_status")
    said = parsed_or_empty
    challenge = self["www-authenticate"].to_s.scan(/(\w+)="([^"]*)"/).to_h
    code = said["errorCode"] || said["error"] || challenge["error"]
    message = said["errorSummary"] || said["error_description"] || challenge["error_description"]
    Refused.new(reason, message.to_s, status: status, code: code)
  end

  # Seconds until the bucket has its requests again. Both times are the org's own: the clock of this machine does not
  # matter.
  def reset
    [Integer(self["x-rate-limit-reset"]) - Time.httpdate(self["date"]).to_i, 0].max + 1
  rescue ArgumentError, TypeError
    nil
  end

  # The address of the next page, as the org gave it.
  def next_page
    links = (@response.get_fields("link") || []).flat_map { |line| line.scan(LINK) }
    links.find { |_, parameters| parameters.match?(NEXT) }&.first
  end

  private

  def parsed_or_empty
    said = JSON.parse(body)
    said.is_a?(Hash) ? said : {}
  rescue JSON::ParserError
    {} # not every refusal has a body
  end
end

def base64url(bytes)
  [bytes].pack("m0").tr("+/", "-_").delete("=")
end

def unbase64url(text)
  text.tr("-_", "+/").unpack1("m")
end

def fresh
  SecureRandom.urlsafe_base64(32)
end

# Signs JWTs: with the key that says who the client is, or with one whose possession is proved.
class Signer
  attr_reader :alg

  # From PEM: PKCS#8, PKCS#1 or SEC 1.
  def self.read(pem, alg)
    key = OpenSSL::PKey.read(pem)
    kind = { "RS256" => OpenSSL::PKey::RSA, "ES256" => OpenSSL::PKey::EC }[alg]
    raise Refused.new("config", "this client cannot sign #{alg} with that key") unless kind && key.is_a?(kind)

    new(key, alg)
  rescue OpenSSL::PKey::PKeyError => e
    raise Refused.new("config", "the private key cannot be read: #{e.message}")
  end

  def self.generate
    new(OpenSSL::PKey::EC.generate("prime256v1"), "ES256")
  end

  def initialize(key, alg)
    @key, @alg = key, alg
  end

  # The public half of an elliptic curve key.
  def jwk
    point = @key.public_key.to_octet_string(:uncompressed)
    { kty: "EC", crv: "P-256", x: base64url(point[1, 32]), y: base64url(point[33, 32]) }
  end

  def jwt(header, claims)
    signed = [{ alg: alg, **header }, claims].map { |part| base64url(JSON.generate(part)) }.join(".")
    signature = @key.sign("SHA256", signed)
    signature = OpenSSL::ASN1.decode(signature).value.map { |half| half.value.to_s(2).rjust(32, "\0") }.join if alg == "ES256"
    "#{signed}.#{base64url(signature)}"
  end
end

# ---- the client -------------------------------------------------------------------------------------------------------

class Client
  LOST = [
    SystemCallError, SocketError, IOError, Timeout::Error, OpenSSL::SSL::SSLError,
    Net::ProtocolError, Net::HTTPBadResponse, Net::HTTPHeaderSyntaxError, Zlib::Error
  ].freeze

  attr_reader :token_until

  def initialize(config, clock)
    @config, @clock = config, clock
    @auth = config["auth"]
    @org = config["org_url"]
    @proxy = config["proxy"] && URI(config["proxy"])
    @trusted = trust(config["ca_pem"]) if config["ca_pem"]
    @key = Signer.read(@auth["private_key_pem"], @auth["alg"] || "RS256") if @auth["private_key_pem"]
    @proofs = Signer.generate if config["dpop"]
  end

  # The access token's answer: from the cache, or from the org.
  def token
    return @token if @token && @clock.now < @token_until - EARLY
    if @auth["method"] == "ssws"
      raise Refused.new("config", "an API token is no OAuth client: there is no token to get")
    end

    asked = @clock.now
    person = @config["sign_in"]
    answer = person ? token_of(person) : grant({ grant_type: "client_credentials", **scope })
    kind = answer["token_type"].to_s.downcase
    unless kind == "bearer" || (@proofs && kind == "dpop")
      raise Refused.new("validation", "a token of the type #{kind} was not asked for")
    end

    @token_until = asked + answer["expires_in"]
    @token = answer
  end

  def forget_token
    @token = nil
  end

  # An authenticated call; a token that is no longer accepted is replaced once.
  def call(method, path, body = nil)
    call_at(method, @org + path, body)
  end

  # A member of each element of a whole collection, through all of its pages.
  def list_all(path, key)
    url, seen, values = @org + path, Set.new, []
    while url
      raise Refused.new("validation", "the org handed out a page that was read already") unless seen.add?(url)
      raise Refused.new("validation", "the next page is at another origin") unless parts(url).first == parts(@org).first

      answer = call_at("GET", url, nil)
      page = answer.json
      raise Refused.new("validation", "the page is not a JSON array") unless page.is_a?(Array)

      values.concat(page.map { |element| element[key] })
      url = answer.next_page
    end
    values
  end

  private

  def trust(pem)
    store = OpenSSL::X509::Store.new
    store.add_cert(OpenSSL::X509::Certificate.new(pem))
    store
  end

  # Origin, and path with query, as they were written.
  def parts(url)
    url.match(%r{\A(https?://[^/?#]+)([^#]*)})&.captures || ["", "/"]
  end

  # Sends a request, again after each 429 once its bucket has reset, and a little later when the org is ill. A write that
  # is not `repeatable` is only repeated when the org says that it did nothing (503): nobody knows what became of a lost one.
  def send_request(method, url, repeatable: %w[GET HEAD].include?(method), &make)
    (1..).each do |attempt|
      last, mark = attempt == ATTEMPTS, @clock.mark
      headers, body = make ? make.call : [{}, nil]
      begin
        answer = exchange(method, url, headers, body)
      rescue *LOST => e
        raise Refused.new("tls", e.message) if e.is_a?(OpenSSL::SSL::SSLError) && e.message.match?(/certificate/i)
        raise Refused.new("transport", "#{e.class}: #{e.message}") if last || !repeatable

        sleep(0.05 * 2**attempt)
        next
      end
      case answer.status
      when 500, 502, 503, 504
        return answer if last || (!repeatable && answer.status != 503)

        sleep(0.05 * 2**attempt)
      when 429
        wait = answer.reset
        raise answer.refusal("retries_exhausted") if last || wait.nil? || wait > LONGEST

        @clock.sleep(wait, mark)
      else
        return answer
      end
    end
  end

  def exchange(method, url, headers, body)
    origin, target = parts(url)
    uri = URI(origin)
    via = @proxy ? [@proxy.hostname, @proxy.port, @proxy.user, @proxy.password] : [nil]
    http = Net::HTTP.new(uri.hostname, uri.port, *via)
    http.max_retries = 0
    http.open_timeout = http.read_timeout = 30
    http.use_ssl = uri.scheme == "https"
    http.cert_store = @trusted if @trusted
    headers = { "User-Agent" => "orgtwin-ruby-adapter/1", "Accept" => "application/json", "Accept-Encoding" => "identity", **headers }
    target = "/#{target}" unless target.start_with?("/")
    response = http.start { |one| one.send_request(method, target, body, headers) }
    # Half a body is no answer.
    short = method != "HEAD" && response.content_length && response.body.to_s.bytesize < response.content_length
    raise EOFError, "the body ends early" if short

    Answer.new(response)
  end

  def scope
    @config["scopes"].empty? ? {} : { scope: @config["scopes"].join(" ") }
  end

  # A grant at the token endpoint, with the client's credentials, and again with the nonce if the org asks for one.
  def grant(form)
    url = "#{@org}/oauth2/v1/token"
    # A code is used up by the request whose answer is lost; assertion and proof are made anew for each.
    repeatable = form[:grant_type] == "client_credentials"
    [false, true].each do |last|
      answer = send_request("POST", url, repeatable: repeatable) { token_request(url, form) }
      given = @proofs && answer["dpop-nonce"]
      @nonce = given if given
      return answer.json if answer.status == 200

      refused = answer.refusal
      raise refused if last || !given || refused.code != "use_dpop_nonce"
    end
  end

  def token_request(url, form)
    id, fields = @config["client_id"], form.dup
    headers = { "Content-Type" => "application/x-www-form-urlencoded" }
    case @auth["method"]
    when "private_key_jwt"
      now = @clock.now.to_i
      claims = { iss: id, sub: id, aud: url, iat: now, exp: now + 300, jti: fresh }
      fields[:client_assertion_type] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
      fields[:client_assertion] = @key.jwt({ typ: "JWT", kid: @auth["kid"] }.compact, claims)
    when "none"
      fields[:client_id] = id
    else
      # As a form has them: id and secret are encoded before they are joined (RFC 6749 2.3.1).
      pair = [id, @auth["client_secret"]].map { |part| URI.encode_www_form_component(part) }.join(":")
      headers["Authorization"] = "Basic #{[pair].pack("m0")}"
    end
    headers["DPoP"] = proof("POST", url, nonce: @nonce) if @proofs
    [headers, URI.encode_www_form(fields)]
  end

  # A proof for one request (RFC 9449): with the nonce for the token endpoint, with the token's digest for the API.
  def proof(method, url, **more)
    claims = { htm: method, htu: url.split(/[?#]/).first, iat: @clock.now.to_i, jti: fresh, **more.compact }
    @proofs.jwt({ typ: "dpop+jwt", jwk: @proofs.jwk }, claims)
  end

  def call_at(method, url, body)
    api_token = @auth["api_token"] if @auth["method"] == "ssws"
    [api_token ? true : false, true].each do |last|
      granted = token unless api_token
      answer = send_request(method, url) do
        headers = api_token ? { "Authorization" => "SSWS #{api_token}" } : authorization(method, url, granted)
        headers["Content-Type"] = "application/json" unless body.nil?
        [headers, body.nil? ? nil : JSON.generate(body)]
      end
      return answer if (200..299).cover?(answer.status)
      raise answer.refusal if answer.status != 401 || last

      @token = nil
    end
  end

  def authorization(method, url, granted)
    kind, value = granted.values_at("token_type", "access_token")
    headers = { "Authorization" => "#{kind} #{value}" }
    headers["DPoP"] = proof(method, url, ath: base64url(Digest::SHA256.digest(value))) if kind.casecmp?("dpop")
    headers
  end

  # A person's token: the browser is played without a window.

  def token_of(person)
    if @refresh_token
      begin
        return keep(grant({ grant_type: "refresh_token", refresh_token: @refresh_token }), nil)
      rescue Refused => e
        # A user who is given too many tokens is told invalid_grant, too, with 429.
        raise if e.status != 400 || e.code != "invalid_grant"

        @refresh_token = nil # the person has to sign in again
      end
    end
    nonce = fresh if @config["scopes"].include?("openid")
    verifier = fresh
    form = { grant_type: "authorization_code", code: code(person, nonce, verifier) }
    keep(grant({ **form, redirect_uri: person["redirect_uri"], code_verifier: verifier }), nonce)
  end

  def keep(answer, nonce)
    if answer["id_token"]
      check_id_token(answer["id_token"], nonce)
    elsif nonce
      raise Refused.new("validation", "the org sent no ID token")
    end
    @refresh_token = answer["refresh_token"] || @refresh_token
    answer
  end

  def code(person, nonce, verifier)
    state = fresh
    asked = {
      client_id: @config["client_id"], response_type: "code", redirect_uri: person["redirect_uri"], state: state,
      code_challenge: base64url(Digest::SHA256.digest(verifier)), code_challenge_method: "S256",
      nonce: nonce, prompt: person["prompt"], **scope
    }.compact
    asked[:sessionToken] = session_token(person) unless person["prompt"] == "none"
    answer = send_request("GET", "#{@org}/oauth2/v1/authorize?#{URI.encode_www_form(asked)}")
    raise answer.refusal if answer.status >= 400

    target, query = answer["location"].to_s.split("?", 2)
    unless [302, 303].include?(answer.status) && target == person["redirect_uri"] && query
      raise Refused.new("validation", "the org does not send the person back to the client")
    end

    back = URI.decode_www_form(query).to_h
    raise Refused.new("validation", "the state of the answer is not that of the request") if back["state"] != state
    raise Refused.new("http_status", back["error_description"].to_s, code: back["error"]) if back["error"]

    back["code"] || raise(Refused.new("validation", "the answer has neither a code nor an error"))
  end

  def session_token(person)
    named = JSON.generate({ username: person["login"], password: person["password"] })
    answer = send_request("POST", "#{@org}/api/v1/authn") { [{ "Content-Type" => "application/json" }, named] }
    raise answer.refusal if answer.status != 200

    said = answer.json
    if said["status"] != "SUCCESS"
      raise Refused.new("validation", "the person cannot sign in", code: said["status"])
    end

    said["sessionToken"]
  end

  def check_id_token(token, nonce)
    answer = send_request("GET", "#{@org}/oauth2/v1/keys")
    raise answer.refusal if answer.status != 200

    head, body, signature = token.split(".")
    header, claims = [head, body].map { |part| JSON.parse(unbase64url(part)) }
    jwk = answer.json["keys"].find { |one| one["kid"] == header["kid"] }
    unless jwk && header["alg"] == "RS256" && public_key(jwk).verify("SHA256", unbase64url(signature), "#{head}.#{body}")
      raise Refused.new("validation", "the ID token is not signed by the org")
    end

    { "iss" => @config["issuer"], "aud" => @config["client_id"], "nonce" => nonce }.compact.each do |name, value|
      raise Refused.new("validation", "#{name} of the ID token is not the expected one") if claims[name] != value
    end
    raise Refused.new("validation", "the ID token has expired") if claims["exp"] < @clock.now - EARLY
  rescue JSON::ParserError
    raise Refused.new("validation", "the ID token cannot be read")
  end

  def public_key(jwk)
    members = %w[n e].map { |name| OpenSSL::ASN1::Integer(OpenSSL::BN.new(unbase64url(jwk[name]), 2)) }
    OpenSSL::PKey::RSA.new(OpenSSL::ASN1::Sequence(members).to_der)
  end
end

# ---- the protocol -----------------------------------------------------------------------------------------------------

class Adapter
  def initialize
    @clock, @line, @requests = Clock.new, Mutex.new, Queue.new
  end

  # Ops are worked off one after the other, but the clock is moved at once: an op may be waiting for it.
  def run
    worker = Thread.new { work }
    $stdin.each_line do |line|
      request = JSON.parse(line)
      if request["op"] == "advance_clock"
        @clock.advance(request["ms"] / 1000.0)
        say(request, { outcome: "ok" })
      else
        @requests << request
      end
      break if request["op"] == "bye"
    end
    @requests.close
    worker.join
  end

  private

  def work
    while (request = @requests.pop)
      begin
        reply = perform(request)
      rescue Refused => e
        reply = e.reply
      rescue StandardError => e # a defect of this adapter, never a verdict on the client
        reply = { outcome: "error", message: "#{e.class}: #{e.message}" }
      end
      say(request, reply)
    end
  end

  def say(request, reply)
    @line.synchronize do
      $stdout.write("#{JSON.generate({ id: request["id"], **reply })}\n")
      $stdout.flush
    end
  end

  def perform(request)
    case request["op"]
    when "hello"
      identity = { name: "ruby-adapter", version: "1", language: "ruby #{RUBY_VERSION}" }
      return { protocol: 1, client: identity, capabilities: CAPABILITIES }
    when "configure"
      @client = Client.new(request["client"], @clock)
      return { outcome: "ok" }
    when "bye"
      return { outcome: "ok" }
    when "get_token", "call", "list_all", "forget_token"
      raise Refused.new("config", "not configured yet") unless @client
    else
      return { outcome: "unsupported" }
    end
    asked_of_the_client(request)
  end

  def asked_of_the_client(request)
    case request["op"]
    when "get_token"
      token = @client.token
      left = (@client.token_until - @clock.now).to_i
      { outcome: "ok", token_type: token["token_type"], expires_in: left, scope: token["scope"].to_s.split }
    when "call"
      answer = @client.call(request["method"], request["path"], request["body"])
      reply = { outcome: "ok", status: answer.status }
      answer.body.empty? ? reply : { **reply, body: answer.json }
    when "list_all"
      values = @client.list_all(request["path"], request["key"])
      { outcome: "ok", count: values.length, values: values }
    else
      @client.forget_token
      { outcome: "ok" }
    end
  end
end

Adapter.new.run if $PROGRAM_NAME == __FILE__
