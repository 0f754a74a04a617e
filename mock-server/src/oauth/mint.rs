//! Making access tokens and ID tokens (token-facts §2, §13): the order of members is the order of the fields here.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};

use super::claims;
use super::server::Known;
use super::store::Allowed;
use super::user::User;
use crate::org::Org;
use crate::org::authorization_server::Claim;
use crate::org::client::Client;
use crate::org::keys::{KeyError, TokenKind};
use crate::org::mutation::Mutation;
use crate::org::state::OrgState;
use crate::org::tokens::AccessToken;

/// How long an access token lives, in seconds; not configurable (token-facts §13).
pub(super) const LIFETIME: i64 = 3600;

#[derive(Serialize)]
struct OrgClaims<'a> {
    ver: u8,
    jti: &'a str,
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
    cid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'a str>,
    scp: &'a [Arc<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
}

#[derive(Serialize)]
struct CustomClaims<'a> {
    ver: u8,
    jti: &'a str,
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    cid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'a str>,
    scp: &'a [Arc<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
    #[serde(flatten)]
    own: Map<String, Value>,
}

/// The members that no claim of a custom server takes the place of.
const FIXED: [&str; 18] = [
    "ver",
    "jti",
    "iss",
    "aud",
    "iat",
    "exp",
    "cid",
    "uid",
    "scp",
    "auth_time",
    "sub",
    "cnf",
    "amr",
    "idp",
    "sid",
    "nonce",
    "at_hash",
    "c_hash",
];

/// The key that a token is bound to, by its thumbprint (RFC 9449 §6).
#[derive(Debug, Clone, Copy, Serialize)]
struct Confirmation<'a> {
    jkt: &'a str,
}

/// A token, and what it says.
#[derive(Debug)]
pub(super) struct Minted {
    /// The JWT.
    pub(super) token: String,
    /// What it says.
    pub(super) access: Arc<AccessToken>,
}

/// Where tokens are made: the org, the server, the name under which it was called, the time in epoch seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mint<'a> {
    /// The org.
    pub(super) org: &'a Org,
    /// Its state.
    pub(super) state: &'a OrgState,
    /// The authorization server.
    pub(super) server: &'a Known,
    /// The base URL as the caller wrote it.
    pub(super) base_url: &'a str,
    /// The time.
    pub(super) now: i64,
}

/// On whose behalf a client acts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behalf<'a> {
    /// The user.
    pub(super) user: User<'a>,
    /// When the user signed in, in epoch seconds.
    pub(super) auth_time: i64,
    /// The family of the refresh token that is issued beside the access token.
    pub(super) family: Option<&'a Arc<str>>,
}

impl Mint<'_> {
    /// An access token of the usual lifetime, bound to no key.
    #[cfg(test)]
    pub(super) fn access_token(
        &self,
        client: &Client,
        behalf: Option<Behalf<'_>>,
        scopes: Vec<Arc<str>>,
    ) -> Result<Minted, KeyError> {
        self.bound_access_token(client, behalf, scopes, None, LIFETIME)
    }

    /// Makes an access token, of a client that acts for itself or for a user, and remembers it as verified. It is bound
    /// to the key with a thumbprint, if there is one, and lives for so many seconds.
    ///
    /// # Errors
    /// [`KeyError`] when the backend cannot sign.
    pub(super) fn bound_access_token(
        &self,
        client: &Client,
        behalf: Option<Behalf<'_>>,
        scopes: Vec<Arc<str>>,
        jkt: Option<Arc<str>>,
        lifetime: i64,
    ) -> Result<Minted, KeyError> {
        let id = self.org.tokens().next_id(self.state.settings.token_generation);
        let mut jti = id.to_jti(self.org.ids());
        if let Some(family) = behalf.and_then(|behalf| behalf.family) {
            jti.push('.');
            jti.push_str(family);
        }
        let issuer = self.server.issuer(self.base_url);
        let (iat, exp) = (self.now, self.now.saturating_add(lifetime));
        let uid = behalf.map(|behalf| behalf.user.id());
        let login = behalf.map(|behalf| behalf.user.login());
        let user = behalf.map(|behalf| behalf.user);
        let mut own = claims::of(self.server, self.state, client, user, &scopes, |claim| claim.access);
        let own_sub = own.shift_remove("sub").and_then(|sub| sub.as_str().map(str::to_owned));
        own.retain(|name, _| !FIXED.contains(&name.as_str()));
        let sub = own_sub.as_deref().or(login.as_deref()).unwrap_or(&client.id);
        let auth_time = behalf.map(|behalf| behalf.auth_time);
        let (jti, iss, cid, scp) = (jti.as_str(), issuer.as_str(), &*client.id, scopes.as_slice());
        let (ver, uid_claim) = (1, uid.map(|uid| &**uid));
        let cnf = jkt.as_deref().map(|jkt| Confirmation { jkt });
        let (kind, claims) = match self.server {
            Known::Org => {
                let (aud, uid) = (self.base_url, uid_claim);
                let claims = OrgClaims { ver, jti, iss, aud, sub, iat, exp, cid, uid, scp, auth_time, cnf };
                (TokenKind::Org, serde_json::to_vec(&claims))
            }
            Known::Custom(server) => {
                let (aud, uid) = (server.audience.as_str(), uid_claim);
                let claims =
                    CustomClaims { ver, jti, iss, aud, iat, exp, cid, uid, scp, auth_time, sub, cnf, own };
                (TokenKind::Custom, serde_json::to_vec(&claims))
            }
        };
        let token = self.signed(kind, &claims.map_err(|error| KeyError::new(error.to_string()))?)?;
        let access = Arc::new(AccessToken {
            id,
            client_id: client.id.clone(),
            user: uid.cloned(),
            family: behalf.and_then(|behalf| behalf.family).cloned(),
            scopes,
            issuer: issuer.into(),
            jkt,
            issued_at: iat,
            expires_at: exp,
        });
        self.org.tokens().remember(&token, access.clone());
        Ok(Minted { token, access })
    }

    /// Makes the ID token for what a user has allowed. `access_token` and `code` are those that go with it, for `at_hash`
    /// and `c_hash`.
    ///
    /// # Errors
    /// [`KeyError`] when the backend cannot sign.
    pub(super) fn id_token(
        &self,
        client: &Client,
        user: User<'_>,
        allowed: &Allowed,
        access_token: Option<&str>,
        code: Option<&str>,
    ) -> Result<String, KeyError> {
        // A claim that is not always there is told by `userinfo`, where the client can ask it.
        let alone = access_token.is_none() && code.is_none();
        let wanted = |claim: &Claim| !claim.access && (claim.always || alone);
        let mut told = user.claims(&allowed.scopes);
        let own = claims::of(self.server, self.state, client, Some(user), &allowed.scopes, wanted);
        told.extend(own.into_iter().filter(|(name, _)| !FIXED.contains(&name.as_str())));
        let mut random = [0; 32];
        self.org.ids().fill(&mut random);
        let mutations = self.state.settings.mutations;
        let lifetime = if mutations.has(Mutation::IdTokenLifetime) { 86_400 } else { LIFETIME };
        let access_token = access_token.filter(|_| !mutations.has(Mutation::IdTokenHash));
        let claims = IdClaims {
            sub: user.id(),
            ver: 1,
            iss: &self.server.issuer(self.base_url),
            aud: &allowed.client_id,
            iat: self.now,
            exp: self.now.saturating_add(lifetime),
            jti: &format!("ID.{}", URL_SAFE_NO_PAD.encode(random)),
            amr: &allowed.amr,
            idp: &self.state.settings.org_id,
            sid: allowed.session.as_deref(),
            auth_time: allowed.auth_time,
            at_hash: access_token.map(half_hash),
            c_hash: code.map(half_hash),
            nonce: allowed.nonce.as_deref(),
            told,
        };
        let claims = serde_json::to_vec(&claims).map_err(|error| KeyError::new(error.to_string()))?;
        let token = self.signed(TokenKind::Custom, &claims)?;
        if mutations.has(Mutation::IdTokenSignature) {
            // As long as a signature is, so that it stays a JWT.
            let text = token.rsplit_once('.').map_or("", |(text, _)| text);
            return Ok(format!("{text}.{}", "A".repeat(342)));
        }
        Ok(token)
    }

    /// A JWT. ID tokens have the plain header, as tokens of custom servers.
    fn signed(&self, kind: TokenKind, claims: &[u8]) -> Result<String, KeyError> {
        let org_keys = self.org.keys();
        let own_key = match self.server {
            Known::Org => None,
            Known::Custom(server) => {
                let kid =
                    server.keys.first().ok_or_else(|| KeyError::new("the server has no key".to_owned()))?;
                Some(self.org.key_ring().key(kid)?)
            }
        };
        let key = own_key.as_deref().unwrap_or_else(|| org_keys.current());
        let header = key.header(kind);
        let mut token = String::with_capacity(header.len() + claims.len() * 4 / 3 + 350);
        token.push_str(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = key.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
        Ok(token)
    }
}

#[derive(Serialize)]
struct IdClaims<'a> {
    sub: &'a str,
    ver: u8,
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: &'a str,
    amr: &'a [String],
    idp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(flatten)]
    told: Map<String, Value>,
}

/// The left half of the SHA-256 of a token or code (OpenID Connect Core §3.1.3.6, for RS256).
fn half_hash(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::oauth::store::refresh_tokens;
    use crate::oauth::verify;
    use crate::org::OrgOptions;
    use crate::org::seed::OrgDocument;

    const NOW: i64 = 1_795_514_400;
    const BASE: &str = "https://acme.okta.example";

    fn org() -> Org {
        let document = OrgDocument::from_toml(
            r#"
            [[users]]
            id = "00uada"
            profile = { login = "ada@example.com", firstName = "Ada", lastName = "Admin", mobilePhone = "+1 555" }
            [[apps]]
            name = "web"
            client_id = "0oaweb"
            kind = "web"
            "#,
        );
        Org::new(&document.unwrap(), &OrgOptions { seed: Some(7), ..OrgOptions::default() }).unwrap()
    }

    fn payload(token: &str) -> String {
        let part = token.split('.').nth(1).unwrap();
        String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    fn members(token: &str) -> Vec<String> {
        let claims: Map<String, Value> = serde_json::from_str(&payload(token)).unwrap();
        claims.keys().cloned().collect()
    }

    fn allowed(scopes: &[&str]) -> Allowed {
        Allowed {
            client_id: "0oaweb".into(),
            user_id: "00uada".into(),
            server: None,
            scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
            nonce: Some("n-1".to_owned()),
            auth_time: NOW - 60,
            amr: vec!["pwd".to_owned()],
            session: Some("102s".into()),
            redirect_uri: None,
            challenge: None,
            dpop_jkt: None,
        }
    }

    #[test]
    fn a_user_s_access_token_has_okta_s_members_in_okta_s_order_and_falls_with_its_family() {
        let org = org();
        let family = refresh_tokens::issue(&org, NOW, allowed(&["openid"])).family;
        let state = org.state();
        let client = state.derived.client("0oaweb").unwrap();
        let mint = Mint { org: &org, state: &state, server: &Known::Org, base_url: BASE, now: NOW };
        let user = User::admitted(&state, "00uada").unwrap();
        let behalf = Behalf { user, auth_time: NOW - 60, family: Some(&family.id) };
        let token = mint.access_token(client, Some(behalf), vec!["openid".into()]).unwrap().token;
        let order = ["ver", "jti", "iss", "aud", "sub", "iat", "exp", "cid", "uid", "scp", "auth_time"];
        assert_eq!(members(&token), order);
        let claims: Value = serde_json::from_str(&payload(&token)).unwrap();
        assert_eq!((&claims["sub"], &claims["uid"]), (&"ada@example.com".into(), &"00uada".into()));
        assert!(claims["jti"].as_str().unwrap().ends_with(&format!(".{}", family.id)));
        let at = Timestamp::from_second(NOW).unwrap();
        let access = verify(&org, &state, at, &token).unwrap();
        assert_eq!((access.user.as_deref(), access.family.as_deref()), (Some("00uada"), Some(&*family.id)));
        refresh_tokens::revoke_family(&org, NOW, &family.id);
        assert!(verify(&org, &org.state(), at, &token).is_err());
    }

    #[test]
    fn an_id_token_tells_what_its_scopes_allow() {
        let org = org();
        let state = org.state();
        let client = state.derived.client("0oaweb").unwrap();
        let mint = Mint { org: &org, state: &state, server: &Known::Org, base_url: BASE, now: NOW };
        let user = User::admitted(&state, "00uada").unwrap();
        let token = mint.id_token(client, user, &allowed(&["openid"]), Some("AT"), Some("code")).unwrap();
        let plain = [
            "sub",
            "ver",
            "iss",
            "aud",
            "iat",
            "exp",
            "jti",
            "amr",
            "idp",
            "sid",
            "auth_time",
            "at_hash",
            "c_hash",
            "nonce",
        ];
        assert_eq!(members(&token), plain);
        let claims: Value = serde_json::from_str(&payload(&token)).unwrap();
        assert_eq!(claims["at_hash"], half_hash("AT"));
        assert_eq!(claims["aud"], "0oaweb");
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
        assert!(claims["jti"].as_str().unwrap().starts_with("ID."));
        assert!(claims["idp"].as_str().unwrap().starts_with("00o"));
        let more = allowed(&["openid", "profile", "email", "phone"]);
        let token = mint.id_token(client, user, &more, None, None).unwrap();
        let claims: Value = serde_json::from_str(&payload(&token)).unwrap();
        for (claim, value) in [
            ("name", "Ada Admin"),
            ("preferred_username", "ada@example.com"),
            ("given_name", "Ada"),
            ("family_name", "Admin"),
            ("email", "ada@example.com"),
            ("phone_number", "+1 555"),
        ] {
            assert_eq!(claims[claim], value);
        }
        assert!(claims.get("at_hash").is_none() && claims["email_verified"] == true);
        // An ID token is no access token.
        let at = Timestamp::from_second(NOW).unwrap();
        assert!(verify(&org, &state, at, &token).is_err());
    }

    #[test]
    fn the_hash_is_the_one_of_openid_connect() {
        // OpenID Connect Core, appendix A.3.
        assert_eq!(half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
