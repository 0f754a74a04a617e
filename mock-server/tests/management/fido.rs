//! Keys by WebAuthn and U2F, with a key that the test holds.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use serde_json::{Value, json};

use crate::client::{BASE, Client};
use crate::factors::Factors;
use crate::people::post;

const HANDLE: [u8; 16] = [7; 16];

/// A security key, and the browser in front of it.
struct Key {
    pair: EcdsaKeyPair,
    certificate: Vec<u8>,
    origin: &'static str,
    party: &'static str,
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

impl Key {
    fn new() -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&pair).unwrap();
        let own = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pair.serialize_der()).unwrap();
        Self { pair: own, certificate: certificate.der().to_vec(), origin: BASE, party: "acme.localhost" }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin }).to_string().into_bytes()
    }

    /// The authenticator's data, with the credential where a count is 0.
    fn data(&self, count: u32) -> Vec<u8> {
        let mut data = sha256(self.party.as_bytes());
        data.push(if count == 0 { 0x41 } else { 0x01 });
        data.extend(count.to_be_bytes());
        if count == 0 {
            data.extend([0; 16]);
            data.extend([0, 16]);
            data.extend(HANDLE);
            let point = self.pair.public_key().as_ref();
            let entry = |label: i64, value: Cbor| (Cbor::from(label), value);
            let key = Cbor::Map(vec![
                entry(1, 2.into()),
                entry(3, (-7).into()),
                entry(-1, 1.into()),
                entry(-2, Cbor::Bytes(point[1..33].to_vec())),
                entry(-3, Cbor::Bytes(point[33..].to_vec())),
            ]);
            ciborium::into_writer(&key, &mut data).unwrap();
        }
        data
    }

    /// What a browser posts to register it.
    fn created(&self, challenge: &str, format: &str, certified: bool) -> Value {
        let (data, client) = (self.data(0), self.client_data("webauthn.create", challenge));
        let text = |text: &str| Cbor::Text(text.to_owned());
        let mut statement = Vec::new();
        if format == "packed" {
            let message = [&data[..], &sha256(&client)].concat();
            statement.push((text("alg"), Cbor::from(-7)));
            statement.push((text("sig"), Cbor::Bytes(self.sign(&message))));
        }
        if certified {
            statement.push((text("x5c"), Cbor::Array(vec![Cbor::Bytes(self.certificate.clone())])));
        }
        let object = Cbor::Map(vec![
            (text("fmt"), text(format)),
            (text("attStmt"), Cbor::Map(statement)),
            (text("authData"), Cbor::Bytes(data)),
        ]);
        let mut attestation = Vec::new();
        ciborium::into_writer(&object, &mut attestation).unwrap();
        json!({ "attestation": STANDARD.encode(attestation), "clientData": STANDARD.encode(client) })
    }

    /// What a browser posts to use it.
    fn used(&self, challenge: &str, count: u32) -> Value {
        let (data, client) = (self.data(count), self.client_data("webauthn.get", challenge));
        let signature = self.sign(&[&data[..], &sha256(&client)].concat());
        json!({
            "authenticatorData": STANDARD.encode(data),
            "clientData": URL_SAFE_NO_PAD.encode(client),
            "signatureData": URL_SAFE_NO_PAD.encode(signature),
        })
    }
}

#[test]
fn a_key_is_registered_by_its_attestation_and_used_by_its_signature() {
    let client = Client::dev();
    let factors = Factors::of(&client);
    for (format, certified) in [("none", false), ("packed", false), ("packed", true)] {
        let enrolled = factors.enroll("webauthn", "FIDO", json!({}));
        let own = factors.own(&enrolled);
        let activation = enrolled.json()["_embedded"]["activation"].clone();
        let challenge = activation["challenge"].as_str().unwrap().to_owned();
        let activate = |body: &Value| post(&client, &format!("{own}/lifecycle/activate"), body);
        let key = Key::new();
        let stranger = Key { origin: "https://evil.example", party: "evil.example", ..Key::new() };
        let other_party = Key { party: "evil.example", ..Key::new() };
        for (wrong, why) in [
            (key.created("AAAAAAAAAAAAAAAAAAAA", format, certified), "clientData answers another challenge."),
            (
                stranger.created(&challenge, format, certified),
                "The origin https://evil.example is not one of the org or a trusted one.",
            ),
            (other_party.created(&challenge, format, certified), "The key answers another relying party."),
        ] {
            let refused = activate(&wrong);
            assert_eq!(refused.error(), "403 E0000068 Invalid Passcode/Answer");
            assert_eq!(refused.json()["errorCauses"][0]["errorSummary"], why);
        }
        if format == "packed" {
            let mut forged = key.created(&challenge, format, certified);
            forged["attestation"] = Key::new().created("other", format, certified)["attestation"].clone();
            assert_eq!(activate(&forged).status, 403);
        }
        assert_eq!(activate(&json!({})).status, 400);
        let active = activate(&key.created(&challenge, format, certified));
        assert_eq!(active.status, 200, "{format}: {}", active.text());
        assert_eq!(active.json()["profile"]["credentialId"], URL_SAFE_NO_PAD.encode(HANDLE));
        let verify = |body: &Value| post(&client, &format!("{own}/verify"), body);
        let challenge = || {
            let asked = verify(&json!({})).json();
            assert_eq!(asked["factorResult"], "CHALLENGE");
            asked["_embedded"]["challenge"]["challenge"].as_str().unwrap().to_owned()
        };
        let used = key.used(&challenge(), 5);
        let right = verify(&used).json();
        assert_eq!((&right["factorResult"], right["profile"].is_object()), (&json!("SUCCESS"), true));
        assert_eq!(verify(&used).status, 403, "a challenge counts once");
        assert_eq!(verify(&Key::new().used(&challenge(), 6)).status, 403, "another key");
        assert_eq!(verify(&key.used(&challenge(), 5)).status, 403, "a copied key does not count on");
        assert_eq!(verify(&key.used(&challenge(), 6)).status, 200);
    }
    let next = factors.enroll("webauthn", "FIDO", json!({})).json();
    assert_eq!(next["_embedded"]["activation"]["excludeCredentials"].as_array().unwrap().len(), 3);
}

#[test]
fn an_older_key_is_registered_and_used_by_u2f() {
    let client = Client::dev();
    let factors = Factors::of(&client);
    let enrolled = factors.enroll("u2f", "FIDO", json!({}));
    let own = factors.own(&enrolled);
    let nonce = enrolled.json()["_embedded"]["activation"]["nonce"].as_str().unwrap().to_owned();
    let key = Key::new();
    let app = sha256(BASE.as_bytes());
    let data = |kind: &str, nonce: &str| {
        json!({ "typ": kind, "challenge": nonce, "origin": BASE, "cid_pubkey": "unused" }).to_string()
    };
    let register = |nonce: &str| {
        let client_data = data("navigator.id.finishEnrollment", nonce);
        let point = key.pair.public_key().as_ref();
        let message = [&[0], &app[..], &sha256(client_data.as_bytes()), &HANDLE, point].concat();
        let registration = [&[5], point, &[16], &HANDLE, &key.certificate, &key.sign(&message)[..]].concat();
        json!({
            "registrationData": URL_SAFE_NO_PAD.encode(registration),
            "clientData": URL_SAFE_NO_PAD.encode(client_data),
        })
    };
    let activate = |body: &Value| post(&client, &format!("{own}/lifecycle/activate"), body);
    assert_eq!(activate(&register("another")).status, 403);
    let active = activate(&register(&nonce));
    assert_eq!(active.status, 200, "{}", active.text());
    assert_eq!(
        active.json()["profile"],
        json!({ "credentialId": URL_SAFE_NO_PAD.encode(HANDLE), "version": "U2F_V2" })
    );
    let verify = |body: &Value| post(&client, &format!("{own}/verify"), body);
    let sign = |count: u32| {
        let asked = verify(&json!({})).json();
        let nonce = asked["_embedded"]["challenge"]["nonce"].as_str().unwrap().to_owned();
        let client_data = data("navigator.id.getAssertion", &nonce);
        let head = [&[1], &count.to_be_bytes()[..]].concat();
        let message = [&app[..], &head, &sha256(client_data.as_bytes())].concat();
        json!({
            "signatureData": URL_SAFE_NO_PAD.encode([&head[..], &key.sign(&message)].concat()),
            "clientData": URL_SAFE_NO_PAD.encode(client_data),
        })
    };
    assert_eq!(verify(&sign(1)).json()["factorResult"], "SUCCESS");
    assert_eq!(verify(&sign(1)).status, 403, "it does not count on");
    assert_eq!(verify(&sign(2)).json()["factorResult"], "SUCCESS");
}
