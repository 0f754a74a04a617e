// The code under test: reads the users of an Okta org, with openid-client for the tokens.

import { createPrivateKey, webcrypto } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as client from 'openid-client';

/** An API service integration of the OIN: client id and secret, by HTTP Basic. */
export function bySecret(orgUrl, clientId, clientSecret) {
  return token(orgUrl, clientId, client.ClientSecretBasic(clientSecret));
}

/** A service app: a signed assertion. openid-client addresses it to the issuer; Okta wants the token endpoint. */
export async function byKey(orgUrl, clientId, privateKey, kid) {
  const der = createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'der' });
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  return token(orgUrl, clientId, client.PrivateKeyJwt({ key, kid }, {
    [client.modifyAssertion]: (_header, payload) => { payload.aud = `${orgUrl}/oauth2/v1/token`; },
  }));
}

async function token(orgUrl, clientId, authentication) {
  // Plain http is for the twin on this machine; openid-client refuses it otherwise.
  const execute = orgUrl.startsWith('http://') ? [client.allowInsecureRequests] : [];
  const config = await client.discovery(new URL(orgUrl), clientId, {}, authentication, { execute });
  return (await client.clientCredentialsGrant(config, { scope: 'okta.users.read' })).access_token;
}

/** One call. Who is told 429 waits until the window ends; Okta sends no Retry-After. */
async function get(url, accessToken) {
  for (;;) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });
    if (response.ok) return response;
    if (response.status !== 429) throw new Error(`${response.status} ${await response.text()}`);
    const [now, reset] = [Date.parse(response.headers.get('date')), response.headers.get('x-rate-limit-reset')];
    await sleep(reset * 1000 - now + 1000);
  }
}

/** All users, page by page, as the `next` links lead. */
export async function* listUsers(orgUrl, accessToken) {
  let url = `${orgUrl}/api/v1/users?limit=100`;
  while (url) {
    const page = await get(url, accessToken);
    yield* await page.json();
    url = page.headers.get('link').match(/<([^>]+)>; rel="next"/)?.[1];
  }
}
