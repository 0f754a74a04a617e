use super::*;

/// A tag for each secret in the order in which they are found.
fn shown(look: impl Fn(&mut Veil<'_>) -> String) -> String {
    let tags = Tags::default();
    look(&mut Veil::new(&tags, "/"))
}

#[test]
fn bodies() {
    for (body, expected) in [
        // Forms.
        ("grant_type=refresh_token&refresh_token=abc", "grant_type=refresh_token&refresh_token=secret:1"),
        ("client_id=0oa1&client_secret=a%2Bb&scope=x+y", "client_id=0oa1&client_secret=secret:1&scope=x+y"),
        (
            "code=c1&code_verifier=v1&code_challenge=ok",
            "code=secret:1&code_verifier=secret:2&code_challenge=ok",
        ),
        ("token=t&token_type_hint=access_token", "token=secret:1&token_type_hint=access_token"),
        ("username=a&password=p", "username=a&password=secret:1"),
        (
            "assertion=x&subject_token=y&actor_token=x",
            "assertion=secret:1&subject_token=secret:2&actor_token=secret:1",
        ),
        ("device_code=d&user_code=u", "device_code=secret:1&user_code=secret:2"),
        ("password=", "password="),
        ("a&b=&=c", "a&b=&=c"),
        (
            "fromURI=%2Flogin%3FsessionToken%3Dabc%26a%3D1",
            "fromURI=%2Flogin%3FsessionToken%3Dsecret%3A1%26a%3D1",
        ),
        // JSON.
        (
            r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#,
            r#"{"access_token":"secret:1","token_type":"Bearer","expires_in":3600}"#,
        ),
        (
            r#"{ "credentials" : { "password" : { "value" : "p\u0041" } } }"#,
            r#"{ "credentials" : { "password" : { "value" : "secret:1" } } }"#,
        ),
        (
            r#"{"password":{"hash":{"algorithm":"BCRYPT","salt":"s","value":"v"}}}"#,
            r#"{"password":{"hash":{"algorithm":"BCRYPT","salt":"secret:1","value":"secret:2"}}}"#,
        ),
        (
            r#"{"oldPassword":{"value":"a"},"newPassword":{"value":"b"}}"#,
            r#"{"oldPassword":{"value":"secret:1"},"newPassword":{"value":"secret:2"}}"#,
        ),
        (
            r#"{"recovery_question":{"question":"q","answer":"a"}}"#,
            r#"{"recovery_question":{"question":"q","answer":"secret:1"}}"#,
        ),
        (r#"{"passCode":123456}"#, r#"{"passCode":"secret:1"}"#),
        (r#"{"passCode":"123456","value":"v"}"#, r#"{"passCode":"secret:1","value":"v"}"#),
        (
            r#"{"kty":"RSA","n":"n","e":"AQAB","d":"dd","p":"pp","kid":"k"}"#,
            r#"{"kty":"RSA","n":"n","e":"AQAB","d":"secret:1","p":"secret:2","kid":"k"}"#,
        ),
        (r#"{"d":"no key","p":"none"}"#, r#"{"d":"no key","p":"none"}"#),
        (
            r#"{"channel":{"config":{"authScheme":{"type":"HEADER","key":"Authorization","value":"v"}}}}"#,
            r#"{"channel":{"config":{"authScheme":{"type":"HEADER","key":"Authorization","value":"secret:1"}}}}"#,
        ),
        (r#"{"headers":[{"key":"X","value":"v"}]}"#, r#"{"headers":[{"key":"X","value":"secret:1"}]}"#),
        (
            r#"[{"secret":"s"},{"sharedSecret":"t"}]"#,
            r#"[{"secret":"secret:1"},{"sharedSecret":"secret:2"}]"#,
        ),
        (
            r#"{"activationUrl":"https://a/welcome/XYZW1234abcd","activationToken":"XYZW1234abcd"}"#,
            r#"{"activationUrl":"https://a/welcome/secret:1","activationToken":"secret:1"}"#,
        ),
        (r#"{"href":"https://a/x?limit=1"}"#, r#"{"href":"https://a/x?limit=1"}"#),
        (
            r#"{"errorCode":"E0000011","errorSummary":"Invalid token provided"}"#,
            r#"{"errorCode":"E0000011","errorSummary":"Invalid token provided"}"#,
        ),
        (
            r#"{"factorType":"token:software:totp","é":"ü"}"#,
            r#"{"factorType":"token:software:totp","é":"ü"}"#,
        ),
        // Cut, and none.
        (r#"{"a":1,"refresh_token":"abc"#, r#"{"a":1,"refresh_token":"secret:1""#),
        (r#"{"a":1,"b":"ab"#, r#"{"a":1,"b":"ab"#),
        ("{\"password\":\"x\ny\"}", "{\"password\":\"secret:1\"}"),
        // Pages.
        (
            r#"<input type="hidden" name="code" value="c&amp;d"><input name="state" value="s">"#,
            r#"<input type="hidden" name="code" value="secret:1"><input name="state" value="s">"#,
        ),
        (r#"<input value="t" name="sessionToken">"#, r#"<input value="secret:1" name="sessionToken">"#),
        (
            r#"<p><input type="hidden" name="password" value="cut off he"#,
            r#"<p><input type="hidden" name="password" value="secret:1"#,
        ),
        (r#"<a href="/x?sessionToken=t&amp;a=1">"#, r#"<a href="/x?sessionToken=secret:1&amp;a=1">"#),
        // Anything.
        ("plain text", "plain text"),
        ("x eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0. y", "x secret:1 y"),
    ] {
        assert_eq!(shown(|veil| veil.body(body).into_owned()), expected, "{body}");
    }
}

#[test]
fn targets() {
    for (sent, expected) in [
        ("/api/v1/users?search=a%20b&limit=2", "/api/v1/users?search=a%20b&limit=2"),
        ("/oauth2/v1/logout?id_token_hint=abc&state=1", "/oauth2/v1/logout?id_token_hint=secret:1&state=1"),
        ("/login/sessionCookieRedirect?token=abc", "/login/sessionCookieRedirect?token=secret:1"),
        ("/api/v1/sessions/102abcdefgh", "/api/v1/sessions/secret:1"),
        ("/api/v1/sessions/me", "/api/v1/sessions/me"),
        ("/welcome/XYZW1234abcd?fromURI=/", "/welcome/secret:1?fromURI=/"),
        (
            "http://app/cb?code=abc&state=s#access_token=t",
            "http://app/cb?code=secret:1&state=s#access_token=secret:2",
        ),
        ("*", "*"),
    ] {
        assert_eq!(shown(|veil| target(sent, veil)), expected, "{sent}");
    }
}

#[test]
fn header_lines() {
    for (name, value, expected) in [
        ("Authorization", "SSWS 00abc", "SSWS secret:1"),
        ("authorization", "SSWS00abc", "SSWSsecret:1"),
        ("Authorization", "Bearer abc.def", "Bearer secret:1"),
        ("Authorization", "Basic MG9hMTpzM2NyZXQ=", "Basic secret:2"),
        ("Authorization", "garbage", "secret:1"),
        ("DPoP", "eyJ0eXAiOiJkcG9wK2p3dCJ9.eyJqdGkiOiIxIn0.c2ln", "secret:1"),
        ("Cookie", "sid=abc; t=; DT=x", "sid=secret:1; t=; DT=secret:2"),
        ("Set-Cookie", "sid=abc; Path=/; HttpOnly", "sid=secret:1; Path=/; HttpOnly"),
        ("Set-Cookie", "sid=; Path=/; Max-Age=0", "sid=; Path=/; Max-Age=0"),
        ("Set-Cookie", "sid=\"\";Version=1;Path=/", "sid=\"\";Version=1;Path=/"),
        ("Location", "http://app/cb?code=abc&state=1", "http://app/cb?code=secret:1&state=1"),
        ("Link", "<http://o/a?after=1>; rel=\"next\"", "<http://o/a?after=1>; rel=\"next\""),
        ("Referer", "http://o/x?sessionToken=a", "http://o/x?sessionToken=secret:1"),
        ("X-Device-Token", "abc", "secret:1"),
        ("User-Agent", "okta-sdk", "okta-sdk"),
        ("WWW-Authenticate", "Bearer error=\"invalid_token\"", "Bearer error=\"invalid_token\""),
    ] {
        assert_eq!(shown(|veil| header_value(name, value, veil)), expected, "{name}: {value}");
    }
}

#[test]
fn what_was_found_in_one_place_is_hidden_in_all() {
    let tags = Tags::default();
    let mut veil = Veil::new(&tags, "/oauth2/v1/token");
    header_value("Authorization", "Basic MG9hMTpsb25nLWVub3VnaC1zZWNyZXQ=", &mut veil);
    assert_eq!(veil.rest("client_secret is long-enough-secret"), "client_secret is secret:1");
    // Another exchange, the same value, the same tag.
    let mut veil = Veil::new(&tags, "/");
    assert_eq!(form("client_secret=long-enough-secret", &mut veil), "client_secret=secret:1");
    tags.clear();
    assert_eq!(form("client_secret=another", &mut Veil::new(&tags, "/")), "client_secret=secret:1");
}

#[test]
fn the_id_of_a_session_is_its_cookie() {
    let tags = Tags::default();
    let answer = r#"{"id":"102abc","login":"a","_links":{"self":{"id":"x"}}}"#;
    let mut veil = Veil::new(&tags, "/api/v1/sessions");
    assert_eq!(veil.body(answer), r#"{"id":"secret:1","login":"a","_links":{"self":{"id":"x"}}}"#);
    assert_eq!(Veil::new(&tags, "/api/v1/users").body(answer), answer);
}

#[test]
fn tokens_are_opened_without_their_signatures() {
    let tags = Tags::default();
    let mut veil = Veil::new(&tags, "/");
    let token = format!(
        "{}.{}.signature",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k"}"#),
        URL_SAFE_NO_PAD.encode(r#"{"sub":"00u1","password":"p"}"#)
    );
    assert_eq!(header_value("Authorization", &format!("Bearer {token}"), &mut veil), "Bearer secret:1");
    let opened = serde_json::to_value(veil.opened()).unwrap();
    assert_eq!(
        opened,
        serde_json::json!({ "secret:1": {
            "header": { "alg": "RS256", "kid": "k" },
            "claims": { "sub": "00u1", "password": "secret:2" },
        }})
    );
}

#[test]
fn memory_is_bounded() {
    let tags = Tags(Mutex::new(Numbers { newest: 5, ..Numbers::default() }));
    assert_eq!(tags.number("a"), 6);
    assert_eq!(tags.number("b"), 7);
    assert_eq!(tags.number("a"), 6);
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_strange(text in "[ -~é\"\\\\{}\\[\\],:<>=&%?#/]{0,80}") {
        let tags = Tags::default();
        let mut veil = Veil::new(&tags, "/");
        let _ = (veil.body(&text), target(&text, &mut veil), header_value("Authorization", &text, &mut veil));
        let _ = (header_value("Link", &text, &mut veil), header_value("Cookie", &text, &mut veil), veil.rest(&text));
    }

    #[test]
    fn a_text_without_secrets_stays_as_it_was(names in proptest::collection::vec("[a-c]{1,3}", 0..5), value in "[a-z0-9 é]{0,12}") {
        let object: serde_json::Map<String, serde_json::Value> =
            names.into_iter().map(|name| (name, serde_json::json!([{ "v": value }, 1, null]))).collect();
        let text = serde_json::to_string_pretty(&object).unwrap();
        let tags = Tags::default();
        proptest::prop_assert_eq!(&Veil::new(&tags, "/").body(&text), &text);
    }
}
