// npm openid-client and @okta/jwt-verifier against orgtwin, unmodified: what each step came to, one JSON object.
// Usage: node openid_client.mjs CONNECTION.json   (NODE_EXTRA_CA_CERTS names the org's CA)

import { createPrivateKey, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.env.CLIENTS_FOLDER + "/");
const client = await import(require.resolve("openid-client"));
const OktaJwtVerifier = require("@okta/jwt-verifier");

const connection = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { org, web, service, integration, user } = connection;
const seen = {};

// Discovery, then a user signs in: code, PKCE, state, nonce.
const config = await client.discovery(new URL(org), web.client_id, web.client_secret, client.ClientSecretBasic(web.client_secret));
seen.issuer = config.serverMetadata().issuer;
const authn = await fetch(`${org}/api/v1/authn`, {
  method: "POST",
  headers: { "content-type": "application/json", accept: "application/json" },
  body: JSON.stringify({ username: user.login, password: user.password }),
});
const { sessionToken } = await authn.json();
const verifier = client.randomPKCECodeVerifier();
const [state, nonce] = [client.randomState(), client.randomNonce()];
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: web.redirect_uri,
  scope: "openid profile email offline_access",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
  sessionToken,
});
const answer = await fetch(url, { redirect: "manual" });
const location = new URL(answer.headers.get("location"));
const tokens = await client.authorizationCodeGrant(config, location, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
});
seen.code = { scope: tokens.scope, token_type: tokens.token_type, sub: tokens.claims().sub };
seen.userinfo = (await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).preferred_username;

// Refresh, introspect, revoke.
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
seen.refresh = { same: refreshed.refresh_token === tokens.refresh_token, sub: refreshed.claims().sub };
seen.active = (await client.tokenIntrospection(config, refreshed.access_token)).active;
await client.tokenRevocation(config, refreshed.access_token);
seen.revoked = (await client.tokenIntrospection(config, refreshed.access_token)).active;

// Okta's verifier: takes our tokens by our JWKS, refuses a tampered one.
const okta = new OktaJwtVerifier({ issuer: org, clientId: web.client_id, jwksUri: `${org}/oauth2/v1/keys` });
const last = tokens.id_token.at(-2);
const tampered = tokens.id_token.slice(0, -2) + (last === "A" ? "B" : "A") + tokens.id_token.at(-1);
seen.verified = (await okta.verifyIdToken(tokens.id_token, web.client_id, nonce)).claims.sub;
seen.verified_access = (await okta.verifyAccessToken(tokens.access_token, org)).claims.uid;
seen.tampered = await okta.verifyIdToken(tampered, web.client_id, nonce).then(() => "taken", (error) => error.message);

// Client credentials: by secret, and by key with the audience that Okta asks for.
const server = config.serverMetadata();
const bySecret = new client.Configuration(server, integration.client_id, {}, client.ClientSecretBasic(integration.client_secret));
seen.secret = (await client.clientCredentialsGrant(bySecret, { scope: "okta.users.read" })).scope;
const der = createPrivateKey(readFileSync(service.private_key_file)).export({ type: "pkcs8", format: "der" });
const key = await webcrypto.subtle.importKey("pkcs8", der, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, ["sign"]);
const byKey = (audience) =>
  new client.Configuration(server, service.client_id, {}, client.PrivateKeyJwt({ key, kid: service.kid }, {
    [client.modifyAssertion]: (_, payload) => { if (audience) payload.aud = audience; },
  }));
seen.key = (await client.clientCredentialsGrant(byKey(server.token_endpoint), { scope: "okta.users.read" })).scope;
seen.issuer_as_audience = await client.clientCredentialsGrant(byKey(), { scope: "okta.users.read" })
  .then(() => "taken", (error) => error.error_description);

console.log(JSON.stringify(seen));
