// The Management API through Okta's own Node SDK, unmodified: what it makes of the org's answers, area by area.
//
// Usage: node_management.js ORG_URL READY_FILE
// READY_FILE is the one that the server wrote; NODE_PATH names the folder of the installed SDK, NODE_EXTRA_CA_CERTS the
// certificate of the org's CA.
// Prints one JSON line: the assertions that were made, by area, and those that failed.

const fs = require('fs');
const { isDeepStrictEqual } = require('util');
const okta = require('@okta/okta-sdk-nodejs');
const OktaApiError = require('@okta/okta-sdk-nodejs/src/api-error');

const failed = [];
const counts = {};
let area;

/** One assertion. */
function same(what, got, expected) {
  counts[area] = (counts[area] ?? 0) + 1;
  if (!isDeepStrictEqual(got, expected)) {
    failed.push(`${area}: ${what}: ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`);
  }
}

/** The SDK's own error: its class, status, code, summary and causes are an assertion each. */
async function refused(what, call, code, summary, causes = []) {
  const error = await call.then(() => ({}), error => error);
  const [status, errorCode] = code.split(' ');
  same(`${what}: class`, error.constructor, OktaApiError);
  same(`${what}: status`, error.status, Number(status));
  same(`${what}: code`, error.errorCode, errorCode);
  same(`${what}: summary`, error.errorSummary, summary);
  same(`${what}: causes`, error.errorCauses?.map(cause => cause.errorSummary), causes);
}

/** The ids (or another member) of all items of a list, through the SDK's own paging. */
async function all(list, of = item => item.id) {
  const items = [];
  for await (const item of await list) {
    // The SDK ends some lists with a null.
    if (item) items.push(of(item));
  }
  return items;
}

const first = async list => (await (await list).next()).value;
const distinct = items => new Set(items).size;
const sorted = items => [...items].sort();

const DENIED = 'You do not have permission to perform the requested action';
const TAKEN = 'An object with this field already exists in the current organization';
const gone = (id, type) => ['404 E0000007', `Not found: Resource not found: ${id} (${type})`];

const areas = {
  async users({ admin: { userApi }, nobody }) {
    const profile = { login: 'sdk@example.com', email: 'sdk@example.com', firstName: 'Sam', lastName: 'Dent' };
    const created = await userApi.createUser({ body: { profile }, activate: false });
    const userId = created.id;
    same('created', [created.status, created.profile.login], ['STAGED', 'sdk@example.com']);
    same('a date', created.created instanceof Date, true);
    await refused(
      'login taken',
      userApi.createUser({ body: { profile } }),
      '400 E0000001', 'Api validation failed: login', [`login: ${TAKEN}`],
    );
    same('by login', (await userApi.getUser({ userId: 'sdk@example.com' })).id, userId);
    const token = await userApi.activateUser({ userId, sendEmail: false });
    same('activation', token.activationUrl.endsWith(token.activationToken), true);
    same('activated', (await userApi.getUser({ userId })).status, 'PROVISIONED');
    await userApi.updateUser({ userId, user: { profile: { nickName: 'Sammy' } } });
    const merged = (await userApi.getUser({ userId })).profile;
    same('merged', [merged.nickName, merged.lastName], ['Sammy', 'Dent']);
    const replaced = (await userApi.replaceUser({ userId, user: { profile: { ...profile, lastName: 'Dee' } } })).profile;
    same('replaced', [replaced.nickName ?? null, replaced.lastName], [null, 'Dee']);
    const active = await userApi.createUser({
      body: {
        profile: { ...profile, login: 'pass@example.com', email: 'pass@example.com' },
        credentials: { password: { value: 'Kx7!quarzLamp' } },
      },
      activate: true,
    });
    same('with a password', active.status, 'ACTIVE');
    await userApi.suspendUser({ userId: active.id });
    same('suspended', (await userApi.getUser({ userId: active.id })).status, 'SUSPENDED');
    await refused(
      'suspended twice',
      userApi.suspendUser({ userId: active.id }),
      '400 E0000001', 'Api validation failed: suspendUser', ['Cannot suspend a user that is not active'],
    );
    await userApi.unsuspendUser({ userId: active.id });
    same('unsuspended', (await userApi.getUser({ userId: active.id })).status, 'ACTIVE');
    const reset = await userApi.generateResetPasswordToken({ userId: active.id, sendEmail: false });
    same('reset', reset.resetPasswordUrl.includes('/reset_password/'), true);
    const ids = await all(userApi.listUsers({ limit: 100 }));
    same('each user once', [ids.length, distinct(ids)], [252, 252]);
    same('search', await all(userApi.listUsers({ search: 'profile.login eq "sdk@example.com"' })), [userId]);
    same('q', await all(userApi.listUsers({ q: 'Dee' })), [userId]);
    await refused(
      'search that nobody understands',
      all(userApi.listUsers({ search: 'profile.login zz 1' })),
      '400 E0000031', 'Invalid search criteria.', ['Invalid search syntax.'],
    );
    await userApi.deactivateUser({ userId });
    same('deactivated', (await userApi.getUser({ userId })).status, 'DEPROVISIONED');
    await userApi.deleteUser({ userId });
    await refused('deleted', userApi.getUser({ userId }), ...gone(userId, 'User'));
    await userApi.deleteUser({ userId: active.id });
    same('delete of an active user deactivates', (await userApi.getUser({ userId: active.id })).status, 'DEPROVISIONED');
    await refused(
      'a user without a role reads somebody else',
      nobody.userApi.getUser({ userId: active.id }),
      '403 E0000006', DENIED,
    );
  },

  async groups({ admin: { groupApi, userApi }, reader, nobody }) {
    const named = (name, description = 'Made by a test') => ({ group: { profile: { name, description } } });
    const group = await groupApi.createGroup(named('SDK'));
    const groupId = group.id;
    same('created', [group.type, group.objectClass], ['OKTA_GROUP', ['okta:user_group']]);
    same('profile', group.profile.name, 'SDK');
    await refused(
      'name taken', groupApi.createGroup(named('SDK')), '400 E0000001', 'Api validation failed: name', [`name: ${TAKEN}`],
    );
    const renamed = await groupApi.replaceGroup({ groupId, ...named('SDK two', 'Renamed') });
    same('replaced', renamed.profile.description, 'Renamed');
    const people = (await all(userApi.listUsers({ limit: 200 }))).slice(0, 5);
    for (const userId of people) await groupApi.assignUserToGroup({ groupId, userId });
    same('members over pages', sorted(await all(groupApi.listGroupUsers({ groupId, limit: 2 }))), sorted(people));
    await groupApi.unassignUserFromGroup({ groupId, userId: people[0] });
    same('a member less', sorted(await all(groupApi.listGroupUsers({ groupId }))), sorted(people.slice(1)));
    same('groups of a user', (await all(userApi.listUserGroups({ userId: people[1] }))).includes(groupId), true);
    const listed = await all(groupApi.listGroups({ limit: 5 }));
    same('each group once', [listed.length, distinct(listed)], [13, 13]);
    same('search', await all(groupApi.listGroups({ search: 'profile.name eq "SDK two"' })), [groupId]);
    const rule = await groupApi.createGroupRule({
      groupRule: {
        type: 'group_rule',
        name: 'Admins by name',
        conditions: { expression: { type: 'urn:okta:expression:1.0', value: 'user.lastName=="Admin"' } },
        actions: { assignUserToGroups: { groupIds: [groupId] } },
      },
    });
    const ruleId = rule.id;
    same('a rule', rule.status, 'INACTIVE');
    await groupApi.activateGroupRule({ ruleId });
    same('the rule is active', (await groupApi.getGroupRule({ ruleId })).status, 'ACTIVE');
    same('the rule assigns', (await all(groupApi.listGroupUsers({ groupId }), user => user.profile.lastName)).includes('Admin'), true);
    await groupApi.deactivateGroupRule({ ruleId });
    await groupApi.deleteGroupRule({ ruleId });
    await refused('rule deleted', groupApi.getGroupRule({ ruleId }), ...gone(ruleId, 'PolicyRule'));
    await groupApi.deleteGroup({ groupId });
    await refused('deleted', groupApi.getGroup({ groupId }), ...gone(groupId, 'UserGroup'));
    await refused('a reader writes', reader.groupApi.createGroup(named('SDK')), '403 E0000006', DENIED);
    same('nothing to see without a role', await all(nobody.groupApi.listGroups()), []);
  },

  async apps({ admin: { applicationApi, applicationSSOPublicKeysApi, groupApi, userApi }, reader }) {
    const service = await applicationApi.createApplication({ application: serviceApp('SDK service') });
    same('service', [service.constructor, service.status], [okta.OpenIdConnectApplication, 'ACTIVE']);
    same('client id', service.credentials.oauthClient.client_id, service.id);
    same('secret', service.credentials.oauthClient.client_secret.length, 64);
    const web = await applicationApi.createApplication({
      application: oidcApp('SDK web', {
        application_type: 'web',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['https://client.example.com/callback'],
      }),
    });
    const client = (await applicationApi.getApplication({ appId: web.id })).settings.oauthClient;
    same('web', [client.application_type, client.grant_types], ['web', ['authorization_code', 'refresh_token']]);
    same('redirect', client.redirect_uris, ['https://client.example.com/callback']);
    const saml = await applicationApi.createApplication({ application: samlApp('SDK SAML') });
    same('SAML', [saml.constructor, saml.signOnMode], [okta.SamlApplication, 'SAML_2_0']);
    same('SAML audience', saml.settings.signOn.audience, 'https://sp.example.com');
    const keys = await all(applicationApi.listApplicationKeys({ appId: saml.id }), key => key.kid);
    same('SAML keys', keys, [saml.credentials.signing.kid]);
    const listed = await all(applicationApi.listApplications({ limit: 2 }));
    same('each app once', listed.length, distinct(listed));
    same('the new ones are there', [service, web, saml].every(app => listed.includes(app.id)), true);
    same('q', await all(applicationApi.listApplications({ q: 'SDK SAML' })), [saml.id]);
    service.label = 'SDK renamed';
    const renamed = await applicationApi.replaceApplication({ appId: service.id, application: service });
    same('replaced', renamed.label, 'SDK renamed');
    const appId = web.id;
    const user = await first(userApi.listUsers({ limit: 1 }));
    const assigned = await applicationApi.assignUserToApplication({ appId, appUser: { id: user.id, scope: 'USER' } });
    same('a person', [assigned.id, assigned.scope], [user.id, 'USER']);
    same('people', await all(applicationApi.listApplicationUsers({ appId, limit: 1 })), [user.id]);
    await applicationApi.unassignUserFromApplication({ appId, userId: user.id });
    same('no people', await all(applicationApi.listApplicationUsers({ appId })), []);
    const [sales] = await all(groupApi.listGroups({ search: 'profile.name eq "Sales"' }));
    await applicationApi.assignGroupToApplication({ appId, groupId: sales });
    same('groups', await all(applicationApi.listApplicationGroupAssignments({ appId })), [sales]);
    const second = await applicationSSOPublicKeysApi.createOAuth2ClientSecret({ appId });
    same('second secret', [second.id.slice(0, 3), second.status], ['ocs', 'ACTIVE']);
    same('secrets', (await all(applicationSSOPublicKeysApi.listOAuth2ClientSecrets({ appId }))).length, 2);
    await refused(
      'delete while active',
      applicationApi.deleteApplication({ appId }),
      '403 E0000056', 'Delete application forbidden.', ['The application must be deactivated before deletion.'],
    );
    await applicationApi.deactivateApplication({ appId });
    same('deactivated', (await applicationApi.getApplication({ appId })).status, 'INACTIVE');
    await applicationApi.activateApplication({ appId });
    same('activated', (await applicationApi.getApplication({ appId })).status, 'ACTIVE');
    for (const app of [service, web, saml]) {
      await applicationApi.deactivateApplication({ appId: app.id });
      await applicationApi.deleteApplication({ appId: app.id });
    }
    await refused('deleted', applicationApi.getApplication({ appId }), ...gone(appId, 'AppInstance'));
    await refused(
      'a reader writes',
      reader.applicationApi.createApplication({ application: serviceApp('SDK') }),
      '403 E0000006', DENIED,
    );
  },

  async grants({ admin: { applicationApi }, reader, url }) {
    const { id: appId } = await applicationApi.createApplication({ application: serviceApp('SDK grants') });
    const grant = scopeId => applicationApi.grantConsentToScope({ appId, oAuth2ScopeConsentGrant: { issuer: url, scopeId } });
    same('none', await all(applicationApi.listScopeConsentGrants({ appId })), []);
    const granted = await grant('okta.users.read');
    const grantId = granted.id;
    same('granted', [granted.scopeId, granted.status, granted.source], ['okta.users.read', 'ACTIVE', 'ADMIN']);
    same('issuer and client', [granted.issuer, granted.clientId], [url, appId]);
    await grant('okta.groups.read');
    const listed = await all(applicationApi.listScopeConsentGrants({ appId }), one => one.scopeId);
    same('list', sorted(listed), ['okta.groups.read', 'okta.users.read']);
    same('get', (await applicationApi.getScopeConsentGrant({ appId, grantId })).scopeId, 'okta.users.read');
    await refused(
      'no scope',
      grant(''),
      '400 E0000001', 'Api validation failed: scopeId', ['scopeId: The field cannot be left blank'],
    );
    await applicationApi.revokeScopeConsentGrant({ appId, grantId });
    await refused(
      'revoked', applicationApi.getScopeConsentGrant({ appId, grantId }), ...gone(grantId, 'OAuth2ScopeConsentGrant'),
    );
    await refused(
      'a reader writes', reader.applicationApi.revokeScopeConsentGrant({ appId, grantId }), '403 E0000006', DENIED,
    );
    await applicationApi.deactivateApplication({ appId });
    await applicationApi.deleteApplication({ appId });
  },

  async roles({ admin: { roleAssignmentApi, groupApi, userApi }, nobody }) {
    const [userId] = await all(userApi.listUsers({ search: 'profile.login eq "ursula.user@example.com"' }));
    const { id: groupId } = await groupApi.createGroup({ group: { profile: { name: 'SDK admins' } } });
    await refused('before', nobody.roleAssignmentApi.listUsersWithRoleAssignments(), '403 E0000006', DENIED);
    same('nothing to see', await all(nobody.userApi.listUsers({ limit: 200 })), []);
    const role = await roleAssignmentApi.assignRoleToUser({ userId, assignRoleRequest: { type: 'READ_ONLY_ADMIN' } });
    same('user', [role.type, role.label, role.status], ['READ_ONLY_ADMIN', 'Read-only Administrator', 'ACTIVE']);
    same('user assignment', role.assignmentType, 'USER');
    same('something to see', (await all(nobody.userApi.listUsers({ limit: 200 }))).length > 200, true);
    same('list', await all(roleAssignmentApi.listAssignedRolesForUser({ userId })), [role.id]);
    const roleId = role.id;
    same('get', (await roleAssignmentApi.getUserAssignedRole({ userId, roleId })).type, 'READ_ONLY_ADMIN');
    await roleAssignmentApi.unassignRoleFromUser({ userId, roleId });
    same('no role', await all(roleAssignmentApi.listAssignedRolesForUser({ userId })), []);
    // Okta answers 201 with the role (recorded); the SDK looks for a body with 200 only.
    const nothing = await roleAssignmentApi.assignRoleToGroup({ groupId, assignRoleRequest: { type: 'APP_ADMIN' } });
    same('group', nothing, undefined);
    const [ofGroup, ...more] = await all(roleAssignmentApi.listGroupAssignedRoles({ groupId }), one => one);
    same('group list', [ofGroup.type, ofGroup.assignmentType, more], ['APP_ADMIN', 'GROUP', []]);
    same('id that is its type', ofGroup.id, 'IFIFAX2BIRGUSTQ');
    const ofOne = await roleAssignmentApi.getGroupAssignedRole({ groupId, roleId: ofGroup.id });
    same('get of a group', ofOne.label, 'Application Administrator');
    await roleAssignmentApi.unassignRoleFromGroup({ groupId, roleId: ofGroup.id });
    await refused(
      'unassigned',
      roleAssignmentApi.getGroupAssignedRole({ groupId, roleId: ofGroup.id }),
      ...gone(ofGroup.id, 'RoleAssignment'),
    );
    await groupApi.deleteGroup({ groupId });
  },

  async policies({ admin: { policyApi, groupApi } }) {
    const [sales] = await all(groupApi.listGroups({ search: 'profile.name eq "Sales"' }));
    const policy = {
      type: 'OKTA_SIGN_ON',
      name: 'SDK policy',
      description: 'Made by a test',
      conditions: { people: { groups: { include: [sales] } } },
    };
    const made = await policyApi.createPolicy({ policy });
    const policyId = made.id;
    same('created', [made.constructor, made.status, made.priority], [okta.OktaSignOnPolicy, 'ACTIVE', 1]);
    const listed = await all(policyApi.listPolicies({ type: 'OKTA_SIGN_ON' }), one => one);
    same('before the default', listed.map(one => one.name), ['SDK policy', 'Default Policy']);
    same('default', [listed[1].system, listed[1].priority], [true, 2]);
    const renamed = await policyApi.replacePolicy({ policyId, policy: { ...policy, name: 'SDK two' } });
    same('replaced', [renamed.id, renamed.name], [policyId, 'SDK two']);
    await policyApi.deactivatePolicy({ policyId });
    same('deactivated', (await policyApi.getPolicy({ policyId })).status, 'INACTIVE');
    await policyApi.activatePolicy({ policyId });
    same('activated', (await policyApi.getPolicy({ policyId })).status, 'ACTIVE');
    const policyRule = access => ({
      type: 'SIGN_ON',
      name: 'SDK rule',
      actions: {
        signon: {
          access,
          requireFactor: false,
          session: { usePersistentCookie: false, maxSessionIdleMinutes: 720, maxSessionLifetimeMinutes: 0 },
        },
      },
    });
    const rule = await policyApi.createPolicyRule({ policyId, policyRule: policyRule('ALLOW') });
    const ruleId = rule.id;
    same('rule', [rule.constructor, rule.priority], [okta.OktaSignOnPolicyRule, 1]);
    same('action', rule.actions.signon.access, 'ALLOW');
    const changed = await policyApi.replacePolicyRule({ policyId, ruleId, policyRule: policyRule('DENY') });
    same('rule replaced', changed.actions.signon.access, 'DENY');
    await policyApi.deactivatePolicyRule({ policyId, ruleId });
    same('rule deactivated', (await policyApi.getPolicyRule({ policyId, ruleId })).status, 'INACTIVE');
    same('rules', await all(policyApi.listPolicyRules({ policyId })), [ruleId]);
    await policyApi.deletePolicyRule({ policyId, ruleId });
    await refused('rule deleted', policyApi.getPolicyRule({ policyId, ruleId }), ...gone(ruleId, 'PolicyRule'));
    await refused(
      'no such type',
      all(policyApi.listPolicies({ type: 'NOTHING' })),
      '400 E0000002', 'The request was not valid: Invalid policy type specified',
    );
    await refused('the default stays', policyApi.deletePolicy({ policyId: listed[1].id }), '403 E0000006', DENIED);
    await policyApi.deletePolicy({ policyId });
    await refused('deleted', policyApi.getPolicy({ policyId }), ...gone(policyId, 'Policy'));
  },

  async logs({ admin: { systemLogApi, groupApi }, nobody }) {
    const at = offset => new Date(Date.now() + offset).toISOString();
    const [since, until] = [at(-3_600_000), at(60_000)];
    const { id: groupId } = await groupApi.createGroup({ group: { profile: { name: 'SDK log' } } });
    await groupApi.deleteGroup({ groupId });
    const events = await all(systemLogApi.listLogEvents({ since, until, limit: 10 }), event => event);
    same('each event once', distinct(events.map(event => event.uuid)), events.length);
    same('more than a page', events.length > 10, true);
    const times = events.map(event => event.published.getTime());
    same('in order', times, [...times].sort((one, other) => one - other));
    const kinds = events.map(event => event.eventType);
    for (const kind of ['user.lifecycle.create', 'group.lifecycle.create', 'application.lifecycle.create']) {
      same(kind, kinds.includes(kind), true);
    }
    const filter = 'eventType eq "group.lifecycle.delete"';
    const found = await all(systemLogApi.listLogEvents({ since, until, filter }), event => event);
    const last = found.at(-1);
    same('filter', distinct(found.map(event => event.eventType)), 1);
    same('actor', [last.actor.type, last.actor.alternateId], ['User', 'ada.admin@example.com']);
    same('target', last.target.map(target => [target.type, target.id]), [['UserGroup', groupId]]);
    same('outcome', [last.outcome.result, last.severity], ['SUCCESS', 'INFO']);
    await refused(
      'filter that nobody understands',
      all(systemLogApi.listLogEvents({ filter: 'eventType eqq "x"' })),
      '400 E0000053',
      `Invalid filter 'eventType eqq "x"': Unrecognized attribute operator 'eqq' at position 10. `
        + 'Expected: eq,co,sw,pr,gt,ge,lt,le',
    );
    await refused('no role', all(nobody.systemLogApi.listLogEvents({})), '403 E0000006', DENIED);
  },

  /** A token that lacks the scope: a 403 with an empty body, which is no OktaApiError. */
  async scopes({ service }) {
    const error = await all(service.policyApi.listPolicies({ type: 'PASSWORD' })).catch(error => error);
    same('error', [error.name, error.status], ['HttpError', 403]);
    same('the reason is in the challenge', error.headers.get('www-authenticate').includes('error="insufficient_scope"'), true);
    same('with the scope it reads', (await all(service.groupApi.listGroups({ limit: 5 }))).length, 12);
  },
};

function oidcApp(label, oauthClient) {
  return {
    name: 'oidc_client',
    label,
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { token_endpoint_auth_method: 'client_secret_basic' } },
    settings: { oauthClient },
  };
}

const serviceApp = label =>
  oidcApp(label, { application_type: 'service', grant_types: ['client_credentials'], response_types: ['token'] });

const samlApp = label => ({
  label,
  signOnMode: 'SAML_2_0',
  settings: {
    signOn: {
      defaultRelayState: '',
      ssoAcsUrl: 'https://sp.example.com/acs',
      recipient: 'https://sp.example.com/acs',
      destination: 'https://sp.example.com/acs',
      audience: 'https://sp.example.com',
      subjectNameIdTemplate: '${user.userName}',
      subjectNameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
      responseSigned: true,
      assertionSigned: true,
      signatureAlgorithm: 'RSA_SHA256',
      digestAlgorithm: 'SHA256',
      honorForceAuthn: true,
      authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      samlAssertionLifetimeSeconds: 300,
    },
  },
});

function clients(orgUrl, ready) {
  // Its cache would answer for the org.
  const client = settings => new okta.Client({ orgUrl, cacheMiddleware: null, ...settings });
  const token = name => client({ token: ready.api_tokens.find(token => token.name === name).token });
  const service = ready.clients.find(one => one.name === 'service');
  return {
    url: orgUrl,
    admin: token('super admin'),
    reader: token('read-only admin'),
    nobody: token('a user without a role'),
    service: client({
      authorizationMode: 'PrivateKey',
      clientId: service.client_id,
      scopes: ['okta.users.read', 'okta.groups.read'],
      privateKey: fs.readFileSync(service.private_key_file, 'ascii'),
      keyId: service.kid,
    }),
  };
}

async function main(orgUrl, readyFile) {
  const org = clients(orgUrl, JSON.parse(fs.readFileSync(readyFile, 'utf8')));
  for (const [name, run] of Object.entries(areas)) {
    area = name;
    // What is left of an area after an unexpected error cannot be tried.
    await run(org).catch(error => failed.push(`${name}: ${error.name} ${error.message}\n${error.stack}`));
  }
  const assertions = Object.values(counts).reduce((sum, count) => sum + count, 0);
  console.log(JSON.stringify({ assertions, by_area: counts, failed }));
}

main(...process.argv.slice(2));
