// Okta's own Node SDK against orgtwin, unmodified: reads all users, two a page, and prints their ids as one JSON line.
//
// Usage: node_sdk.js ORG_URL CLIENT_ID PRIVATE_KEY_FILE
// NODE_PATH names the folder of the installed SDK, NODE_EXTRA_CA_CERTS the certificate of the org's CA.

const fs = require('fs');
const okta = require('@okta/okta-sdk-nodejs');

async function main(orgUrl, clientId, keyFile) {
  const client = new okta.Client({
    orgUrl,
    authorizationMode: 'PrivateKey',
    clientId,
    scopes: ['okta.users.read'],
    privateKey: fs.readFileSync(keyFile, 'ascii'),
    keyId: 'current',
  });
  const ids = [];
  const users = await client.userApi.listUsers({ limit: 2 });
  await users.each(user => { ids.push(user.id); });
  console.log(JSON.stringify({ ids }));
}

main(...process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
