// Okta's own SDK, unmodified. It takes http as well as https.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import okta from '@okta/okta-sdk-nodejs';
import { startTwin } from './twin.mjs';

let twin, org;
before(async () => { twin = await startTwin(); });
beforeEach(async () => { org = await twin.newOrg(); });
after(() => twin?.stop());

async function logins() {
  const { client_id, kid } = org.clients.service;
  const client = new okta.Client({
    orgUrl: org.url,
    authorizationMode: 'PrivateKey',
    clientId: client_id,
    scopes: ['okta.users.read'],
    privateKey: org.privateKey('service'),
    keyId: kid,
  });
  const found = [];
  const users = await client.userApi.listUsers({ limit: 100 });
  await users.each(user => { found.push(user.profile.login); });
  return found;
}

test('the SDK reads all pages', async () => {
  assert.equal((await logins()).length, 250);
});

test('the SDK waits for a rate limit', async () => {
  await org.fault({ path: '/api/v1/users', nth: 2 }, { rate_limited: { reset_in_seconds: 1 } });
  assert.equal((await logins()).length, 250);
  assert.deepEqual(await org.seen('/api/v1/users'), [200, 429, 200, 200]);
});

test('the SDK reports a failure', async () => {
  await org.fault({ path: '/api/v1/users' }, { error: 'E0000009' });
  await assert.rejects(logins(), error => error.errorCode === 'E0000009');
});
