//! Requests made of rows and values: mostly right, broken in a few places.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mock_server::org::Org;
use rand::Rng;
use rand::seq::IndexedRandom;

use super::rows::{Row, Rows};
use super::values::{Source, control_body};

/// A request, before it is read or written.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) operation: String,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) lines: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// Enough to send it again.
impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} {} ({})", self.method, cut(&self.target), self.operation)?;
        for (name, value) in &self.lines {
            writeln!(f, "{name}: {}", cut(&value.escape_ascii().to_string()))?;
        }
        write!(f, "\n{}", cut(&String::from_utf8_lossy(&self.body)))
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= 2000 {
        text.to_owned()
    } else {
        text.chars().take(2000).chain("…".chars()).collect()
    }
}

/// Whose requests they are.
#[derive(Debug, Default)]
pub(crate) struct Credentials {
    pub(crate) api_tokens: Vec<String>,
    /// Client ids and secrets.
    pub(crate) clients: Vec<(String, String)>,
    /// Logins and passwords.
    pub(crate) users: Vec<(String, String)>,
}

impl Credentials {
    pub(crate) fn of(org: &Org) -> Self {
        let known = org.credentials();
        let secret = |secret: &Option<String>| secret.clone().unwrap_or_default();
        Self {
            api_tokens: known.api_tokens.iter().map(|one| one.token.clone()).collect(),
            clients: known
                .clients
                .iter()
                .map(|one| (one.client_id.clone(), secret(&one.client_secret)))
                .collect(),
            users: known.users.clone(),
        }
    }
}

const PARAMETERS: &[&str] = &[
    "after",
    "limit",
    "q",
    "query",
    "search",
    "filter",
    "sortBy",
    "sortOrder",
    "expand",
    "since",
    "until",
    "activate",
    "provider",
    "nextLogin",
    "sendEmail",
    "fields",
    "type",
    "status",
    "updatePhone",
    "templateId",
    "tokenLifetimeSeconds",
    "match",
    "format",
    "client",
    "from",
    "path",
    "method",
    "operation",
    "secrets",
    "access_token",
    "state",
    "okta_key",
    "owner",
    "strict",
    "validityYears",
    "targetAid",
    "before",
    "error",
    "fault",
    "user_code",
    "stateToken",
    "client_id",
];

/// What a parameter may be, for those that have a language of their own.
const ASKED: &[(&str, &[&str])] = &[
    ("limit", &["1", "2", "0", "-1", "200", "201", "10000", "99999999999999999999", "2.5", "two", ""]),
    ("search", QUERIES),
    ("filter", QUERIES),
    ("sortBy", &["profile.login", "id", "x", "profile.", "lastUpdated"]),
    ("sortOrder", &["asc", "desc", "ASC", "up"]),
    ("since", TIMES),
    ("until", TIMES),
    ("from", TIMES),
    (
        "expand",
        &[
            "user",
            "blocks",
            "classification",
            "stats",
            "app",
            "group",
            "all",
            "user/00u1",
            "rules",
            "metadata",
        ],
    ),
    ("activate", &["true", "false", "yes", ""]),
    ("status", &["2xx", "404", "4", "ACTIVE", "x"]),
    ("format", &["json", "har", "ndjson", "xml"]),
    ("secrets", &["plain", "tags"]),
    ("match", &["a", "", "*"]),
];

const QUERIES: &[&str] = &[
    "status eq \"ACTIVE\"",
    "profile.login sw \"a\"",
    "profile.login eq \"a",
    "(",
    "not (status eq \"x\")",
    "id pr",
    "lastUpdated gt \"2026-01-01T00:00:00.000Z\"",
    "lastUpdated gt \"soon\"",
    "a.b.c.d co \"\\u0000\"",
    "a eq 1e999",
    "profile.login eq \"a\" and profile.login eq \"b\" or (id eq \"c\")",
    "type eq \"OKTA_GROUP\"",
    "eventType eq \"x\"",
    "((((((((((((((((((((id pr))))))))))))))))))))",
    "id eq null",
    "and",
    "\"",
    "\\",
    "id in [\"a\"]",
    "profile[0] pr",
    "published gt \"9999-12-31T23:59:59Z\"",
    "user.id eq \"x\"",
    "actor.id eq \"\u{0}\"",
    "target.id co \"é\"",
];

const TIMES: &[&str] = &[
    "2026-01-01T00:00:00.000Z",
    "2026-01-01",
    "now",
    "0",
    "9999-12-31T23:59:59.999Z",
    "-009999-01-02T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "2026-11-25T00:00:00+25:00",
    "10000-01-01T00:00:00Z",
    "1e3",
];

const FORM: &[(&str, &[&str])] = &[
    (
        "grant_type",
        &[
            "client_credentials",
            "authorization_code",
            "refresh_token",
            "password",
            "implicit",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "urn:openid:params:grant-type:ciba",
            "urn:okta:params:oauth:grant-type:otp",
            "x",
        ],
    ),
    (
        "scope",
        &[
            "openid",
            "openid profile email offline_access",
            "okta.users.read",
            "okta.users.manage okta.groups.read",
            "",
            "x",
            "openid openid",
            "device_sso",
            "okta.*",
        ],
    ),
    ("response_type", &["code", "token", "id_token", "code id_token token", "none", "x"]),
    ("response_mode", &["query", "fragment", "form_post", "okta_post_message", "x"]),
    (
        "redirect_uri",
        &["http://localhost:8080/callback", "https://app.example/callback", "app:/cb", "x", "http://"],
    ),
    ("code_challenge_method", &["S256", "plain", "x"]),
    ("prompt", &["none", "login", "consent", "login none", "x"]),
    ("client_assertion_type", &["urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "x"]),
    ("token_type_hint", &["access_token", "refresh_token", "id_token", "x"]),
    (
        "subject_token_type",
        &["urn:ietf:params:oauth:token-type:access_token", "urn:ietf:params:oauth:token-type:id_token"],
    ),
    ("max_age", &["0", "-1", "99999999999999999999", "x"]),
    ("login_hint", &["ada.admin@example.com", "x"]),
    ("acr_values", &["urn:okta:loa:2fa:any", "urn:okta:loa:1fa:any phr", "x"]),
    ("state", &[]),
    ("nonce", &[]),
    ("code", &[]),
    ("code_verifier", &[]),
    ("code_challenge", &[]),
    ("refresh_token", &[]),
    ("device_code", &[]),
    ("user_code", &[]),
    ("token", &[]),
    ("assertion", &[]),
    ("client_assertion", &[]),
    ("subject_token", &[]),
    ("actor_token", &[]),
    ("actor_token_type", &[]),
    ("audience", &[]),
    ("resource", &[]),
    ("request", &[]),
    ("request_uri", &[]),
    ("id_token_hint", &[]),
    ("post_logout_redirect_uri", &[]),
    ("idp", &[]),
    ("display", &[]),
    ("sessionToken", &[]),
    ("stateToken", &[]),
    ("consent", &["allow", "deny", "x"]),
    ("step", &[]),
    ("oob_code", &[]),
    // Forms of the console.
    ("advance", &["60", "-1", "1e300", "NaN", "inf", "x"]),
    ("frozen", &["true", "false", "x"]),
    ("act", &[]),
    ("fault", &[]),
    ("kind", &[]),
    ("profile", &["off", "tiny", "x"]),
    ("role", &["SUPER_ADMIN", "x"]),
    ("grant", &[]),
    ("status", &["ACTIVE", "activate", "deactivate", "suspend", "x"]),
    ("times", &["1", "-1", "x"]),
    ("path", &["**", "["]),
    ("part", &[]),
    ("csrf", &[]),
    ("name", &[]),
    ("next", &["/_mock/", "//evil.example", "x"]),
];

const TYPES: &[&str] = &[
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/xml",
    "",
    "json",
    "APPLICATION/JSON;;;",
    "*/*",
    "application/pkix-cert",
    "image/png",
];

const LINES: &[&str] = &[
    "accept",
    "accept-language",
    "user-agent",
    "cookie",
    "x-forwarded-for",
    "x-forwarded-proto",
    "if-match",
    "origin",
    "if-none-match",
    "dpop",
    "x-okta-user-agent-extended",
    "x-device-fingerprint",
    "range",
    "referer",
    "last-event-id",
    "x-forwarded-host",
    "prefer",
    "authorization",
    "x-http-method-override",
    "content-encoding",
];

impl Source {
    /// A request for an operation.
    pub(crate) fn request(&mut self, row: &Row, rows: &Rows, who: &Credentials) -> Made {
        let method = if self.in_100(3) {
            self.one(&["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY"]).to_owned()
        } else {
            row.method.clone()
        };
        let below_oauth = row.path.starts_with("/oauth2") || row.path.starts_with("/activate");
        let asks = below_oauth || row.path.contains("authorize");
        let target = self.target(&row.path, asks && row.method == "GET", who);
        let mut lines: Vec<(String, Vec<u8>)> = Vec::new();
        if self.in_100(if below_oauth { 40 } else { 92 }) {
            lines.push(("authorization".to_owned(), self.authorization(who).into_bytes()));
        }
        let mut body = Vec::new();
        if matches!(method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE") && self.in_100(95) {
            let form = (asks && row.body.is_none() && self.in_100(90)) || self.in_100(2);
            let kind = if form { "application/x-www-form-urlencoded" } else { "application/json" };
            body = if form { self.form(who).into_bytes() } else { self.json_body(row, rows) };
            let kind = if self.in_100(4) { self.one(TYPES) } else { kind };
            if !body.is_empty() && !self.in_100(1) {
                lines.push(("content-type".to_owned(), kind.as_bytes().to_vec()));
            }
            if self.in_100(1) {
                body = [
                    b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".to_vec(),
                    body,
                ]
                .concat();
                body.extend_from_slice(self.one(&["\r\n--x--\r\n", "\r\n--x", ""]).as_bytes());
            }
        }
        self.odd_lines(&mut lines);
        Made { operation: row.id.clone(), method, target, lines, body }
    }

    /// A request for a call of the control API.
    pub(crate) fn call(&mut self, row: &Row, kinds: &[Fault], who: &Credentials) -> Made {
        let orgs = ["default", "default", "default", "default", "default", "acme", "org-1", "nobody"];
        let name = if self.in_100(95) { self.one(&orgs).to_owned() } else { escaped(&self.text()) };
        let mut target = self.target(&row.path.replace("{name}", &name), false, who);
        if row.path.ends_with("/stream") {
            target.push_str(if target.contains('?') { "&limit=0" } else { "?limit=0" });
        }
        let mut lines = Vec::new();
        let mut body = Vec::new();
        if row.method != "GET" && self.in_100(95) {
            let form = row.path.contains("console") != self.in_100(3);
            body = if form {
                let form = self.form(who);
                if row.path.ends_with("/act") {
                    format!("act={}&{form}", self.one(ACTS)).into_bytes()
                } else {
                    form.into_bytes()
                }
            } else {
                let mut value = control_body(&row.path);
                if row.path.ends_with("/faults") {
                    value = self.fault(kinds);
                } else if row.path.ends_with("/restore") {
                    let taken = self.id_of("snapshot").unwrap_or_default();
                    value = serde_json::json!({ "id": taken });
                }
                if self.in_100(60) {
                    value = self.broken(value);
                }
                self.json_text(&value)
            };
            let kind = if form { "application/x-www-form-urlencoded" } else { "application/json" };
            let kind = if self.in_100(4) { self.one(TYPES) } else { kind };
            lines.push(("content-type".to_owned(), kind.as_bytes().to_vec()));
        }
        if self.in_100(30) {
            self.odd_lines(&mut lines);
        }
        Made { operation: row.id.clone(), method: row.method.clone(), target, lines, body }
    }

    /// A fault that may be one.
    fn fault(&mut self, kinds: &[Fault]) -> serde_json::Value {
        let (name, parameters) = kinds.choose(&mut self.chance).unwrap();
        let value = if self.in_100(20) {
            true.into()
        } else if self.in_100(20) {
            self.any(0)
        } else {
            let given = parameters.iter().map(|(parameter, least)| {
                let value = match least {
                    // Waiting is real: the least there may be.
                    Some(least) if name.contains("delay") || name.contains("slow") => (*least).into(),
                    Some(_) => self.number(),
                    None if self.in_100(50) => self.text().into(),
                    None => self.any(1),
                };
                (parameter.clone(), value)
            });
            given.collect()
        };
        let slow = name.contains("delay") || name.contains("slow");
        let value = if slow && !value.is_object() { serde_json::json!({ "ms": 0 }) } else { value };
        let mut whole = serde_json::json!({ "match": { "times": 2 }, "fault": { name.as_str(): value } });
        for member in ["method", "path", "nth", "times", "probability", "operation"] {
            if self.in_100(15) {
                whole["match"][member] = match member {
                    "nth" | "times" | "probability" => self.number(),
                    "path" => self.one(&["**", "/api/**", "[", "/api/v1/users/*", "", "***", "{a,b"]).into(),
                    _ => self.text().into(),
                };
            }
        }
        whole
    }

    fn target(&mut self, path: &str, form: bool, who: &Credentials) -> String {
        let mut target = String::new();
        let mut collection = "";
        for (at, segment) in path.split('/').enumerate() {
            if at > 0 {
                target.push('/');
            }
            if !segment.contains('{') {
                target.push_str(segment);
                collection = segment;
                continue;
            }
            let value = match self.chance.random_range(0..100) {
                0..=69 => match self.id_of(collection) {
                    Some(id) if self.in_100(90) => id,
                    _ => self.known(),
                },
                70..=74 => "default".to_owned(),
                75..=79 => "me".to_owned(),
                80..=83 => who.users.choose(&mut self.chance).map(|one| one.0.clone()).unwrap_or_default(),
                84..=88 => who.clients.choose(&mut self.chance).map(|one| one.0.clone()).unwrap_or_default(),
                _ => self.text(),
            };
            let raw = self.in_100(2)
                && value.bytes().all(|byte| byte.is_ascii_graphic() && !b"?# ".contains(&byte));
            target.push_str(&if raw { value } else { escaped(&value) });
        }
        let separators = if self.in_100(1) { "//" } else { "" };
        target.push_str(separators);
        if form && self.in_100(90) {
            let form = self.form(who);
            let _ = write!(target, "?{form}");
        } else if self.in_100(40) {
            target.push('?');
            for _ in 0..self.chance.random_range(1..4) {
                let name = self.one(PARAMETERS);
                let asked =
                    ASKED.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, values)| values);
                let value = if asked.is_empty() || self.in_100(15) {
                    self.text()
                } else {
                    self.one(asked).to_owned()
                };
                let value = if self.in_100(2) { value.repeat(50) } else { value };
                let _ = write!(target, "{name}={}&", escaped(&value));
            }
        }
        // What no request line can have is left to the tests of the reader of heads.
        target.truncate(60_000);
        target
    }

    fn authorization(&mut self, who: &Credentials) -> String {
        let token = who.api_tokens.first().cloned().unwrap_or_default();
        match self.chance.random_range(0..100) {
            0..=79 => format!("SSWS {token}"),
            80..=84 => {
                format!("SSWS {}", who.api_tokens.choose(&mut self.chance).cloned().unwrap_or_default())
            }
            85..=88 => format!("Bearer {}", self.known()),
            89..=91 => format!("{} {}", self.one(&["Bearer", "DPoP", "bearer", "ssws"]), self.token()),
            92..=96 => {
                let (id, secret) = who.clients.choose(&mut self.chance).cloned().unwrap_or_default();
                format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
            }
            _ => self
                .one(&["", "Bearer", "Bearer ", "Basic ====", "Basic Og==", "SSWS", "Basic /w==", "x y z"])
                .to_owned(),
        }
    }

    /// Three parts, as a token has; signed by nobody.
    fn token(&mut self) -> String {
        let header = serde_json::json!({ "alg": self.one(&["RS256", "none", "HS256", "ES256", "x"]), "kid": self.text(),
            "typ": self.one(&["JWT", "dpop+jwt"]), "jwk": self.any(1) });
        let mut claims = serde_json::json!({ "iss": self.known(), "sub": self.known(), "aud": self.text(),
            "exp": self.number(), "iat": self.number(), "jti": self.text(), "nonce": self.text() });
        if self.in_100(30) {
            claims = self.broken(claims);
        }
        let parts =
            [header.to_string(), claims.to_string(), self.text()].map(|part| URL_SAFE_NO_PAD.encode(part));
        parts.join(self.one(&[".", ".", ".", "..", ""]))
    }

    fn form(&mut self, who: &Credentials) -> String {
        let mut form = String::new();
        let (id, secret) = who.clients.choose(&mut self.chance).cloned().unwrap_or_default();
        let (login, password) = who.users.choose(&mut self.chance).cloned().unwrap_or_default();
        let usual = [
            ("client_id", id),
            ("client_secret", secret),
            ("username", login.clone()),
            ("password", password.clone()),
            ("identifier", login),
            ("passcode", password),
        ];
        for (name, value) in usual {
            if self.in_100(60) {
                let _ = write!(form, "{name}={}&", escaped(&value));
            }
        }
        // Those that decide the most come first.
        for (at, (name, values)) in FORM.iter().enumerate() {
            if !self.in_100(if at < 5 { 75 } else { 10 }) {
                continue;
            }
            let value = match *name {
                "assertion" | "client_assertion" | "request" | "id_token_hint" if self.in_100(60) => {
                    self.token()
                }
                _ if values.is_empty() || self.in_100(5) => self.text(),
                _ => self.one(values).to_owned(),
            };
            let _ = write!(form, "{name}={}&", escaped(&value));
            if self.in_100(2) {
                let _ = write!(form, "{name}={}&", escaped(&value));
            }
        }
        if self.in_100(3) {
            form = self.text();
        }
        if self.in_100(2) { form.repeat(3) } else { form }
    }

    fn json_body(&mut self, row: &Row, rows: &Rows) -> Vec<u8> {
        let value = match &row.body {
            Some(schema) if self.in_100(75) => self.of(schema, rows, 0),
            _ if self.in_100(70) => self.objects.choose(&mut self.chance).cloned().unwrap_or_default(),
            _ => self.any(0),
        };
        let breaks = if self.in_100(35) { self.chance.random_range(1..4) } else { 0 };
        let value = (0..breaks).fold(value, |value, _| self.broken(value));
        self.json_text(&value)
    }

    fn odd_lines(&mut self, lines: &mut Vec<(String, Vec<u8>)>) {
        while self.in_100(20) {
            let name = self.one(LINES).to_owned();
            let text = self.text();
            let value = text.bytes().filter(|byte| *byte >= b' ' && *byte != 0x7f).take(4000).collect();
            lines.push((name, value));
        }
    }
}

/// A kind of fault: its parameters, with the least number where they are numbers.
pub(crate) type Fault = (String, Vec<(String, Option<i64>)>);

/// The buttons of the console.
const ACTS: &[&str] = &["reset", "expire-tokens", "rotate-keys", "clear-faults", "x", "", "expire", "rotate"];

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
