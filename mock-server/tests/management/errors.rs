//! Errors of the catalogue: the requests that meet them, and what is answered. Each row is an org of its own.
//!
//! A row has the answer (status, code, summary, then the causes behind `|`) and the requests, a line each: the method,
//! the target, the body. `name = …` keeps the id of what is answered, `name@/pointer = …` another member; `<name>`
//! stands for it afterwards. `[Header: value]` in front sets a header. The last request is the one that is refused.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use mock_server::facts::facts;
use mock_server::org::change::Change;
use serde_json::{Value, json};

use crate::client::{Answer, Client, SUPER};

/// What is answered, and the requests.
type Row = (&'static str, &'static str);

const GATE: &[Row] = &[
    ("403 E0000005 Invalid session", "[Authorization: Negotiate x] GET /api/v1/users"),
    ("401 E0000011 Invalid token provided", "[Authorization: SSWS 00nothing] GET /api/v1/users"),
    (
        "403 E0000006 You do not have permission to perform the requested action",
        "[Authorization: SSWS 00devReportToken0000000000000000000000000A] GET /api/v1/users/me/roles",
    ),
    (
        "401 E0000015 You do not have permission to access the feature you are requesting",
        "b@/0/id = GET /api/v1/brands\nGET /api/v1/brands/<b>/well-known-uris",
    ),
    ("404 E0000008 The requested path was not found", "GET /nonsense"),
    ("405 E0000022 The endpoint does not support the provided HTTP method", "POST /api/v1/realms/guo1 {}"),
    (
        "400 E0000021 Bad request.  Accept and/or Content-Type headers likely do not match supported values.",
        "[Content-Type: application/x-www-form-urlencoded] POST /api/v1/groups a=b",
    ),
    ("400 E0000003 The request body was not well-formed.", "POST /api/v1/groups {"),
    (
        "400 E0000001 Api validation failed: name | name: The field cannot be left blank",
        r#"POST /api/v1/groups {"profile":{}}"#,
    ),
    // Bodies that do not tell their kind, found by fuzzing.
    (
        "400 E0000001 Api validation failed: credentials | credentials: The field has an invalid value",
        r#"POST /api/v1/apps {"label":"a","name":"oidc_client","credentials":"x"}"#,
    ),
    (
        "400 E0000001 Api validation failed: protocol | protocol: The field has an invalid value",
        r#"POST /api/v1/idps {"name":"a","type":"SAML2","protocol":"x"}"#,
    ),
    (
        "400 E0000001 Api validation failed: trust | trust: The field has an invalid value",
        r#"POST /api/v1/idps {"name":"a","type":"SAML2","protocol":{"credentials":{"trust":"x"}}}"#,
    ),
    (
        "400 E0000001 Api validation failed: locations | locations: The field has an invalid value",
        "z = POST /api/v1/zones {\"name\":\"a\",\"type\":\"DYNAMIC_V2\"}\n\
         PUT /api/v1/zones/<z> {\"name\":\"a\",\"locations\":[{\"country\":\"DE\"}]}",
    ),
    ("404 E0000007 Not found: Resource not found: 00g1 (UserGroup)", "GET /api/v1/groups/00g1"),
    ("401 E0000004 Authentication failed", r#"POST /api/v1/sessions {"sessionToken":"x"}"#),
];

const LISTS: &[Row] = &[
    ("400 E0000029 Invalid paging request. | Invalid cursor.", "GET /api/v1/apps?after=nothing"),
    ("400 E0000031 Invalid search criteria. | Invalid cursor.", "GET /api/v1/devices?after=nothing"),
    (
        "400 E0000033 Bad request. Can't specify a search query and filter in the same request.",
        "GET /api/v1/users?search=id+pr&filter=status+eq+%22ACTIVE%22",
    ),
    (
        "400 E0000002 The request was not valid: Invalid policy type specified",
        "GET /api/v1/policies?type=NOTHING",
    ),
    (
        "400 E0000028 The request is missing a required parameter.",
        "GET /.well-known/app-authenticator-configuration",
    ),
];

const PEOPLE: &[Row] = &[
    (
        "400 E0000124 Could not create user. To create a user and expire their password immediately, a password must \
         be specified",
        "POST /api/v1/users?nextLogin=changePassword <person>",
    ),
    (
        "400 E0000125 Could not create user. To create a user and expire their password immediately, \"activate\" \
         must be true",
        "POST /api/v1/users?activate=false&nextLogin=changePassword <member>",
    ),
    ("400 E0000093 Target count limit exceeded", "POST /api/v1/users <joiner>"),
    (
        "403 E0000016 Activation failed because the user is already active",
        "u = POST /api/v1/users <member>\nPOST /api/v1/users/<u>/lifecycle/activate",
    ),
    (
        "403 E0000017 Password reset failed",
        "u = POST /api/v1/users <member>\nPOST /api/v1/users/<u>/lifecycle/suspend\n\
         POST /api/v1/users/<u>/lifecycle/reset_password",
    ),
    (
        "403 E0000032 Unlock is not allowed for this user. | The user is not locked out.",
        "u = POST /api/v1/users <member>\nPOST /api/v1/users/<u>/lifecycle/unlock",
    ),
    (
        "403 E0000034 Forgot password not allowed on specified user.",
        "u = POST /api/v1/users?activate=false <person>\nPOST /api/v1/users/<u>/credentials/forgot_password",
    ),
    (
        "403 E0000038 This operation is not allowed in the user's current status.",
        "u = POST /api/v1/users <member>\nPOST /api/v1/users/<u>/lifecycle/reactivate",
    ),
    (
        "403 E0000014 Update of credentials failed | Old Password is not correct",
        r#"u = POST /api/v1/users <member>
        POST /api/v1/users/<u>/credentials/change_password {"oldPassword":{"value":"x"},"newPassword":{"value":"Flowmatic1955"}}"#,
    ),
    (
        "403 E0000087 The recovery question answer did not match our records.",
        r#"u = POST /api/v1/users <member>
        POST /api/v1/users/<u>/credentials/forgot_password_recovery_question {"password":{"value":"Flowmatic1955"},"recovery_question":{"answer":"a bat"}}"#,
    ),
    (
        "400 E0000242 ETag syntax is invalid.",
        r#"u = POST /api/v1/users <member>
        [If-Match: no tag] POST /api/v1/users/<u> {"profile":{"city":"x"}}"#,
    ),
    (
        "412 E0000231 ETag value doesn't match.",
        r#"u = POST /api/v1/users <member>
        [If-Match: W/"00"] POST /api/v1/users/<u> {"profile":{"city":"x"}}"#,
    ),
    (
        "400 E0000098 This phone number is invalid.",
        r#"u = POST /api/v1/users <member>
        POST /api/v1/users/<u>/factors {"factorType":"sms","provider":"OKTA","profile":{"phoneNumber":"+1 call me"}}"#,
    ),
    (
        "403 E0000068 Invalid Passcode/Answer | Your passcode doesn't match our records. Please try again.",
        r#"u = POST /api/v1/users <member>
        f = POST /api/v1/users/<u>/factors {"factorType":"sms","provider":"OKTA","profile":{"phoneNumber":"+1 555 415 1337"}}
        POST /api/v1/users/<u>/factors/<f>/lifecycle/activate {"passCode":"none"}"#,
    ),
    (
        "403 E0000079 This operation is not allowed in the current authentication state.",
        r#"u = POST /api/v1/users <member>
        f = POST /api/v1/users/<u>/factors {"factorType":"sms","provider":"OKTA","profile":{"phoneNumber":"+15554151337"}}
        POST /api/v1/users/<u>/factors/<f>/verify {}"#,
    ),
    (
        "409 E0000127 Invalid linked objection definition. Linked object identifier is already in use. \
         | Linked object identifier for primary is already in use.",
        r#"POST /api/v1/meta/schemas/user/linkedObjects {"primary":{"name":"boss","title":"B","type":"USER"},"associated":{"name":"minion","title":"M","type":"USER"}}
        POST /api/v1/meta/schemas/user/linkedObjects {"primary":{"name":"boss","title":"B","type":"USER"},"associated":{"name":"helper","title":"H","type":"USER"}}"#,
    ),
    (
        "403 E0000142 This User Type cannot be deleted.",
        "t@/0/id = GET /api/v1/meta/types/user\nDELETE /api/v1/meta/types/user/<t>",
    ),
    (
        "400 E0000178 This realm cannot be deleted. It has users.",
        r#"r = POST /api/v1/realms {"profile":{"name":"Partners"}}
        POST /api/v1/users {"realmId":"<r>","profile":{"firstName":"G","lastName":"H","login":"g@example.com","email":"g@example.com"}}
        DELETE /api/v1/realms/<r>"#,
    ),
];

const APPS: &[Row] = &[
    (
        "403 E0000056 Delete application forbidden. | The application must be deactivated before deletion.",
        "a = POST /api/v1/apps <form>\nDELETE /api/v1/apps/<a>",
    ),
    (
        "400 E0000024 Bad request.  This operation on app metadata is not yet supported. \
         | This operation on app metadata is not yet supported: No active instances.",
        "a = POST /api/v1/apps <form>\nPOST /api/v1/apps/<a>/lifecycle/deactivate\nPUT /api/v1/apps/<a> <form>",
    ),
    (
        "400 E0000019 Bad request.  Accept and/or Content-Type headers likely do not match supported values.",
        "a = POST /api/v1/apps <saml>\n[Accept: application/json] GET /api/v1/apps/<a>/sso/saml/metadata",
    ),
    (
        "403 E0000117 Cannot assign apps or update app profiles for an inactive user.",
        "u = POST /api/v1/users <member>\nDELETE /api/v1/users/<u>\na = POST /api/v1/apps <form>\n\
         POST /api/v1/apps/<a>/users {\"id\":\"<u>\"}",
    ),
    (
        "400 E0000041 Credentials should not be set on this resource based on the scheme. \
         | User level credentials should not be provided for this scheme.",
        r#"u = POST /api/v1/users <member>
        a = POST /api/v1/apps <shared>
        POST /api/v1/apps/<a>/users {"id":"<u>","credentials":{"userName":"mine"}}"#,
    ),
    (
        "400 E0000227 Roles can only be granted to service application type",
        r#"a = POST /api/v1/apps {"label":"W","name":"oidc_client","signOnMode":"OPENID_CONNECT","credentials":{"oauthClient":{"token_endpoint_auth_method":"client_secret_post"}},"settings":{"oauthClient":{"application_type":"web","grant_types":["authorization_code"],"response_types":["code"],"redirect_uris":["https://x.example/cb"]}}}
        POST /oauth2/v1/clients/<a>/roles {"type":"READ_ONLY_ADMIN"}"#,
    ),
];

const GROUPS_AND_ROLES: &[Row] = &[
    (
        "400 E0000211 Roles cannot be granted to built-in groups: Everyone",
        r#"g@/0/id = GET /api/v1/groups?q=Everyone
        POST /api/v1/groups/<g>/roles {"type":"READ_ONLY_ADMIN"}"#,
    ),
    (
        "400 E0000091 The provided role type was not the same as required role type.",
        r#"g = POST /api/v1/groups {"profile":{"name":"Staff"}}
        POST /api/v1/groups/<g>/roles {"type":"NO_SUCH_ADMIN"}"#,
    ),
    (
        "409 E0000263 Attempted to assign a duplicate standard role assignment to an admin",
        r#"u = POST /api/v1/users <member>
        POST /api/v1/users/<u>/roles {"type":"READ_ONLY_ADMIN"}
        POST /api/v1/users/<u>/roles {"type":"READ_ONLY_ADMIN"}"#,
    ),
    (
        "400 E0000192 Roles cannot be granted to groups with group membership rules. ",
        r#"g = POST /api/v1/groups {"profile":{"name":"Staff"}}
        r = POST /api/v1/groups/rules {"type":"group_rule","name":"r","conditions":{"expression":{"value":"user.city==\"Paris\"","type":"urn:okta:expression:1.0"}},"actions":{"assignUserToGroups":{"groupIds":["<g>"]}}}
        POST /api/v1/groups/rules/<r>/lifecycle/activate
        POST /api/v1/groups/<g>/roles {"type":"READ_ONLY_ADMIN"}"#,
    ),
];

const BRANDS: &[Row] = &[
    (
        "409 E0000200 A default brand cannot be deleted.",
        "b@/0/id = GET /api/v1/brands\nDELETE /api/v1/brands/<b>",
    ),
    (
        "409 E0000202 Brand name already exists.",
        r#"POST /api/v1/brands {"name":"Acme"}
        POST /api/v1/brands {"name":"Acme"}"#,
    ),
    (
        "409 E0000201 A brand associated with a custom domain or email doamin cannot be deleted.",
        r#"b@/brandId = POST /api/v1/domains {"domain":"a.test","certificateSourceType":"MANUAL"}
        DELETE /api/v1/brands/<b>"#,
    ),
    (
        "409 E0000203 Failed to associate this domain with the given brandId.",
        r#"b@/brandId = POST /api/v1/domains {"domain":"a.test","certificateSourceType":"MANUAL"}
        d = POST /api/v1/domains {"domain":"b.test","certificateSourceType":"MANUAL"}
        PUT /api/v1/domains/<d> {"brandId":"<b>"}"#,
    ),
    (
        "403 E0000213 Cannot update page content for the default brand.",
        r#"b@/0/id = GET /api/v1/brands
        PUT /api/v1/brands/<b>/pages/error/customized {"pageContent":"x"}"#,
    ),
    (
        "409 E0000182 A default email template customization already exists.",
        r#"b = POST /api/v1/brands {"name":"Acme"}
        POST /api/v1/brands/<b>/templates/email/ForgotPassword/customizations {"language":"en","subject":"s","body":"b"}
        POST /api/v1/brands/<b>/templates/email/ForgotPassword/customizations {"language":"fr","subject":"s","body":"b","isDefault":true}"#,
    ),
    (
        "409 E0000183 An email template customization for that language already exists.",
        r#"b = POST /api/v1/brands {"name":"Acme"}
        POST /api/v1/brands/<b>/templates/email/ForgotPassword/customizations {"language":"en","subject":"s","body":"b"}
        POST /api/v1/brands/<b>/templates/email/ForgotPassword/customizations {"language":"en","subject":"s","body":"b"}"#,
    ),
    (
        "409 E0000184 A default email template customization can't be deleted.",
        r#"b = POST /api/v1/brands {"name":"Acme"}
        c = POST /api/v1/brands/<b>/templates/email/ForgotPassword/customizations {"language":"en","subject":"s","body":"b"}
        DELETE /api/v1/brands/<b>/templates/email/ForgotPassword/customizations/<c>"#,
    ),
    (
        "409 E0000185 The isDefault parameter of the default email template customization can't be set to false.",
        r#"b = POST /api/v1/brands {"name":"Acme"}
        c = POST /api/v1/brands/<b>/templates/email/ForgotPassword/customizations {"language":"en","subject":"s","body":"b"}
        PUT /api/v1/brands/<b>/templates/email/ForgotPassword/customizations/<c> {"language":"en","subject":"s","body":"b","isDefault":false}"#,
    ),
    (
        "400 E0000236 The language doesn't conform to the BCP 47 standard for locales.",
        r#"b = POST /api/v1/brands {"name":"Acme"}
        POST /api/v1/brands/<b>/templates/email/ForgotPassword/customizations {"language":"e","subject":"s","body":"b"}"#,
    ),
];

const DOMAINS_AND_MAIL: &[Row] = &[
    (
        "403 E0000161 Unique domain name required.",
        r#"POST /api/v1/domains {"domain":"a.test","certificateSourceType":"MANUAL"}
        POST /api/v1/domains {"domain":"a.test","certificateSourceType":"MANUAL"}"#,
    ),
    (
        "409 E0000197 Unique email domain name required.",
        r#"b = POST /api/v1/brands {"name":"Acme"}
        POST /api/v1/email-domains {"brandId":"<b>","domain":"a.test","displayName":"A","userName":"a"}
        POST /api/v1/email-domains {"brandId":"<b>","domain":"a.test","displayName":"A","userName":"a"}"#,
    ),
    (
        "400 E0000217 Invalid status. Cannot validate email domain in current status.",
        r#"b = POST /api/v1/brands {"name":"Acme"}
        d = POST /api/v1/email-domains {"brandId":"<b>","domain":"a.test","displayName":"A","userName":"a"}
        POST /api/v1/email-domains/<d>/verify
        POST /api/v1/email-domains/<d>/verify"#,
    ),
    (
        "400 E0000222 You can enable only one SMTP server at a time. Another SMTP server is already enabled.",
        r#"POST /api/v1/email-servers {"alias":"a","enabled":true,"host":"smtp.example.com","password":"p","port":587,"username":"u"}
        POST /api/v1/email-servers {"alias":"b","enabled":true,"host":"smtp.example.com","password":"p","port":587,"username":"u"}"#,
    ),
];

const AUTHENTICATORS: &[Row] = &[
    (
        "403 E0000148 Cannot modify/disable this authenticator because it is enabled in one or more policies. To \
         continue, disable the authenticator in these policies. | Authenticator Enrollment Policies: Default Policy",
        "a@/okta_verify = GET /api/v1/authenticators\nPOST /api/v1/authenticators/<a>/lifecycle/deactivate",
    ),
    (
        "400 E0000226 You must have an active telephony inline hook to activate and use the Phone authenticator.",
        "a@/phone_number = GET /api/v1/authenticators\nPOST /api/v1/authenticators/<a>/lifecycle/activate",
    ),
    (
        "409 E0000187 Cannot delete push provider because it is being used by a custom app authenticator.",
        r#"p = POST /api/v1/push-providers {"name":"FCM","providerType":"FCM","configuration":{"serviceAccountJson":{"type":"service_account","project_id":"p"}}}
        POST /api/v1/authenticators {"key":"custom_app","name":"App","agreeToTerms":true,"provider":{"type":"PUSH","configuration":{"fcm":{"id":"<p>"}}},"settings":{"appInstanceId":"0oa1"}}
        DELETE /api/v1/push-providers/<p>"#,
    ),
    (
        "403 E0000166 CAPTCHA count limit reached. At most one CAPTCHA instance is allowed per Org. Please remove \
         existing CAPTCHA to create a new one. | CAPTCHA count limit reached. At most one CAPTCHA instance is allowed \
         per Org. Please remove existing CAPTCHA to create a new one.",
        r#"POST /api/v1/captchas {"name":"c","siteKey":"s","secretKey":"x","type":"HCAPTCHA"}
        POST /api/v1/captchas {"name":"d","siteKey":"s","secretKey":"x","type":"HCAPTCHA"}"#,
    ),
    (
        "403 E0000168 CAPTCHA cannot be removed. This CAPTCHA is associated with org-wide CAPTCHA settings, please \
         unassociate it before removing it.",
        r#"c = POST /api/v1/captchas {"name":"c","siteKey":"s","secretKey":"x","type":"HCAPTCHA"}
        PUT /api/v1/org/captcha {"captchaId":"<c>","enabledPages":["SIGN_IN"]}
        DELETE /api/v1/captchas/<c>"#,
    ),
];

/// The bodies that rows share.
fn bodies() -> BTreeMap<String, String> {
    let profile = json!({ "firstName": "Grace", "lastName": "Hopper", "login": "grace@example.com", "email": "grace@example.com" });
    let credentials = json!({ "password": { "value": "Cobol1959x" },
        "recovery_question": { "question": "What bug?", "answer": "a moth" } });
    let groups: Vec<String> = (0..21).map(|nth| format!("00g{nth}")).collect();
    let shared = json!({ "label": "Shared", "name": "template_swa", "signOnMode": "BROWSER_PLUGIN",
        "credentials": { "scheme": "SHARED_USERNAME_AND_PASSWORD", "userName": "all", "password": { "value": "x" } },
        "settings": { "app": { "url": "https://x.example", "buttonField": "b", "passwordField": "p", "usernameField": "u" } } });
    let form = json!({ "label": "Form", "signOnMode": "AUTO_LOGIN",
        "settings": { "signOn": { "loginUrl": "https://x.example" } } });
    let saml = json!({ "label": "SP", "signOnMode": "SAML_2_0", "settings": { "signOn": {
        "ssoAcsUrl": "https://sp.example/acs", "audience": "sp", "destination": "https://sp.example/acs",
        "recipient": "https://sp.example/acs", "subjectNameIdTemplate": "${user.userName}",
        "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified", "responseSigned": true,
        "assertionSigned": true, "signatureAlgorithm": "RSA_SHA256", "digestAlgorithm": "SHA256",
        "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport" } } });
    [
        ("person", json!({ "profile": profile })),
        ("member", json!({ "profile": profile, "credentials": credentials })),
        ("joiner", json!({ "profile": profile, "groupIds": groups })),
        ("form", form),
        ("shared", shared),
        ("saml", saml),
    ]
    .map(|(name, body)| (name.to_owned(), body.to_string()))
    .into()
}

/// Sends the requests of a row; the answer to the last.
fn play(client: &Client, steps: &str) -> Answer {
    let mut kept = bodies();
    let mut last = None;
    let count = steps.lines().count();
    for (nth, line) in steps.lines().enumerate() {
        let mut line = line.trim().to_owned();
        for (name, value) in &kept {
            line = line.replace(&format!("<{name}>"), value);
        }
        let (keep, line) = match line.split_once(" = ") {
            Some((name, rest)) if !name.contains(' ') => (Some(name.to_owned()), rest.to_owned()),
            _ => (None, line),
        };
        let (header, line) = match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            Some((header, rest)) => (header.split_once(": "), rest),
            None => (None, line.as_str()),
        };
        let mut parts = line.splitn(3, ' ');
        let (method, target, body) =
            (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap_or_default());
        let mut headers = vec![("Authorization", SUPER)];
        if !body.is_empty() {
            headers.push(("Content-Type", "application/json"));
        }
        if let Some((name, value)) = header {
            headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
            headers.push((name, value));
        }
        let answer = client.send(method, target, &headers, body);
        if nth + 1 < count {
            assert!(answer.status < 300, "{line}: {}", answer.text());
        }
        if let Some(keep) = keep {
            let (name, pointer) = keep.split_once('@').unwrap_or((&keep, "/id"));
            let shown = answer.json();
            // An authenticator is found by its key.
            let by_key =
                |key: &str| shown.as_array()?.iter().find(|one| one["key"] == key)?.get("id").cloned();
            let value = shown.pointer(pointer).cloned().or_else(|| by_key(&pointer[1..]));
            let value = value.unwrap_or_else(|| panic!("{line}: no {pointer} in {shown}"));
            kept.insert(name.to_owned(), value.as_str().unwrap().to_owned());
        }
        last = Some(answer);
    }
    last.unwrap()
}

/// The answer in one line.
fn told(answer: &Answer) -> String {
    let Ok(body) = serde_json::from_str::<Value>(answer.text()) else {
        return format!("{} {}", answer.status, answer.text());
    };
    let causes = body["errorCauses"].as_array().map_or(&[][..], Vec::as_slice);
    let causes = causes.iter().map(|cause| format!(" | {}", cause["errorSummary"].as_str().unwrap()));
    answer.error() + &causes.collect::<String>()
}

fn hold(rows: &[Row]) {
    let dev = Client::dev();
    let mut wrong = Vec::new();
    for (expected, steps) in rows {
        let client = Client { org: dev.org.fork(&Default::default()) };
        let answer = told(&play(&client, steps));
        if answer != *expected {
            wrong.push(format!("{steps}\n  expected {expected}\n  answered {answer}"));
        }
        // What the table says is what the catalogue says: status and summary, but for its arguments.
        let mut words = expected.splitn(3, ' ');
        let (status, code, summary) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let row = facts().errors.get(code).unwrap();
        let fixed = row.summary.split('{').next().unwrap();
        assert!(summary.starts_with(fixed) && row.status.as_str() == status, "{expected}: {row:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_gate_refuses_in_the_words_of_the_catalogue() {
    hold(GATE);
}

#[test]
fn lists_refuse_in_the_words_of_the_catalogue() {
    hold(LISTS);
}

#[test]
fn users_and_what_is_theirs_refuse_in_the_words_of_the_catalogue() {
    hold(PEOPLE);
}

#[test]
fn apps_refuse_in_the_words_of_the_catalogue() {
    hold(APPS);
}

#[test]
fn groups_and_roles_refuse_in_the_words_of_the_catalogue() {
    hold(GROUPS_AND_ROLES);
}

#[test]
fn brands_refuse_in_the_words_of_the_catalogue() {
    hold(BRANDS);
}

#[test]
fn domains_and_mail_refuse_in_the_words_of_the_catalogue() {
    hold(DOMAINS_AND_MAIL);
}

#[test]
fn authenticators_refuse_in_the_words_of_the_catalogue() {
    hold(AUTHENTICATORS);
}

/// E0000037, by the dialect that refuses bad limits.
#[test]
fn a_limit_that_is_no_number_is_of_the_wrong_type() {
    let client = Client::of(
        r#"
        dialect = { bad_limit = "type_mismatch" }
        [[users]]
        profile = { login = "admin@example.com" }
        admin_roles = ["SUPER_ADMIN"]
        [[api_tokens]]
        token = "00t"
        owner = "admin@example.com"
        "#,
    );
    let refused = client.get("SSWS 00t", "/api/v1/users?limit=two");
    assert_eq!(refused.error(), "400 E0000037 Type mismatch exception.  limit: two");
}

/// E0000193: 5,000 members are the most; E0000194: a group of an app.
#[test]
fn a_role_is_for_groups_that_are_small_and_okta_s() {
    let client = Client::of(
        r#"
        [generate]
        users = 5001
        [[users]]
        profile = { login = "admin@example.com" }
        admin_roles = ["SUPER_ADMIN"]
        [[groups]]
        id = "00glarge"
        name = "Large"
        generated_members = { from = 0, count = 5001 }
        [[api_tokens]]
        token = "00t"
        owner = "admin@example.com"
        "#,
    );
    let role = json!({ "type": "READ_ONLY_ADMIN" });
    let large = client.json("POST", "SSWS 00t", "/api/v1/groups/00glarge/roles", &role);
    assert_eq!(large.error(), "400 E0000193 Roles can only be granted to groups with 5000 or less users. ");
    let imported = json!({ "id": "00gapp", "type": "APP_GROUP", "profile": { "name": "Imported" } });
    let stored = client.org.commit(client.org.clock().now(), |_| {
        Ok::<_, ()>(vec![Change::put("groups", "00gapp", imported.clone(), Value::Null)])
    });
    stored.unwrap();
    let imported = client.json("POST", "SSWS 00t", "/api/v1/groups/00gapp/roles", &role);
    assert_eq!(
        imported.error(),
        "400 E0000194 Roles can only be granted to Okta groups, AD groups and LDAP groups. "
    );
}

/// The code of an authenticator app: RFC 6238.
fn totp(secret: &str, now: i64) -> String {
    let bits: String = secret
        .bytes()
        .map(|one| {
            format!(
                "{:05b}",
                b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == one).unwrap()
            )
        })
        .collect();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = hmac::sign(&key, &(now / 30).to_be_bytes());
    let digest = tag.as_ref();
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// E0000082.
#[test]
fn a_code_of_an_authenticator_app_counts_once() {
    let client = Client::dev();
    client.org.clock().freeze(true);
    let post = |target: &str, body: &Value| client.json("POST", SUPER, target, body);
    let factors = "/api/v1/users/ursula.user@example.com/factors";
    let factor = post(factors, &json!({ "factorType": "token:software:totp", "provider": "OKTA" })).json();
    let own = format!("{factors}/{}", factor["id"].as_str().unwrap());
    let secret = factor["_embedded"]["activation"]["sharedSecret"].as_str().unwrap();
    let now = client.org.clock().now().as_second();
    let (code, next) = (totp(secret, now), totp(secret, now + 30));
    let verify = |code: &str| post(&format!("{own}/verify"), &json!({ "passCode": code }));
    assert_eq!(post(&format!("{own}/lifecycle/activate"), &json!({ "passCode": code })).status, 200);
    let again = "403 E0000082 Each code can only be used once. Please wait for a new code and try again.";
    assert_eq!(verify(&code).error(), again);
    assert_eq!(verify(&next).json(), json!({ "factorResult": "SUCCESS" }));
    assert_eq!(verify(&next).error(), again);
}
