import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { byKey, bySecret, listUsers } from './directory.mjs';
import { startTwin } from './twin.mjs';

let twin, org;
before(async () => { twin = await startTwin(); });
beforeEach(async () => { org = await twin.newOrg(); });
after(() => twin?.stop());

async function all(users) {
  const ids = new Set();
  for await (const user of users) ids.add(user.id);
  return ids.size;
}

function asIntegration() {
  const { client_id, client_secret } = org.clients.acmesync;
  return bySecret(org.url, client_id, client_secret);
}

function asServiceApp(name) {
  const { client_id, kid } = org.clients[name];
  return byKey(org.url, client_id, org.privateKey(name), kid);
}

test('an integration reads all pages', async () => {
  assert.equal(await all(listUsers(org.url, await asIntegration())), 250);
  assert.deepEqual(await org.seen('/api/v1/users'), [200, 200, 200]);
});

test('a service app reads all pages', async () => {
  assert.equal(await all(listUsers(org.url, await asServiceApp('service'))), 250);
});

test('without an admin role the list is empty', async () => {
  assert.equal(await all(listUsers(org.url, await asServiceApp('service-without-role'))), 0);
});

test('a failure of the org is told', async () => {
  await org.fault({ path: '/api/v1/users', times: 1 }, { status: 503 });
  await assert.rejects(all(listUsers(org.url, await asIntegration())), /^Error: 503/);
});

test('a rate limit is waited for', async () => {
  await org.fault({ path: '/api/v1/users', nth: 2 }, { rate_limited: { reset_in_seconds: 1 } });
  assert.equal(await all(listUsers(org.url, await asIntegration())), 250);
  assert.deepEqual(await org.seen('/api/v1/users'), [200, 429, 200, 200]);
});
