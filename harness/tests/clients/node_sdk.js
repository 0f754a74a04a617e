// Okta's own Node SDK against orgtwin, unmodified: what each intent came to, one JSON object a line.
//
// Usage: node_sdk.js ORG_URL CLIENT_ID PRIVATE_KEY_FILE INTENT...
// list_all reads all users, two a page; first_user asks for one page of them.
// NODE_PATH names the folder of the installed SDK, NODE_EXTRA_CA_CERTS the certificate of the org's CA.

const fs = require('fs');
const okta = require('@okta/okta-sdk-nodejs');

async function listAll(client) {
  const ids = [];
  const users = await client.userApi.listUsers({ limit: 2 });
  await users.each(user => { ids.push(user.id); });
  return { ids };
}

async function firstUser(client) {
  const users = await client.userApi.listUsers({ limit: 2 });
  const { value } = await users.next();
  return { id: value.id };
}

const INTENTS = { list_all: listAll, first_user: firstUser };

/** An error as a user of the SDK sees it. */
function described(error) {
  return { type: error.constructor.name, status: error.status, code: error.errorCode, text: error.message };
}

async function main(orgUrl, clientId, keyFile, ...intents) {
  const client = new okta.Client({
    orgUrl,
    authorizationMode: 'PrivateKey',
    clientId,
    scopes: ['okta.users.read'],
    privateKey: fs.readFileSync(keyFile, 'ascii'),
    keyId: 'current',
  });
  for (const intent of intents) {
    const outcome = await INTENTS[intent](client).catch(error => ({ error: described(error) }));
    console.log(JSON.stringify({ intent, ...outcome }));
  }
}

main(...process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
