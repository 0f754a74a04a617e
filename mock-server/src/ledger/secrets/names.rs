//! The places where secrets stand, by name.

/// Parameters of queries and forms, and members of JSON objects, without `_`, `-` and case. Names that end in
/// `password`, `secret` or `token` are in addition to these.
const NAMES: [&str; 31] = [
    "activationcode",
    "answer",
    "apikey",
    "assertion",
    "authreqid",
    "clientassertion",
    "codeverifier",
    "devicecode",
    "externalsessionid",
    "idtokenhint",
    "licensekey",
    "loginhinttoken",
    "otp",
    "passcode",
    "passphrase",
    "pin",
    "privatekey",
    "privatekeypem",
    "proof",
    "pwd",
    "recoverycode",
    "request",
    "rootsessionid",
    "salt",
    "samlresponse",
    "secretkey",
    "seed",
    "sid",
    "statehandle",
    "usercode",
    "verificationcode",
];

/// Members whose `value` (or `salt`) is the secret: `{"password":{"value":"…"}}`.
const HOLDERS: [&str; 7] =
    ["password", "newpassword", "oldpassword", "hash", "authscheme", "headers", "recoverytoken"];

/// The private members of a JSON Web Key.
const KEY_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "k", "r", "t"];

fn plain(name: &str) -> String {
    name.chars().filter(|one| !matches!(one, '_' | '-')).flat_map(char::to_lowercase).collect()
}

fn is_secret(plain: &str) -> bool {
    ["password", "secret", "token"].iter().any(|end| plain.ends_with(end)) || NAMES.contains(&plain)
}

/// A parameter of a query or a form.
pub(super) fn in_form(name: &str) -> bool {
    let plain = plain(name);
    plain == "code" || is_secret(&plain)
}

/// A member of a JSON object. `parent` is the name of the member that holds the object.
pub(super) fn in_json(name: &str, parent: &str, value: &str, key_set: bool) -> bool {
    let plain_name = plain(name);
    match plain_name.as_str() {
        "value" => HOLDERS.contains(&plain(parent).as_str()),
        "code" => value.len() >= 16 && !value.contains(char::is_whitespace),
        "request" | "seed" | "pin" => false,
        _ if key_set && KEY_MEMBERS.contains(&name) => true,
        _ => is_secret(&plain_name),
    }
}

/// A member of a JSON object that may be a secret although it is a number.
pub(super) fn number_in_json(name: &str) -> bool {
    matches!(plain(name).as_str(), "passcode" | "otp" | "answer" | "password" | "pin" | "verificationcode")
}

/// A header line whose value is a secret as a whole. Those with a scheme and those with cookies are none.
pub(super) fn in_headers(name: &str) -> bool {
    let plain = plain(name);
    plain == "dpop" || plain.ends_with("apikey") || ["secret", "token"].iter().any(|end| plain.ends_with(end))
}

/// A segment of a path after which a secret stands: `/welcome/TOKEN`.
pub(super) fn before_in_path(segment: &str) -> bool {
    matches!(segment, "welcome" | "reset_password" | "reset-password" | "verify_email" | "sessions")
}
