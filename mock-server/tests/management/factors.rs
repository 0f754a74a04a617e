//! Factors of people: what is sent, shown, tapped and read off.

use mock_server::org::factor;
use serde_json::{Value, json};

use crate::client::{Answer, Client, SUPER};
use crate::people::{new, post, with_password};

/// A user's factors.
pub(crate) struct Factors<'c> {
    pub(crate) client: &'c Client,
    pub(crate) target: String,
}

impl<'c> Factors<'c> {
    pub(crate) fn of(client: &'c Client) -> Self {
        let id = new(client, "", &with_password("grace@example.com"));
        Self { client, target: format!("/api/v1/users/{id}/factors") }
    }

    pub(crate) fn enroll(&self, kind: &str, provider: &str, more: Value) -> Answer {
        let mut body = json!({ "factorType": kind, "provider": provider });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        post(self.client, &self.target, &body)
    }

    /// The path of a factor.
    pub(crate) fn own(&self, factor: &Answer) -> String {
        assert_eq!(factor.status, 200, "{}", factor.text());
        format!("{}/{}", self.target, id(factor))
    }
}

fn id(factor: &Answer) -> String {
    factor.json()["id"].as_str().unwrap().to_owned()
}

fn tap(client: &Client, id: &str, approve: bool) -> Result<factor::Seen, factor::NoPush> {
    factor::tap(&client.org, id, approve, client.org.clock().now())
}

fn path(url: &Value) -> String {
    url.as_str().unwrap().strip_prefix(crate::client::BASE).unwrap().to_owned()
}

fn later(client: &Client, seconds: i64) {
    let clock = client.org.clock();
    clock.set(clock.now() + jiff::SignedDuration::from_secs(seconds));
}

#[test]
fn a_phone_is_set_up_by_a_tap_while_somebody_polls() {
    let client = Client::dev();
    let factors = Factors::of(&client);
    let enrolled = factors.enroll("push", "OKTA", json!({}));
    let own = factors.own(&enrolled);
    let pending = enrolled.json();
    assert_eq!(pending["status"], "PENDING_ACTIVATION");
    let activation = &pending["_embedded"]["activation"];
    assert_eq!(activation["factorResult"], "WAITING");
    assert_eq!(activation["_links"]["qrcode"]["type"], "image/png");
    let poll = || post(&client, &path(&pending["_links"]["poll"]["href"]), &json!({}));
    assert_eq!(poll().json()["factorResult"], "WAITING");
    assert_eq!(
        post(&client, &path(&activation["_links"]["send"][1]["href"]), &json!({})).status,
        204,
        "the link goes to a phone"
    );
    assert_eq!(post(&client, &format!("{own}/lifecycle/activate/pigeon"), &json!({})).status, 404);
    later(&client, 601);
    let over = poll().json();
    assert_eq!(
        (&over["factorResult"], tap(&client, &id(&enrolled), true).is_err()),
        (&json!("TIMEOUT"), true)
    );
    let again = post(&client, &path(&over["_links"]["activate"]["href"]), &json!({}));
    assert_eq!(again.json()["factorResult"], "WAITING");
    tap(&client, &id(&enrolled), true).unwrap();
    let active = poll().json();
    assert_eq!((&active["status"], active.get("_embedded")), (&json!("ACTIVE"), None));
    assert_eq!(active["profile"]["credentialId"], "grace@example.com");
    assert!(active["_links"]["verify"].is_object(), "{active}");
    assert_eq!(client.get(SUPER, &own).json(), active);
}

#[test]
fn a_push_is_approved_refused_or_forgotten() {
    let client = Client::dev();
    let factors = Factors::of(&client);
    let enrolled = factors.enroll("push", "OKTA", json!({}));
    let own = factors.own(&enrolled);
    let factor = id(&enrolled);
    assert_eq!(post(&client, &format!("{own}/verify"), &json!({})).status, 403, "not active yet");
    tap(&client, &factor, true).unwrap();
    assert_eq!(tap(&client, &factor, true).err(), Some(factor::NoPush::Nothing(factor.clone())));
    let push = |body: Value| {
        let sent = post(&client, &format!("{own}/verify"), &body);
        assert_eq!(sent.status, 201, "{}", sent.text());
        sent.json()
    };
    let poll = |push: &Value| client.get(SUPER, &path(&push["_links"]["poll"]["href"])).json();
    let first = push(json!({}));
    assert_eq!((&first["factorResult"], first.get("profile")), (&json!("WAITING"), None));
    assert_eq!(poll(&first)["profile"]["credentialId"], "grace@example.com");
    tap(&client, &factor, true).unwrap();
    assert_eq!(poll(&first), json!({ "factorResult": "SUCCESS" }));
    let second = push(json!({ "useNumberMatchingChallenge": true }));
    let number = second["_embedded"]["challenge"]["correctAnswer"].as_u64().unwrap();
    assert!((10..100).contains(&number));
    tap(&client, &factor, false).unwrap();
    assert_eq!(poll(&second)["factorResult"], "REJECTED");
    let third = push(json!({}));
    later(&client, 301);
    assert_eq!(poll(&third)["factorResult"], "TIMEOUT");
    let fourth = push(json!({}));
    let cancel = path(&fourth["_links"]["cancel"]["href"]);
    assert_eq!(client.delete(SUPER, &cancel).status, 204);
    assert!(client.get(SUPER, &cancel).error().ends_with("(FactorTransaction)"));
    assert!(tap(&client, &factor, true).is_err(), "nobody waits");
}

#[test]
fn sent_codes_count_once_and_for_five_minutes() {
    let client = Client::dev();
    let factors = Factors::of(&client);
    let enrolled = factors.enroll("email", "OKTA", json!({ "profile": { "email": "grace@example.com" } }));
    let own = factors.own(&enrolled);
    let code = || factor::look(&client.org.state(), &id(&enrolled), client.org.clock().now()).unwrap().code;
    let send = |what: &str, code: &str| post(&client, &format!("{own}/{what}"), &json!({ "passCode": code }));
    let old = code().unwrap();
    assert_eq!(post(&client, &format!("{own}/resend"), &json!({})).status, 200);
    assert_ne!(code().unwrap(), old);
    assert_eq!(send("lifecycle/activate", &old).error(), "403 E0000068 Invalid Passcode/Answer");
    later(&client, 300);
    assert_eq!(
        send("lifecycle/activate", &code().unwrap()).error(),
        "403 E0000083 PassCode is valid but exceeded time window."
    );
    assert_eq!(post(&client, &format!("{own}/resend"), &json!({})).status, 200);
    assert_eq!(send("lifecycle/activate", &code().unwrap()).json()["status"], "ACTIVE");
    // One mail in five seconds.
    later(&client, 5);
    assert_eq!(post(&client, &format!("{own}/verify"), &json!({})).json()["factorResult"], "CHALLENGE");
    let fresh = code().unwrap();
    assert_eq!(send("verify", &fresh).json(), json!({ "factorResult": "SUCCESS" }));
    assert_eq!(send("verify", &fresh).status, 403, "used up");
}

#[test]
fn tokens_show_codes_that_count_once() {
    let client = Client::dev();
    let factors = Factors::of(&client);
    let profile = json!({ "profile": { "credentialId": "000123" }, "verify": { "passCode": "5275875498" } });
    let shared = json!({ "profile": { "sharedSecret": "GEZDGNBVGY3TQOJQ" }, "factorProfileId": "fpr20l2mDyaUGWGCa0g4" });
    for (kind, provider, more) in
        [("token", "RSA", &profile), ("token", "SYMANTEC", &profile), ("token:hotp", "CUSTOM", &shared)]
    {
        let enrolled = factors.enroll(kind, provider, more.clone());
        let own = factors.own(&enrolled);
        assert_eq!(enrolled.json()["status"], "ACTIVE");
        assert!(!enrolled.text().contains("GEZDGNBVGY3TQOJQ"), "the secret is never shown");
        let seen = factor::look(&client.org.state(), &id(&enrolled), client.org.clock().now()).unwrap();
        let verify = |code: &str| post(&client, &format!("{own}/verify"), &json!({ "passCode": code }));
        assert_eq!(verify("nothing").error(), "403 E0000068 Invalid Passcode/Answer");
        let code = seen.code.unwrap();
        assert_eq!(verify(&code).json(), json!({ "factorResult": "SUCCESS" }), "{kind}");
        assert!(verify(&code).error().starts_with("403 E0000082"), "{kind}");
    }
    let blank = json!({ "profile": { "credentialId": "000123" }, "verify": {} });
    assert_eq!(factors.enroll("token", "RSA", blank).status, 400, "such a token is there already");
    let other =
        Factors { client: &client, target: "/api/v1/users/ursula.user@example.com/factors".to_owned() };
    let blank = json!({ "profile": { "credentialId": "000123" } });
    assert_eq!(other.enroll("token", "RSA", blank).error(), "403 E0000068 Invalid Passcode/Answer");
    let bad = json!({ "profile": { "sharedSecret": "!" } });
    assert_eq!(other.enroll("token:hotp", "CUSTOM", bad).status, 400);
}

#[test]
fn a_yubikey_is_known_by_its_seed() {
    let client = Client::dev();
    let factors = Factors::of(&client);
    // Made by openssl with the seed below: counters 1/0, 1/1 and 2/0.
    let codes = [
        "ccccccijgiburrrkcugjclubbkuibiuntnbjirndehfd",
        "ccccccijgibutrluhecnntvkgkgtlkhiducggfublcir",
        "ccccccijgibuvkkfildjhjbfucjftfrhjcflcfnrdkdf",
    ];
    let enroll =
        |code: &str| factors.enroll("token:hardware", "YUBICO", json!({ "verify": { "passCode": code } }));
    assert_eq!(
        enroll(codes[0]).error(),
        "403 E0000068 Invalid Passcode/Answer",
        "the org does not know the key"
    );
    let tokens = "/api/v1/org/factors/yubikey_token/tokens";
    let seed = json!({ "serialNumber": "7886622", "publicId": "ccccccijgibu", "privateId": "b74be6169486",
        "aesKey": "1fcc6d8ce39bf1604e0b17f3e0a11067" });
    let token = post(&client, tokens, &seed).json();
    let token = format!("{tokens}/{}", token["id"].as_str().unwrap());
    let enrolled = enroll(codes[0]);
    let own = factors.own(&enrolled);
    assert_eq!(enrolled.json()["profile"]["credentialId"], "000007886622");
    assert_eq!(client.get(SUPER, &token).json()["status"], "ACTIVE");
    let verify = |code: &str| post(&client, &format!("{own}/verify"), &json!({ "passCode": code }));
    assert!(verify(codes[0]).error().starts_with("403 E0000082"));
    assert_eq!(verify(codes[2]).json(), json!({ "factorResult": "SUCCESS" }));
    assert!(verify(codes[1]).error().starts_with("403 E0000082"), "the counter goes on");
    assert!(verify("ccccccijgibu").error().starts_with("403 E0000068"));
    assert!(verify("é").error().starts_with("403 E0000068"));
    assert_eq!(client.delete(SUPER, &own).status, 204);
    assert_eq!(client.get(SUPER, &token).json()["status"], "UNASSIGNED");
}
