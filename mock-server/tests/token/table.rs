//! Every row of token-facts §3 to §6 that client credentials can reach: how the request is made, what comes back. A row
//! without `dialect` states the default; several rows may share the id of one fact.

use crate::ask::{Ask, Auth, NOW};

/// A row: the fact it shows, the request, the answer.
pub(crate) struct Row {
    pub(crate) fact: &'static str,
    pub(crate) ask: fn() -> Ask,
    pub(crate) expect: Expect,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// 200 and these scopes.
    Token(&'static str),
    /// Status, `error`, `error_description`.
    OAuth(u16, &'static str, &'static str),
    /// Status, `errorCode`, `errorSummary`.
    Envelope(u16, &'static str, &'static str),
    /// What this program lacks: 501.
    Gap,
}

use Expect::{Envelope, Gap, OAuth, Token};

macro_rules! rows {
    ($($name:ident, $fact:literal, $ask:expr => $expect:expr;)*) => {
        /// The table.
        pub(crate) const ROWS: &[Row] = &[$(Row { fact: $fact, ask: || $ask, expect: $expect }),*];

        $(#[test] fn $name() {
            crate::judge::judge(&Row { fact: $fact, ask: || $ask, expect: $expect });
        })*
    };
}

const UNKNOWN: &str = "Invalid value for 'client_id' parameter.";
const MISMATCH: &str =
    "Client authentication failed. Either the client or the client credentials are invalid.";
const WRONG_SECRET: &str = "The client secret supplied for a confidential client is invalid.";
const NEEDS_KEY: &str = "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.";
const OIN_METHOD: &str = "OAuth Integration Client Credentials requests to the Org Authorization Server must use either private_key_jwt or client_secret_basic as the token_endpoint_auth_method.";
const NOT_SERVICE: &str = "Only clients with 'application_type' of 'service' may use the client_credentials 'grant_type' with the Org Authorization Server.";
const MULTIPLE: &str = "Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization header, credentials in the post body, or a client_assertion in the post body.";
const IN_QUERY: &str = "Client credentials cannot be supplied via query parameters.";
const BAD_BASIC: &str = "Found Authentication header but was not valid client credentials.";
const NONE: &str = "No client credentials found.";
const ISS: &str = "The issuer claim for client_assertion is not a valid client_id.";
const SUB: &str = "The subject claim for client_assertion is not a valid client_id.";
const AUD: &str = "The audience claim for client_assertion must be the endpoint invoked for the request.";
const EXP_MISSING: &str = "The client_assertion must contain the 'exp' claim as seconds since epoch.";
const EXPIRED: &str = "The client_assertion token is expired.";
const TOO_FAR: &str = "The client_assertion token has an expiration too far into the future.";
const IAT: &str = "The client_assertion token must be issued before the current time.";
const KID: &str = "The client_assertion JWT kid is invalid.";
const ALG: &str = "The client_assertion JWT signature algorithm is invalid.";
const SIGNATURE: &str = "The client_assertion signature is invalid.";
const REPLAY: &str = "The client_assertion token has already been used.";
const PARSE: &str = "The parsing of the client_assertion failed.";
const TYPE: &str = "The client_assertion_type is invalid.";
const NOT_CONFIGURED: &str = "One or more scopes are not configured for the authorization server resource.";
const OPENID: &str = "Cannot request 'openid' scopes using client credentials.";
const DUPLICATE: &str = "Duplicate parameter provided in request. Duplicated parameters: [scope].";

const fn client(description: &'static str) -> Expect {
    OAuth(401, "invalid_client", description)
}

const fn scope(description: &'static str) -> Expect {
    OAuth(400, "invalid_scope", description)
}

rows! {
    // §2
    ok_bearer, "tok.cc.ok.bearer", Ask::new() => Token("okta.users.read");
    ok_order_of_the_request, "tok.cc.ok.bearer",
        Ask::new().scope("okta.groups.read okta.users.read") => Token("okta.groups.read okta.users.read");
    ok_scope_twice, "tok.cc.ok.bearer",
        Ask::new().scope("okta.users.read  okta.users.read") => Token("okta.users.read");
    ok_rs384, "tok.cc.ok.bearer", Ask::new().key("client-rsa", "rsa", "RS384") => Token("okta.users.read");
    ok_rs512, "tok.cc.ok.bearer", Ask::new().key("client-rsa", "rsa", "RS512") => Token("okta.users.read");
    ok_es256, "tok.cc.ok.bearer", Ask::of("es256").key("client-ec256", "ec", "ES256") => Token("okta.users.read");
    ok_es384, "tok.cc.ok.bearer", Ask::of("es384").key("client-ec384", "ec", "ES384") => Token("okta.users.read");
    ok_es512, "tok.cc.ok.bearer", Ask::of("es512").key("client-ec521", "ec", "ES512") => Token("okta.users.read");
    ok_client_id_beside_the_assertion, "tok.cc.ok.bearer",
        Ask::new().param("client_id", "0oaservice0000000001") => Token("okta.users.read");
    ok_parameters_in_the_query, "tok.cc.ok.bearer",
        Ask::new().query("grant_type", "client_credentials").query("scope", "okta.users.read")
            .query("client_assertion_type", mock_server::oauth::assertion::JWT_BEARER) => Token("okta.users.read");
    ok_content_type_with_charset, "tok.cc.ok.bearer",
        with_content_type("Application/X-WWW-Form-Urlencoded; charset=UTF-8") => Token("okta.users.read");
    ok_proof_that_nobody_asked_for, "tok.cc.ok.bearer", Ask::new().header("DPoP", "a.b.c") => Token("okta.users.read");
    ok_oin_basic, "tok.cc.ok.oin_basic", Ask::new().basic("oin") => Token("okta.users.read");
    ok_oin_key, "tok.cc.ok.oin_basic", Ask::of("oin-key") => Token("okta.users.read");
    ok_mixed, "tok.cc.ok.mixed",
        Ask::new().scope("okta.users.manage okta.groups.read okta.logs.read okta.users.read")
        => Token("okta.groups.read okta.users.read");
    mixed_denied, "tok.scope.illegal_list",
        Ask::new().scope("okta.users.manage okta.users.read").dialect("mixed_scopes", "deny")
        => scope("The following scopes are not allowed for this request: [okta.users.manage].");

    // §3, forms of authentication
    auth_none, "tok.auth.none", Ask::new().auth(Auth::Nothing) => client(NONE);
    auth_none_secret_alone, "tok.auth.none",
        Ask::new().auth(Auth::Nothing).param("client_secret", "x") => client(NONE);
    auth_none_other_scheme, "tok.auth.none",
        Ask::new().auth(Auth::Nothing).header("Authorization", "Bearer x") => client(NONE);
    auth_none_challenged, "tok.auth.none",
        Ask::new().auth(Auth::Nothing).dialect("token_challenge", "basic") => client(NONE);
    auth_basic_malformed, "tok.auth.basic_malformed",
        Ask::new().auth(Auth::Nothing).header("Authorization", "Basic !!!") => client(BAD_BASIC);
    auth_basic_empty, "tok.auth.basic_malformed",
        Ask::new().auth(Auth::Nothing).header("authorization", "basic") => client(BAD_BASIC);
    auth_basic_no_utf8, "tok.auth.basic_malformed",
        Ask::new().auth(Auth::Nothing).header("Authorization", "Basic //8=") => client(BAD_BASIC);
    auth_basic_without_id, "tok.auth.basic_malformed",
        Ask::new().auth(Auth::Nothing).header("Authorization", "Basic OnNlY3JldA==") => client(BAD_BASIC);
    auth_basic_without_colon, "tok.auth.basic_malformed",
        // base64 of 0oasecretbasic000001
        Ask::new().auth(Auth::Nothing).header("Authorization", "Basic MG9hc2VjcmV0YmFzaWMwMDAwMDE=") => client(BAD_BASIC);
    auth_unknown_post, "tok.auth.unknown_client.body",
        Ask::new().auth(Auth::Nothing).param("client_id", "0oaUNKNOWN").param("client_secret", "x")
        => Envelope(400, "invalid_client", UNKNOWN);
    auth_unknown_assertion, "tok.auth.unknown_client.body",
        Ask::new().claim("iss", "0oaUNKNOWN").claim("sub", "0oaUNKNOWN") => Envelope(400, "invalid_client", UNKNOWN);
    auth_unknown_beside_assertion, "tok.auth.unknown_client.body",
        Ask::new().param("client_id", "0oaUNKNOWN") => Envelope(400, "invalid_client", UNKNOWN);
    auth_unknown_post_401, "tok.auth.unknown_client.body",
        Ask::new().auth(Auth::Nothing).param("client_id", "0oaUNKNOWN").dialect("unknown_client_body", "401")
        => Envelope(401, "invalid_client", UNKNOWN);
    auth_unknown_basic, "tok.auth.unknown_client.basic",
        // unknown:x
        Ask::new().auth(Auth::Nothing).header("Authorization", "Basic dW5rbm93bjp4")
        => Envelope(401, "invalid_client", UNKNOWN);
    auth_unknown_basic_400, "tok.auth.unknown_client.basic",
        Ask::new().auth(Auth::Nothing).header("Authorization", "Basic dW5rbm93bjp4").dialect("unknown_client_basic", "400")
        => Envelope(400, "invalid_client", UNKNOWN);
    auth_inactive, "tok.auth.inactive_client", Ask::of("inactive") => Envelope(400, "invalid_client", UNKNOWN);
    auth_wrong_secret_post, "tok.auth.wrong_secret",
        Ask::of("secret-post").auth(Auth::Post(Some("wrong".into()))) => client(WRONG_SECRET);
    auth_wrong_secret_basic, "tok.auth.wrong_secret",
        Ask::of("secret-basic").auth(Auth::Basic(Some("wrong".into()))) => client(WRONG_SECRET);
    auth_empty_secret_basic, "tok.auth.wrong_secret",
        Ask::of("secret-basic").auth(Auth::Basic(Some(String::new()))) => client(WRONG_SECRET);
    auth_inactive_secret, "tok.auth.wrong_secret",
        Ask::of("secret-post").auth(Auth::Post(Some("old-secret-0123456789abcdefghijklmnopqrs".into())))
        => client(WRONG_SECRET);
    auth_wrong_secret_oin, "tok.auth.wrong_secret",
        Ask::of("oin").auth(Auth::Basic(Some("wrong".into()))) => client(WRONG_SECRET);
    auth_mismatch_id_only, "tok.auth.method_mismatch", Ask::of("secret-basic").auth(Auth::IdOnly) => client(MISMATCH);
    auth_mismatch_secret_for_key, "tok.auth.method_mismatch",
        Ask::of("service").auth(Auth::Basic(Some("x".into()))) => client(MISMATCH);
    auth_mismatch_secret_for_key_lab, "tok.auth.method_mismatch",
        Ask::of("service").auth(Auth::Basic(Some("x".into()))).dialect("secret_to_private_key_app", "wrong_secret")
        => client(WRONG_SECRET);
    auth_mismatch_secret_for_public, "tok.auth.method_mismatch",
        Ask::of("browser").auth(Auth::Post(Some("x".into()))) => client(MISMATCH);
    auth_mismatch_post_for_basic, "tok.auth.method_mismatch", Ask::new().post("secret-basic") => client(MISMATCH);
    auth_mismatch_basic_for_post, "tok.auth.method_mismatch", Ask::new().basic("secret-post") => client(MISMATCH);
    auth_mismatch_hmac_for_basic, "tok.auth.method_mismatch",
        Ask::of("secret-basic").hmac("HS256") => client(MISMATCH);
    auth_needs_key_basic, "tok.auth.cc_needs_pkjwt", Ask::new().basic("secret-basic") => client(NEEDS_KEY);
    auth_needs_key_second_secret, "tok.auth.cc_needs_pkjwt",
        Ask::of("secret-basic").auth(Auth::Basic(Some("new-secret-0123456789abcdefghijklmnopqrs".into())))
        => client(NEEDS_KEY);
    auth_needs_key_post, "tok.auth.cc_needs_pkjwt", Ask::new().post("secret-post") => client(NEEDS_KEY);
    auth_needs_key_hs256, "tok.auth.cc_needs_pkjwt", Ask::of("secret-jwt").hmac("HS256") => client(NEEDS_KEY);
    auth_needs_key_hs384, "tok.auth.cc_needs_pkjwt", Ask::of("secret-jwt").hmac("HS384") => client(NEEDS_KEY);
    auth_needs_key_hs512, "tok.auth.cc_needs_pkjwt", Ask::of("secret-jwt").hmac("HS512") => client(NEEDS_KEY);
    auth_oin_post, "tok.auth.cc_oin_method", Ask::new().post("oin") => client(OIN_METHOD);
    auth_oin_configured_for_post, "tok.auth.cc_oin_method", Ask::new().post("oin-post") => client(OIN_METHOD);
    auth_app_not_service, "tok.auth.cc_app_not_service", Ask::of("web-with-client-credentials") => client(NOT_SERVICE);
    auth_multiple_basic_and_post, "tok.auth.multiple",
        Ask::new().basic("secret-basic").param("client_secret", "x").param("client_id", "y")
        => OAuth(401, "invalid_request", MULTIPLE);
    auth_multiple_basic_and_id, "tok.auth.multiple",
        Ask::new().basic("secret-basic").param("client_id", "0oasecretbasic000001")
        => OAuth(401, "invalid_request", MULTIPLE);
    auth_multiple_basic_and_assertion, "tok.auth.multiple",
        Ask::new().header("Authorization", "Basic dW5rbm93bjp4") => OAuth(401, "invalid_request", MULTIPLE);
    auth_multiple_secret_and_assertion, "tok.auth.multiple",
        Ask::new().param("client_secret", "x") => OAuth(401, "invalid_request", MULTIPLE);
    auth_multiple_two_headers, "tok.auth.multiple",
        Ask::new().basic("secret-basic").header("Authorization", "Basic dW5rbm93bjp4")
        => OAuth(401, "invalid_request", MULTIPLE);
    auth_multiple_400, "tok.auth.multiple",
        Ask::new().param("client_secret", "x").dialect("multiple_credentials", "400")
        => OAuth(400, "invalid_request", MULTIPLE);
    auth_query, "tok.auth.query",
        Ask::new().auth(Auth::Nothing).query("client_id", "0oasecretpost0000001").query("client_secret", "x")
        => OAuth(400, "invalid_request", IN_QUERY);
    auth_query_secret, "tok.auth.query",
        Ask::of("secret-post").auth(Auth::IdOnly).query("client_secret", "x") => OAuth(400, "invalid_request", IN_QUERY);
    auth_query_assertion, "tok.auth.query",
        Ask::new().auth(Auth::Nothing).query("client_assertion", "a.b.c").dialect("credentials_in_query", "reject")
        => OAuth(400, "invalid_request", IN_QUERY);
    auth_query_assertion_allowed, "tok.assert.type",
        Ask::new().auth(Auth::Nothing).query("client_assertion", "a.b.c") => OAuth(400, "invalid_request", TYPE);
    auth_browser, "tok.auth.browser_no_pkce", Ask::new().header("Origin", "https://app.example")
        => client("Browser requests to the token endpoint must use Proof Key for Code Exchange.");
    auth_zone, "tok.auth.network_zone", Ask::of("zoned").from("192.0.2.8")
        => OAuth(403, "access_denied", "The request is made from outside the client's permitted network zones.");
    auth_zone_inside, "tok.cc.ok.bearer", Ask::of("zoned").from("::ffff:10.9.8.7") => Token("okta.users.read");
    auth_zone_single_address, "tok.cc.ok.bearer", Ask::of("zoned").from("192.0.2.7") => Token("okta.users.read");

    // §3, assertions
    assert_type_missing, "tok.assert.type", Ask::new().drop("client_assertion_type") => OAuth(400, "invalid_request", TYPE);
    assert_type_wrong, "tok.assert.type", Ask::new().query("client_assertion_type", "urn:other")
        => OAuth(400, "invalid_request", TYPE);
    assert_parse, "tok.assert.parse", Ask::new().jwt("not a jwt") => client(PARSE);
    assert_parse_two_parts, "tok.assert.parse", Ask::new().jwt("e30.e30") => client(PARSE);
    assert_parse_five_parts, "tok.assert.parse", Ask::new().jwt("e30.e30.e30.e30.e30") => client(PARSE);
    assert_parse_empty_parts, "tok.assert.parse", Ask::new().jwt("..") => client(PARSE);
    assert_parse_no_alg, "tok.assert.parse", Ask::new().drop("alg") => client(PARSE);
    assert_parse_crit, "tok.assert.parse", Ask::new().head("crit", vec!["b64"]) => client(PARSE);
    assert_parse_jti, "tok.assert.parse", Ask::new().claim("jti", 7) => client(PARSE);
    assert_parse_iat, "tok.assert.parse", Ask::new().claim("iat", "now") => client(PARSE);
    assert_iss_missing, "tok.assert.iss", Ask::new().drop("iss") => client(ISS);
    assert_iss_no_text, "tok.assert.iss", Ask::new().claim("iss", 5) => client(ISS);
    assert_iss_unknown, "tok.assert.iss", Ask::new().claim("iss", "https://issuer.example") => client(ISS);
    assert_iss_not_the_client_id, "tok.assert.iss",
        Ask::new().param("client_id", "0oatwokeys0000000001") => client(ISS);
    assert_sub_missing, "tok.assert.sub", Ask::new().drop("sub") => client(SUB);
    assert_sub_other, "tok.assert.sub", Ask::new().claim("sub", "someone") => client(SUB);
    assert_sub_not_the_client_id, "tok.assert.sub",
        Ask::new().param("client_id", "0oaservice0000000001").claim("sub", "0oatwokeys0000000001") => client(SUB);
    assert_no_secret, "tok.assert.no_secret", Ask::of("service").hmac("HS256")
        => client("The issuer and subject claim for client_assertion is invalid because the client does not have a client secret.");
    assert_aud_issuer, "tok.assert.aud", Ask::new().claim("aud", crate::ask::BASE) => client(AUD);
    assert_aud_missing, "tok.assert.aud", Ask::new().drop("aud") => client(AUD);
    assert_aud_slash, "tok.assert.aud",
        Ask::new().claim("aud", "https://acme.okta.example:8443/oauth2/v1/token/") => client(AUD);
    assert_aud_other_scheme, "tok.assert.aud",
        Ask::new().claim("aud", "http://acme.okta.example:8443/oauth2/v1/token") => client(AUD);
    assert_aud_array_without, "tok.assert.aud", Ask::new().claim("aud", vec!["a", "b"]) => client(AUD);
    assert_aud_array_with, "tok.cc.ok.bearer",
        Ask::new().claim("aud", vec!["a", "https://acme.okta.example:8443/oauth2/v1/token"]) => Token("okta.users.read");
    assert_exp_missing, "tok.assert.exp_missing", Ask::new().drop("exp") => client(EXP_MISSING);
    assert_exp_text, "tok.assert.exp_missing", Ask::new().claim("exp", (NOW + 60).to_string()) => client(EXP_MISSING);
    assert_expired, "tok.assert.expired", Ask::new().claim("exp", NOW - 1) => client(EXPIRED);
    assert_expires_now, "tok.assert.expired", Ask::new().claim("exp", NOW) => client(EXPIRED);
    assert_expires_in_a_second, "tok.cc.ok.bearer", Ask::new().claim("exp", NOW + 1) => Token("okta.users.read");
    assert_expires_at_a_fraction, "tok.cc.ok.bearer",
        Ask::new().claim("exp", NOW as f64 + 60.5) => Token("okta.users.read");
    assert_expires_before_time, "tok.assert.expired", Ask::new().claim("exp", -1e300) => client(EXPIRED);
    assert_exp_far, "tok.assert.exp_far", Ask::new().claim("exp", NOW + 3601) => client(TOO_FAR);
    assert_exp_milliseconds, "tok.assert.exp_far", Ask::new().claim("exp", NOW * 1000) => client(TOO_FAR);
    assert_exp_beyond_numbers, "tok.assert.exp_far", Ask::new().claim("exp", u64::MAX) => client(TOO_FAR);
    assert_exp_exactly_an_hour, "tok.cc.ok.bearer", Ask::new().claim("exp", NOW + 3600) => Token("okta.users.read");
    assert_exp_far_before_iat, "tok.assert.exp_far",
        Ask::new().claim("exp", NOW + 3900).claim("iat", NOW + 300) => client(TOO_FAR);
    assert_iat_future, "tok.assert.iat_future", Ask::new().claim("iat", NOW + 1) => client(IAT);
    assert_iat_missing, "tok.cc.ok.bearer", Ask::new().drop("iat") => Token("okta.users.read");
    assert_jti_missing, "tok.cc.ok.bearer", Ask::new().drop("jti") => Token("okta.users.read");
    assert_replay, "tok.assert.replay", Ask::new().after(Ask::new()) => client(REPLAY);
    assert_replay_after_a_refusal, "tok.assert.replay",
        Ask::new().after(Ask::new().scope("okta.nope.read")) => client(REPLAY);
    assert_replay_after_a_missing_proof, "tok.assert.replay",
        Ask::of("dpop").header("DPoP", "a.b.c").after(Ask::of("dpop")) => client(REPLAY);
    assert_replay_of_a_long_jti, "tok.assert.replay",
        Ask::new().claim("jti", "j".repeat(500)).after(Ask::new().claim("jti", "j".repeat(500))) => client(REPLAY);
    assert_jti_of_another_client, "tok.cc.ok.bearer",
        Ask::new().after(Ask::of("two-keys").claim("jti", "jti-service")) => Token("okta.users.read");
    assert_jti_after_a_bad_signature, "tok.cc.ok.bearer", Ask::new().after(Ask::new().damaged()) => Token("okta.users.read");
    assert_jti_after_a_bad_claim, "tok.cc.ok.bearer",
        Ask::new().after(Ask::new().claim("exp", NOW + 3601)) => Token("okta.users.read");
    assert_jti_is_forgotten_when_it_expires, "tok.cc.ok.bearer",
        Ask::new().at(NOW + 60).after(Ask::new().claim("exp", NOW + 60)) => Token("okta.users.read");
    assert_sig, "tok.assert.sig", Ask::new().damaged() => client(SIGNATURE);
    assert_sig_other_key, "tok.assert.sig", Ask::new().key("client-rsa-2", "rsa", "RS256") => client(SIGNATURE);
    assert_sig_es512, "tok.assert.sig",
        Ask::of("es512").key("client-ec521", "ec", "ES512").damaged() => client(SIGNATURE);
    assert_sig_wrong_secret, "tok.assert.sig", Ask::of("secret-jwt").hmac("HS256").damaged() => client(SIGNATURE);
    assert_sig_before_claims, "tok.assert.sig", Ask::new().claim("aud", "x").damaged() => client(SIGNATURE);
    assert_kid_unknown, "tok.assert.kid", Ask::new().head("kid", "nope") => client(KID);
    assert_kid_inactive, "tok.assert.kid",
        Ask::of("rotated").key("client-rsa-2", "old", "RS256") => client(KID);
    assert_kid_missing_of_two, "tok.assert.kid", Ask::of("two-keys").drop("kid") => client(KID);
    assert_kid_of_two, "tok.cc.ok.bearer",
        Ask::of("two-keys").key("client-rsa-2", "rsa-2", "RS256") => Token("okta.users.read");
    assert_kid_missing_of_one, "tok.cc.ok.bearer", Ask::new().drop("kid") => Token("okta.users.read");
    assert_kid_missing_of_one_active, "tok.cc.ok.bearer", Ask::of("rotated").drop("kid") => Token("okta.users.read");
    assert_kid_missing_beside_encryption_key, "tok.cc.ok.bearer",
        Ask::of("signing-and-encryption-key").drop("kid") => Token("okta.users.read");
    assert_jwks_invalid, "tok.assert.jwks_invalid", Ask::of("broken-key") => client("The client JWKSet is invalid.");
    assert_alg_none, "tok.assert.alg", Ask::new().head("alg", "none") => client(ALG);
    assert_alg_ps256, "tok.assert.alg", Ask::new().head("alg", "PS256") => client(ALG);
    assert_alg_case, "tok.assert.alg", Ask::new().head("alg", "rs256") => client(ALG);
    assert_alg_not_the_keys, "tok.assert.alg", Ask::of("key-for-rs384") => client(ALG);
    assert_alg_of_the_key, "tok.cc.ok.bearer",
        Ask::of("key-for-rs384").key("client-rsa", "rsa", "RS384") => Token("okta.users.read");
    assert_alg_rsa_for_ec, "tok.assert.alg", Ask::of("es256").key("client-rsa", "ec", "RS256") => client(ALG);
    assert_alg_other_curve, "tok.assert.alg", Ask::of("es384").key("client-ec256", "ec", "ES256") => client(ALG);
    assert_hmac_short, "tok.assert.hmac_short", Ask::of("short-secret-jwt").hmac("HS256")
        => client("The client secret is too short to verify a JWT HMAC.");
    assert_no_jwks, "tok.assert.no_jwks", Ask::of("without-keys")
        => client("The client does not have a JWKSet configured, but the client_assertion requires one.");
    assert_no_jwks_secret_app, "tok.assert.no_jwks", Ask::of("secret-basic")
        => client("The client does not have a JWKSet configured, but the client_assertion requires one.");
    assert_key_use, "tok.assert.key_use", Ask::of("odd-use")
        => client("The public key being used for client assertion has an invalid 'use' parameter. Valid values for the 'use' parameter are [sig, enc].");
    assert_encryption_key, "tok.assert.not_sig_key", Ask::of("encryption-key")
        => client("The client_assertion JWT needs to be signed using a signing key.");
    assert_encryption_key_without_kid, "tok.assert.not_sig_key", Ask::of("encryption-key").drop("kid")
        => client("The client_assertion JWT needs to be signed using a signing key.");
    assert_encryption_key_by_kid, "tok.assert.not_sig_key",
        Ask::of("signing-and-encryption-key").key("client-rsa-2", "enc", "RS256")
        => client("The client_assertion JWT needs to be signed using a signing key.");

    // §4
    grant_missing, "tok.grant.missing", Ask::new().drop("grant_type")
        => OAuth(400, "invalid_request", "The token request must specify a 'grant_type'. Valid values: [client_credentials]");
    grant_missing_of_web, "tok.grant.missing",
        Ask::of("web-with-client-credentials").drop("grant_type")
        => OAuth(400, "invalid_request", "The token request must specify a 'grant_type'. Valid values: [authorization_code, client_credentials]");
    grant_unknown, "tok.grant.unknown", Ask::new().grant("foo")
        => OAuth(400, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server. Configured grant types: [client_credentials].");
    grant_not_allowed, "tok.grant.not_allowed", Ask::new().basic("web")
        => OAuth(400, "unauthorized_client", "The client is not authorized to use the provided grant type. Configured grant types: [authorization_code, refresh_token].");
    grant_not_allowed_public, "tok.grant.not_allowed", Ask::of("browser").auth(Auth::IdOnly)
        => OAuth(400, "unauthorized_client", "The client is not authorized to use the provided grant type. Configured grant types: [authorization_code, refresh_token].");
    grant_not_allowed_public_basic_without_colon, "tok.grant.not_allowed",
        // base64 of 0oabrowser0000000001
        Ask::new().auth(Auth::Nothing).header("Authorization", "Basic MG9hYnJvd3NlcjAwMDAwMDAwMDE=")
        => OAuth(400, "unauthorized_client", "The client is not authorized to use the provided grant type. Configured grant types: [authorization_code, refresh_token].");
    grant_not_implemented, "tok.grant.not_allowed", Ask::new().basic("web-otp").grant("urn:okta:params:oauth:grant-type:otp") => Gap;
    grant_client_credentials_legacy, "tok.grant.cc_org_legacy",
        Ask::new().dialect("client_credentials_on_org", "legacy")
        => OAuth(400, "unsupported_grant_type", "'client_credentials' grant type can only be used with a custom authorization server.");
    grant_client_credentials_legacy_on_custom, "tok.cc.ok.bearer",
        Ask::new().server("default").scope("items.read").dialect("client_credentials_on_org", "legacy")
        => Token("items.read");
    grant_oin_custom_as, "tok.grant.oin_custom_as", Ask::new().basic("oin").server("default")
        => OAuth(400, "unauthorized_client", "This client cannot use a custom authorization server.");

    // §5
    scope_none_granted, "tok.scope.none_granted", Ask::of("without-grants")
        => OAuth(400, "consent_required", "You are not allowed any of the requested scopes.");
    scope_unknown, "tok.scope.unknown", Ask::new().scope("okta.nope.read") => scope(NOT_CONFIGURED);
    scope_unknown_beside_granted, "tok.scope.unknown",
        Ask::new().scope("okta.users.read okta.nope.read") => scope(NOT_CONFIGURED);
    scope_case, "tok.scope.unknown", Ask::new().scope("okta.Users.read") => scope(NOT_CONFIGURED);
    scope_custom, "tok.scope.custom_on_org", Ask::new().scope("my_scope")
        => scope("Custom scopes are not allowed for this request.");
    scope_custom_not_configured, "tok.scope.custom_on_org",
        Ask::new().scope("my_scope").dialect("custom_scope_on_org", "not_configured") => scope(NOT_CONFIGURED);
    scope_okta_on_custom, "tok.scope.okta_on_custom",
        Ask::new().basic("secret-basic").server("default") => scope(NOT_CONFIGURED);
    scope_unknown_on_custom, "tok.scope.unknown",
        Ask::new().basic("secret-basic").server("default").scope("nope") => scope(NOT_CONFIGURED);
    scope_openid, "tok.scope.openid", Ask::new().scope("openid") => scope(OPENID);
    scope_email, "tok.scope.openid", Ask::new().scope("okta.users.read email") => scope(OPENID);
    scope_openid_on_custom, "tok.scope.openid",
        Ask::new().basic("secret-basic").server("default").scope("openid items.read") => scope(OPENID);
    scope_offline_access, "tok.scope.offline_access", Ask::new().scope("okta.users.read offline_access") => scope(OPENID);
    scope_self, "tok.scope.self", Ask::new().scope("okta.users.read.self")
        => OAuth(400, "client_credentials_self_scope_requested", "The 'client_credentials' grant type may not request .self scopes.");
    scope_missing, "tok.scope.missing", Ask::new().drop("scope") => scope("No scopes were requested.");
    scope_empty, "tok.scope.missing", Ask::new().scope("") => scope("No scopes were requested.");
    scope_blank, "tok.scope.missing", Ask::new().scope("  ") => scope("No scopes were requested.");
    scope_missing_rival, "tok.scope.missing", Ask::new().drop("scope").dialect("missing_scope", "no_default_scopes")
        => scope("The authorization server resource does not have any configured default scopes, 'scope' must be provided.");
    scope_no_default, "tok.scope.no_default", Ask::new().basic("secret-basic").server("default").drop("scope")
        => scope("The authorization server resource does not have any configured default scopes, 'scope' must be provided.");
    scope_default, "tok.cc.ok.bearer", Ask::new().basic("secret-basic").server("ausshop0000000000001").drop("scope")
        => Token("orders.read orders.list");
    scope_consent, "tok.scope.cc_consent",
        Ask::new().basic("secret-basic").server("default").scope("items.read items.delete")
        => OAuth(400, "consent_required", "The following scopes require user consent and cannot be granted for the client credentials grant type: [items.delete].");
    scope_policy, "tok.scope.policy", Ask::of("service").server("ausclosed00000000001").scope("items.read")
        => OAuth(401, "access_denied", "Policy evaluation failed for this request, please check the policy configurations.");
    scope_too_long, "tok.scope.generic", Ask::new().scope(&"okta.users.read ".repeat(300))
        => scope("The requested scope is invalid, unknown, malformed, or exceeds the scope granted by the resource owner.");

    // §6
    content_type_json, "tok.ct.json", Ask::new().body(Some("application/json"), br#"{"grant_type":"client_credentials"}"#)
        => Envelope(400, "E0000021", "Bad request.  Accept and/or Content-Type headers likely do not match supported values.");
    content_type_missing, "tok.ct.json", Ask::new().body(None, b"grant_type=client_credentials")
        => Envelope(400, "E0000021", "Bad request.  Accept and/or Content-Type headers likely do not match supported values.");
    content_type_missing_and_no_body, "tok.auth.none", Ask::new().body(None, b"") => client(NONE);
    duplicate_parameter, "tok.dup_params", Ask::new().again("scope", "okta.apps.read")
        => OAuth(400, "invalid_request", DUPLICATE);
    duplicate_in_body_and_query, "tok.dup_params", Ask::new().again("scope", "okta.apps.read").query("scope", "x")
        => OAuth(400, "invalid_request", DUPLICATE);
    duplicate_parameter_plain, "tok.dup_params",
        Ask::new().again("scope", "okta.apps.read").dialect("duplicate_parameters", "plain")
        => OAuth(400, "invalid_request", "The request contained multiple parameters with the same name.");
    unknown_server, "tok.unknown_as", Ask::new().server("ausnope")
        => Envelope(404, "E0000007", "Not found: Resource not found: ausnope (AuthorizationServer)");
    inactive_server, "tok.unknown_as", Ask::new().server("ausinactive000000001")
        => Envelope(404, "E0000007", "Not found: Resource not found: ausinactive000000001 (AuthorizationServer)");

    // §7, as far as it goes without proofs
    proof_missing, "dpop.missing", Ask::of("dpop")
        => OAuth(400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.");
    proof_missing_before_scopes, "dpop.missing", Ask::of("dpop").scope("okta.nope.read")
        => OAuth(400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.");
    proof_malformed, "dpop.parse", Ask::of("dpop").header("DPoP", "a.b.c")
        => OAuth(400, "invalid_dpop_proof", "The DPoP proof JWT cannot be parsed.");

    // Custom servers, where client secrets get tokens
    custom_basic, "tok.cc.ok.bearer",
        Ask::new().basic("secret-basic").server("default").scope("items.write items.read") => Token("items.write items.read");
    custom_post, "tok.cc.ok.bearer", Ask::new().post("secret-post").server("default").scope("items.read") => Token("items.read");
    custom_hs256, "tok.cc.ok.bearer",
        Ask::of("secret-jwt").hmac("HS256").server("default").scope("items.read") => Token("items.read");
    custom_hs512, "tok.cc.ok.bearer",
        Ask::of("secret-jwt").hmac("HS512").server("default").scope("items.read") => Token("items.read");
    custom_key, "tok.cc.ok.bearer", Ask::new().server("default").scope("items.read") => Token("items.read");
    custom_wants_its_own_endpoint, "tok.assert.aud",
        Ask::new().server("default").scope("items.read").claim("aud", "https://acme.okta.example:8443/oauth2/v1/token")
        => client(AUD);
    custom_policy_names_the_client, "tok.cc.ok.bearer",
        Ask::new().basic("secret-basic").server("ausclosed00000000001").scope("items.read") => Token("items.read");
    custom_raw_secret, "tok.cc.ok.bearer", Ask::new().basic("odd-secret").server("default").scope("items.read") => Token("items.read");
}

fn with_content_type(content_type: &'static str) -> Ask {
    let mut ask = Ask::new();
    ask.content_type = Some(content_type);
    ask
}
