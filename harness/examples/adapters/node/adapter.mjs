#!/usr/bin/env node
// An orgtwin adapter in plain Node 18.17+: no packages.
//
// It is a whole little Okta client (tokens, proofs of possession, calls, pages, rate limits) behind the adapter
// protocol: one JSON request a line on stdin, one JSON reply a line on stdout. Around a real SDK only `Client` would be
// smaller: `getToken`, `call` and `listAll` are what you replace.
//
//     orgtwin client lint stdio -- node adapter.mjs
//     orgtwin test --client stdio -- node adapter.mjs

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import readline from "node:readline";
import tls from "node:tls";

const CAPABILITIES = [
  "auth.private_key_jwt",
  "auth.client_secret_basic",
  "auth.none",
  "auth.ssws",
  "alg.ES256",
  "grant.authorization_code",
  "dpop",
  "list_all",
  "forget_token",
  "clock.inject",
  "tls",
];
const ATTEMPTS = 4; // at one request that is rate limited, or that an ill org answers
const LONGEST_S = 7200; // of one wait; an org that asks for more is reported to the caller
const EARLY_S = 60; // before its end at which a token is replaced
const PATIENCE_MS = 30_000; // for one answer

/** The client's own negative result: what the caller of an SDK would see as its error. */
class Refused extends Error {
  constructor(reason, message, status, code) {
    super(message);
    this.reply = { outcome: "refused", reason, error: { message } };
    if (status !== undefined) this.reply.status = status;
    if (code) this.reply.error.code = code;
  }
}

/** Connections through an HTTP proxy: CONNECT, and TLS inside of it. */
class Tunnel extends https.Agent {
  constructor(proxy, options) {
    super(options);
    this.proxy = new URL(proxy);
  }

  createConnection(options, done) {
    const { hostname, port } = this.proxy;
    const path = `${options.host}:${options.port}`;
    const connect = http.request({ hostname, port, method: "CONNECT", path, headers: { Host: path }, agent: false });
    connect.on("connect", ({ statusCode }, socket) => {
      if (statusCode !== 200) return done(new Error(`the proxy answers ${statusCode}`));
      const servername = net.isIP(options.host) ? "" : options.host;
      done(null, tls.connect({ ...options, socket, servername }));
    });
    connect.on("error", done);
    connect.end();
  }
}

function agentOf({ org_url, ca_pem, proxy }) {
  if (!org_url.startsWith("https:")) return new http.Agent({ keepAlive: true });
  const options = { keepAlive: true, ca: ca_pem ?? undefined };
  return proxy ? new Tunnel(proxy, options) : new https.Agent(options);
}

/** The client's own clock. The suite may move it (`advance_clock`): then who waits goes on from the new time. */
class Clock {
  #ahead = 0;
  #sleepers = new Set();

  now() {
    return Math.floor((Date.now() + this.#ahead) / 1000);
  }

  advance(ms) {
    this.#ahead += ms;
    for (const wake of [...this.#sleepers]) wake();
  }

  /** How far it was moved so far. */
  mark() {
    return this.#ahead;
  }

  /** Waits; what the clock was moved since `mark` counts as waited already. */
  async sleep(ms, mark) {
    const until = Date.now() + mark + ms;
    for (let left; (left = until - Date.now() - this.#ahead) > 0; ) {
      await new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#sleepers.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.min(left, 2 ** 31 - 1));
        this.#sleepers.add(wake);
      });
    }
  }
}

const base64url = (data) => Buffer.from(data).toString("base64url");
const fresh = () => randomBytes(32).toString("base64url");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A signed JWT; `key` is a KeyObject. */
function jwt(header, claims, key) {
  const signed = [header, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
  return `${signed}.${base64url(signature)}`;
}

// ---- the client ---------------------------------------------------------------------------------------------------

class Client {
  constructor(config, clock) {
    this.config = config;
    this.clock = clock;
    this.token = null; // the answer of the token endpoint, and `until`
    this.refreshToken = null;
    this.agent = agentOf(config);
    const { auth } = config;
    if (auth.method === "private_key_jwt") {
      if (!["RS256", "ES256"].includes(auth.alg ?? "RS256")) throw new Refused("config", `cannot sign ${auth.alg}`);
      try {
        this.key = createPrivateKey(auth.private_key_pem);
      } catch (error) {
        throw new Refused("config", `the private key cannot be read: ${error.message}`);
      }
    }
    if (config.dpop) this.proofs = { ...generateKeyPairSync("ec", { namedCurve: "P-256" }), nonce: null };
  }

  /** One exchange; redirects are answers like any other. */
  exchange({ url, method = "GET", headers = {}, body }) {
    const { agent } = this;
    headers = { "User-Agent": "orgtwin-node-adapter/1", Accept: "application/json", ...headers };
    if (body !== undefined) headers["Content-Length"] = Buffer.byteLength(body);
    return new Promise((resolve, reject) => {
      const library = url.startsWith("https:") ? https : http;
      const request = library.request(url, { method, headers, agent, timeout: PATIENCE_MS }, (answer) => {
        const chunks = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          if (!answer.complete) return reject(new Error("the answer breaks off"));
          const text = Buffer.concat(chunks).toString();
          resolve({ status: answer.statusCode, headers: answer.headers, lines: answer.headersDistinct, text });
        });
      });
      request.on("timeout", () => request.destroy(new Error("no answer in time")));
      request.on("error", reject);
      request.end(body);
    });
  }

  /**
   * Sends a request, again after each 429 once its bucket has reset, and a little later when the org is ill. A write that
   * is not `repeatable` is only repeated when the org says that it did nothing (503): nobody knows what became of a
   * lost one.
   */
  async send(makeRequest, repeatable = false) {
    for (let attempt = 1; ; attempt++) {
      const request = makeRequest();
      const harmless = repeatable || ["GET", "HEAD", undefined].includes(request.method);
      const last = attempt === ATTEMPTS;
      const mark = this.clock.mark();
      let answer;
      try {
        answer = await this.exchange(request);
      } catch (error) {
        if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(error.code ?? "")) throw new Refused("tls", error.message);
        if (last || !harmless) throw new Refused("transport", error.message);
        await pause(50 * 2 ** attempt);
        continue;
      }
      const { status, headers, lines } = answer;
      if (status === 503 || (harmless && [500, 502, 504].includes(status))) {
        if (last) return answer;
        await pause(50 * 2 ** attempt);
        continue;
      }
      if (status !== 429) return answer;
      // Both times are the org's own: the clock of this machine does not matter.
      const [reset, date] = [Number(lines["x-rate-limit-reset"]?.[0]), Date.parse(headers.date) / 1000];
      const wait = Math.max(0, reset - date) + 1;
      if (last || !(wait <= LONGEST_S)) throw refusal(answer, "retries_exhausted");
      await this.clock.sleep(wait * 1000, mark);
    }
  }

  async getToken() {
    if (this.token && this.clock.now() < this.token.until - EARLY_S) return this.token;
    const { config } = this;
    if (config.auth.method === "ssws") {
      throw new Refused("config", "an API token is no OAuth client: there is no token to get");
    }
    const asked = this.clock.now();
    const answer = config.sign_in
      ? await this.tokenOf(config.sign_in)
      : await this.grant({ grant_type: "client_credentials", ...scope(config.scopes) });
    const kinds = config.dpop ? ["bearer", "dpop"] : ["bearer"];
    if (!kinds.includes(String(answer.token_type).toLowerCase())) {
      throw new Refused("validation", `a token of the type ${answer.token_type} was not asked for`);
    }
    this.token = { ...answer, until: asked + answer.expires_in };
    return this.token;
  }

  /** A grant at the token endpoint, with the client's credentials, and again with the nonce if the org asks for one. */
  async grant(form) {
    const url = `${this.config.org_url}/oauth2/v1/token`;
    for (let last = false; ; last = true) {
      // A code is used up by the request whose answer is lost; assertion and proof are made anew for each.
      const answer = await this.send(() => this.tokenRequest(url, form), form.grant_type === "client_credentials");
      const nonce = answer.headers["dpop-nonce"];
      if (this.proofs && nonce) this.proofs.nonce = nonce;
      if (answer.status === 200) return parsed(answer);
      const refused = refusal(answer);
      if (last || !this.proofs || !nonce || refused.reply.error.code !== "use_dpop_nonce") throw refused;
    }
  }

  tokenRequest(url, form) {
    const { client_id, auth } = this.config;
    const fields = { ...form };
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    if (auth.method === "private_key_jwt") {
      fields.client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
      fields.client_assertion = this.assertion(url);
    } else if (auth.method === "none") {
      fields.client_id = client_id;
    } else {
      const pair = [client_id, auth.client_secret].map(encodeURIComponent).join(":");
      headers.Authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    }
    if (this.proofs) headers.DPoP = this.proof("POST", url);
    return { url, method: "POST", headers, body: new URLSearchParams(fields).toString() };
  }

  assertion(audience) {
    const { client_id, auth } = this.config;
    const now = this.clock.now();
    const header = { alg: auth.alg ?? "RS256", typ: "JWT", ...(auth.kid && { kid: auth.kid }) };
    const claims = { iss: client_id, sub: client_id, aud: audience, iat: now, exp: now + 300, jti: fresh() };
    return jwt(header, claims, this.key);
  }

  /** A proof for one request: with the nonce for the token endpoint, with the token's digest for the API. */
  proof(method, url, token) {
    const { privateKey, publicKey, nonce } = this.proofs;
    const header = { alg: "ES256", typ: "dpop+jwt", jwk: publicKey.export({ format: "jwk" }) };
    const claims = { htm: method, htu: url.split(/[?#]/)[0], iat: this.clock.now(), jti: fresh() };
    if (token) claims.ath = createHash("sha256").update(token).digest("base64url");
    else if (nonce) claims.nonce = nonce;
    return jwt(header, claims, privateKey);
  }

  // A person's token: the browser is played without a window.

  async tokenOf(person) {
    if (this.refreshToken) {
      try {
        return await this.keep(await this.grant({ grant_type: "refresh_token", refresh_token: this.refreshToken }));
      } catch (refused) {
        // A user who is given too many tokens is told invalid_grant, too, with 429.
        const { status, error } = refused.reply ?? {};
        if (status !== 400 || error?.code !== "invalid_grant") throw refused;
        this.refreshToken = null; // the person has to sign in again
      }
    }
    const nonce = this.config.scopes.includes("openid") ? fresh() : undefined;
    const code_verifier = fresh();
    const code = await this.code(person, nonce, code_verifier);
    const { redirect_uri } = person;
    return this.keep(await this.grant({ grant_type: "authorization_code", code, redirect_uri, code_verifier }), nonce);
  }

  async keep(answer, nonce) {
    if (answer.id_token) await this.checkIdToken(answer.id_token, nonce);
    else if (nonce) throw new Refused("validation", "the org sent no ID token");
    this.refreshToken = answer.refresh_token ?? this.refreshToken;
    return answer;
  }

  async code(person, nonce, verifier) {
    const { org_url, client_id, scopes } = this.config;
    const { redirect_uri, prompt } = person;
    const state = fresh();
    const code_challenge = createHash("sha256").update(verifier).digest("base64url");
    const query = { client_id, response_type: "code", redirect_uri, state, code_challenge, code_challenge_method: "S256" };
    Object.assign(query, scope(scopes), nonce && { nonce }, prompt && { prompt });
    if (prompt !== "none") query.sessionToken = await this.sessionToken(person);
    const answer = await this.send(() => ({ url: `${org_url}/oauth2/v1/authorize?${new URLSearchParams(query)}` }));
    if (answer.status >= 400) throw refusal(answer);
    const [target, search] = (answer.headers.location ?? "").split("?", 2);
    if (![302, 303].includes(answer.status) || target !== redirect_uri) {
      throw new Refused("validation", "the org does not send the person back to the client");
    }
    const back = new URLSearchParams(search);
    if (back.get("state") !== state) throw new Refused("validation", "the state of the answer is not that of the request");
    if (back.has("error")) {
      throw new Refused("http_status", back.get("error_description") ?? "", undefined, back.get("error"));
    }
    if (!back.has("code")) throw new Refused("validation", "the answer has neither a code nor an error");
    return back.get("code");
  }

  async sessionToken({ login, password }) {
    const url = `${this.config.org_url}/api/v1/authn`;
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ username: login, password });
    const answer = await this.send(() => ({ url, method: "POST", headers, body }));
    if (answer.status !== 200) throw refusal(answer);
    const { status, sessionToken } = parsed(answer);
    if (status !== "SUCCESS") throw new Refused("validation", "the person cannot sign in", undefined, status);
    return sessionToken;
  }

  async checkIdToken(token, nonce) {
    const wrong = (message) => new Refused("validation", message);
    const answer = await this.send(() => ({ url: `${this.config.org_url}/oauth2/v1/keys` }));
    if (answer.status !== 200) throw refusal(answer);
    const [header, claims, signature] = token.split(".");
    const read = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
    const { alg, kid } = read(header);
    const jwk = parsed(answer).keys.find((key) => key.kid === kid);
    const signed = Buffer.from(`${header}.${claims}`);
    const key = jwk && createPublicKey({ key: jwk, format: "jwk" });
    if (!key || alg !== "RS256" || !verify("sha256", signed, key, Buffer.from(signature, "base64url"))) {
      throw wrong("the ID token is not signed by the org");
    }
    const expected = { iss: this.config.issuer, aud: this.config.client_id, ...(nonce && { nonce }) };
    const found = read(claims);
    for (const [name, value] of Object.entries(expected)) {
      if (found[name] !== value) throw wrong(`${name} of the ID token is not the expected one`);
    }
    if (found.exp < this.clock.now() - EARLY_S) throw wrong("the ID token has expired");
  }

  /** An authenticated call; a token that is no longer accepted is replaced once. */
  async call(method, url, body) {
    const { auth } = this.config;
    for (let last = auth.method === "ssws"; ; last = true) {
      const token = auth.method === "ssws" ? null : await this.getToken();
      const bound = token?.token_type.toLowerCase() === "dpop";
      const answer = await this.send(() => {
        const headers = { Authorization: token ? `${token.token_type} ${token.access_token}` : `SSWS ${auth.api_token}` };
        if (bound) headers.DPoP = this.proof(method, url, token.access_token);
        if (body === undefined) return { url, method, headers };
        headers["Content-Type"] = "application/json";
        return { url, method, headers, body: JSON.stringify(body) };
      });
      if (answer.status >= 200 && answer.status < 300) return answer;
      if (answer.status !== 401 || last) throw refusal(answer);
      this.token = null;
    }
  }

  async listAll(path, key) {
    const org = this.config.org_url;
    const [seen, values] = [new Set(), []];
    for (let url = org + path; url; ) {
      if (seen.has(url)) throw new Refused("validation", "the org handed out a page that was read already");
      if (!URL.canParse(url) || new URL(url).origin !== new URL(org).origin) {
        throw new Refused("validation", "the next page is at another origin");
      }
      seen.add(url);
      const answer = await this.call("GET", url);
      const page = parsed(answer);
      if (!Array.isArray(page)) throw new Refused("validation", "the page is not a JSON array");
      values.push(...page.map((element) => element[key]));
      url = nextPage(answer.lines.link ?? []);
    }
    return values;
  }
}

const scope = (scopes) => (scopes.length ? { scope: scopes.join(" ") } : {});

function nextPage(lines) {
  for (const line of lines) {
    for (const [, target, parameters] of line.matchAll(/<([^>]*)>((?:[^,"]|"[^"]*")*)/g)) {
      if (/;\s*rel="?next"?/i.test(parameters)) return target;
    }
  }
  return null;
}

function parsed({ headers, text }) {
  const kind = (headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (kind !== "application/json") throw new Refused("validation", "the answer is not application/json");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refused("validation", `the answer is not JSON: ${error.message}`);
  }
}

/** Okta's error, OAuth's, or what the challenge says when the body is empty. */
function refusal({ status, headers, text }, reason = "http_status") {
  let answer = {};
  try {
    answer = JSON.parse(text) ?? {};
  } catch {
    // Not every refusal has a body.
  }
  const challenge = Object.fromEntries(
    [...(headers["www-authenticate"] ?? "").matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
  const code = answer.errorCode ?? answer.error ?? challenge.error;
  const message = answer.errorSummary ?? answer.error_description ?? challenge.error_description ?? "";
  return new Refused(reason, message, status, code);
}

// ---- the protocol -------------------------------------------------------------------------------------------------

async function perform(client, { op, method, path, body, key }) {
  switch (op) {
    case "get_token": {
      const { token_type, scope = "", until } = await client.getToken();
      const granted = scope.split(" ").filter(Boolean);
      return { outcome: "ok", token_type, expires_in: until - client.clock.now(), scope: granted };
    }
    case "call": {
      const answer = await client.call(method, client.config.org_url + path, body);
      return { outcome: "ok", status: answer.status, ...(answer.text && { body: parsed(answer) }) };
    }
    case "list_all": {
      const values = await client.listAll(path, key);
      return { outcome: "ok", count: values.length, values };
    }
    case "forget_token":
      client.token = null;
      return { outcome: "ok" };
  }
}

const clock = new Clock();
const say = (id, reply) => process.stdout.write(`${JSON.stringify({ id, ...reply })}\n`);
let client = null;

async function answer(request) {
  switch (request.op) {
    case "hello": {
      const identity = { name: "node-adapter", version: "1", language: `node ${process.versions.node}` };
      return { protocol: 1, client: identity, capabilities: CAPABILITIES };
    }
    case "configure":
      client = new Client(request.client, clock);
      return { outcome: "ok" };
    case "get_token":
    case "call":
    case "list_all":
    case "forget_token":
      if (!client) throw new Refused("config", "not configured yet");
      return perform(client, request);
    case "bye":
      return { outcome: "ok" };
    default:
      return { outcome: "unsupported" };
  }
}

// Ops are worked off one after the other, but the clock is moved at once: an op may be waiting for it.
let turn = Promise.resolve();
for await (const line of readline.createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.op === "advance_clock") {
    clock.advance(request.ms);
    say(request.id, { outcome: "ok" });
    continue;
  }
  turn = turn.then(async () => {
    let reply;
    try {
      reply = await answer(request);
    } catch (error) {
      // What is not the client's refusal is a defect of this adapter, never a verdict on the client.
      reply = error instanceof Refused ? error.reply : { outcome: "error", message: String(error?.stack ?? error) };
    }
    say(request.id, reply);
  });
  if (request.op === "bye") break;
}
await turn;
process.exit(0);
