// Prints users of an Okta org as JSON, with Okta's SDK: all of them (`list`), the first page (`read`), one (`get ID`).
const fs = require('fs');
const okta = require('@okta/okta-sdk-nodejs');

const client = new okta.Client({
  orgUrl: process.env.OKTA_ORG,
  authorizationMode: 'PrivateKey',
  clientId: process.env.OKTA_APP,
  privateKey: fs.readFileSync(process.env.OKTA_KEY, 'utf8'),
  keyId: process.env.OKTA_KID,
  scopes: process.env.OKTA_SCOPES.split(' '),
  requestExecutor: new okta.DefaultRequestExecutor({ maxRetries: Number(process.env.OKTA_RETRIES ?? 2) }),
});

async function main(what, id) {
  if (what === 'get') {
    const user = await client.userApi.getUser({ userId: id });
    return { id: user.id, status: user.status };
  }
  const users = await client.userApi.listUsers();
  const ids = [];
  if (what === 'read') {
    const first = await users.next();
    if (!first.done) ids.push(first.value.id, ...users.currentItems.map(user => user.id));
    return { ids };
  }
  await users.each(user => { ids.push(user.id); });
  return { ids };
}

main(...process.argv.slice(2)).then(
  found => console.log(JSON.stringify(found)),
  error => {
    console.error(`Okta says no: ${error.message}`);
    process.exitCode = 1;
  },
);
