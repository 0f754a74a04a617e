//! Brands with their theme, pages, emails and domains.

use serde_json::{Value, json};

use crate::client::{Answer, BASE, Client, SUPER};

fn post(client: &Client, path: &str, body: Value) -> Answer {
    client.json("POST", SUPER, path, &body)
}

fn put(client: &Client, path: &str, body: Value) -> Answer {
    client.json("PUT", SUPER, path, &body)
}

fn get(client: &Client, path: &str) -> Value {
    client.get(SUPER, path).json()
}

fn new_brand(client: &Client, name: &str) -> String {
    let answer = post(client, "/api/v1/brands", json!({ "name": name }));
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn default_brand(client: &Client) -> String {
    get(client, "/api/v1/brands")[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_new_org_has_its_default_brand_and_a_new_brand_has_all_that_belongs_to_one() {
    let client = Client::dev();
    let brands = get(&client, "/api/v1/brands");
    assert_eq!((brands.as_array().unwrap().len(), &brands[0]["isDefault"]), (1, &json!(true)));
    let id = new_brand(&client, "Acme");
    let themes = get(&client, &format!("/api/v1/brands/{id}/themes"));
    assert_eq!(themes.as_array().unwrap().len(), 1);
    assert_eq!(themes[0]["favicon"], format!("{BASE}/favicon.ico"));
    let mine = get(&client, &format!("/api/v1/brands/{id}/templates/email?limit=200"));
    let default = default_brand(&client);
    let theirs = get(&client, &format!("/api/v1/brands/{default}/templates/email?limit=200"));
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one["name"].to_string()).collect()
    };
    assert_eq!((names(&mine).len(), names(&mine)), (31, names(&theirs)));
    let embedded = get(&client, &format!("/api/v1/brands/{id}?expand=themes,domains"));
    assert_eq!(embedded["_embedded"]["themes"][0]["id"], themes[0]["id"]);
    assert_eq!(embedded["_embedded"]["domains"], json!([]));
}

#[test]
fn a_brand_is_refused_twice_and_the_default_one_stays() {
    let client = Client::dev();
    new_brand(&client, "Acme");
    let again = post(&client, "/api/v1/brands", json!({ "name": "Acme" }));
    assert_eq!(again.error(), "409 E0000202 Brand name already exists.");
    let answer = client.delete(SUPER, &format!("/api/v1/brands/{}", default_brand(&client)));
    assert_eq!(answer.error(), "409 E0000200 A default brand cannot be deleted.");
}

#[test]
fn templates_are_paged_by_their_names() {
    let client = Client::dev();
    let path = format!("/api/v1/brands/{}/templates/email", default_brand(&client));
    let (mut next, mut seen) = (Some(path), Vec::new());
    while let Some(path) = next {
        let page = client.get(SUPER, &path);
        seen.push(page.json().as_array().unwrap().len());
        next = page.next();
    }
    assert_eq!(seen, [10, 10, 10, 1]);
}

#[test]
fn a_template_has_one_default_customization() {
    let client = Client::dev();
    let brand = new_brand(&client, "Acme");
    let path = format!("/api/v1/brands/{brand}/templates/email/ForgotPassword/customizations");
    let content =
        |language: &str| json!({ "language": language, "subject": "Hi ${user.firstName}", "body": "x" });
    let english = post(&client, &path, content("en")).json();
    assert_eq!(english["isDefault"], true, "the first one is the default");
    let french = post(&client, &path, content("fr")).json();
    assert_eq!(french["isDefault"], false);
    let (english, french) = (english["id"].as_str().unwrap(), french["id"].as_str().unwrap());

    let again = post(&client, &path, content("fr"));
    assert_eq!(
        again.error(),
        "409 E0000183 An email template customization for that language already exists."
    );
    let mut second = content("de");
    second["isDefault"] = true.into();
    assert!(post(&client, &path, second).error().starts_with("409 E0000182 "));
    assert!(client.delete(SUPER, &format!("{path}/{english}")).error().starts_with("409 E0000184 "));
    let mut off = content("en");
    off["isDefault"] = false.into();
    assert!(put(&client, &format!("{path}/{english}"), off).error().starts_with("409 E0000185 "));

    let mut on = content("fr");
    on["isDefault"] = true.into();
    assert_eq!(put(&client, &format!("{path}/{french}"), on).status, 200);
    assert_eq!(get(&client, &format!("{path}/{english}"))["isDefault"], false, "the other one gives way");
    let preview = get(&client, &format!("{path}/{french}/preview"));
    assert_eq!(preview["subject"], "Hi Ada");
    assert_eq!(client.delete(SUPER, &path).status, 204);
    assert_eq!(get(&client, &path), json!([]));
}

#[test]
fn a_page_is_there_once_it_is_customized() {
    let client = Client::dev();
    let brand = new_brand(&client, "Acme");
    let path = format!("/api/v1/brands/{brand}/pages/sign-in/customized");
    assert!(client.get(SUPER, &path).error().starts_with("404 E0000007 "));
    let written = put(&client, &path, json!({ "widgetCustomizations": { "widgetGeneration": "G3" } })).json();
    assert_eq!((&written["pageContent"], &written["widgetVersion"]), (&Value::Null, &Value::Null));
    assert_eq!(written["widgetCustomizations"]["showUserIdentifier"], true);
    let prompt = "/widgetCustomizations/postAuthKeepMeSignedInPrompt/title";
    assert_eq!(written.pointer(prompt), None);
    assert_eq!(get(&client, &path).pointer(prompt), Some(&Value::Null), "a read shows more than a write");
    assert_eq!(client.delete(SUPER, &path).status, 204);
    assert_eq!(client.get(SUPER, &path).status, 404);

    let html = get(&client, &format!("/api/v1/brands/{brand}/pages/sign-in/default"));
    assert!(html["pageContent"].as_str().unwrap().contains("{{{SignInWidgetResources}}}"));
    let versions = get(&client, &format!("/api/v1/brands/{brand}/pages/sign-in/widget-versions"));
    assert!(versions.as_array().unwrap().contains(&json!("^7")));
}

#[test]
fn pages_of_the_default_brand_need_a_custom_domain() {
    let client = Client::dev();
    let path = format!("/api/v1/brands/{}/pages/error/customized", default_brand(&client));
    let answer = put(&client, &path, json!({ "pageContent": "x" }));
    assert_eq!(answer.error(), "403 E0000213 Cannot update page content for the default brand.");
}

#[test]
fn an_image_changes_the_theme_until_it_is_taken_away() {
    let client = Client::dev();
    let brand = new_brand(&client, "Acme");
    let theme = get(&client, &format!("/api/v1/brands/{brand}/themes"))[0].clone();
    let path = format!("/api/v1/brands/{brand}/themes/{}", theme["id"].as_str().unwrap());
    let icon = b"\0\0\x01\0\x01\0\x10\x10 and its pixels";
    let cases: [(&str, &str, &[u8], &str); 3] = [
        ("logo", "logo", b"GIF89a logo", "image/gif"),
        ("favicon", "favicon", icon, "image/x-icon"),
        ("background-image", "backgroundImage", b"\xff\xd8\xff background", "image/jpeg"),
    ];
    for (part, member, bytes, kind) in cases {
        let url = client.upload(&format!("{path}/{part}"), bytes).json()["url"].clone();
        assert_eq!(get(&client, &path)[member], url);
        let own = url.as_str().unwrap().strip_prefix(BASE).unwrap();
        let image = client.send("GET", own, &[], "");
        assert_eq!(
            (image.status, &*image.reply.body, image.header("content-type")),
            (200, bytes, Some(kind))
        );
        let again = client.upload(&format!("{path}/{part}"), bytes).json()["url"].clone();
        assert_ne!(again, url);
        assert_eq!(client.send("GET", own, &[], "").status, 404, "a replaced image is gone");
        assert_eq!(client.delete(SUPER, &format!("{path}/{part}")).status, 204);
        let own = again.as_str().unwrap().strip_prefix(BASE).unwrap();
        assert_eq!(client.send("GET", own, &[], "").status, 404, "one that is taken away too");
    }
    assert_eq!(get(&client, &path), theme);
    let json = client.json("POST", SUPER, &format!("{path}/logo"), &json!({}));
    assert_eq!(json.error().split(' ').nth(1), Some("E0000021"));
    let text = client.upload(&format!("{path}/logo"), b"hello");
    assert_eq!(text.error(), "400 E0000001 Api validation failed: file");
    assert_eq!(client.upload(&format!("{path}/logo"), b"").status, 400);
}

#[test]
fn a_domain_is_verified_gets_a_certificate_and_keeps_its_brand() {
    let client = Client::dev();
    let domain = json!({ "domain": "Login.Acme.test", "certificateSourceType": "MANUAL" });
    let made = post(&client, "/api/v1/domains", domain.clone());
    let made = (made.status, made.json());
    assert_eq!((made.0, &made.1["domain"]), (201, &json!("login.acme.test")));
    let (id, brand) = (made.1["id"].as_str().unwrap(), made.1["brandId"].as_str().unwrap());
    assert_eq!(get(&client, &format!("/api/v1/brands/{brand}"))["name"], "login.acme.test");
    assert_eq!(post(&client, "/api/v1/domains", domain).error(), "403 E0000161 Unique domain name required.");
    assert!(client.delete(SUPER, &format!("/api/v1/brands/{brand}")).error().starts_with("409 E0000201 "));

    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["login.acme.test".to_owned()]).unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    let certificate = json!({ "type": "PEM", "privateKey": key.serialize_pem(), "certificate": pem, "certificateChain": pem });
    let path = format!("/api/v1/domains/{id}/certificate");
    let early = put(&client, &path, certificate.clone());
    assert_eq!(early.error(), "403 E0000165 Domain not verified.");
    let verified = post(&client, &format!("/api/v1/domains/{id}/verify"), json!({})).json();
    assert_eq!(verified["validationStatus"], "VERIFIED");
    assert_eq!(put(&client, &path, certificate).status, 204);
    let shown = get(&client, &format!("/api/v1/domains/{id}"));
    assert_eq!(shown["validationStatus"], "COMPLETED");
    assert!(shown["publicCertificate"]["subject"].as_str().unwrap().starts_with("CN="));

    let other = new_brand(&client, "Acme");
    let moved = put(&client, &format!("/api/v1/domains/{id}"), json!({ "brandId": other })).json();
    assert_eq!((&moved["brandId"], &moved["validationStatus"]), (&json!(other), &json!("COMPLETED")));
    assert_eq!(get(&client, &format!("/api/v1/brands/{other}/domains"))["domains"][0]["id"], id);
    assert_eq!(client.delete(SUPER, &format!("/api/v1/brands/{brand}")).status, 204);
}

#[test]
fn a_domain_that_no_dns_knows_fails_and_okta_s_own_are_prohibited() {
    let client = Client::dev();
    let made = post(
        &client,
        "/api/v1/domains",
        json!({ "domain": "login.example.com", "certificateSourceType": "MANUAL" }),
    )
    .json();
    let verify = format!("/api/v1/domains/{}/verify", made["id"].as_str().unwrap());
    let failed = post(&client, &verify, json!({})).json();
    assert_eq!(failed["validationStatus"], "FAILED_TO_VERIFY");
    let refused = post(
        &client,
        "/api/v1/domains",
        json!({ "domain": "acme.okta.com", "certificateSourceType": "MANUAL" }),
    );
    assert_eq!(refused.json()["errorCauses"][0]["errorSummary"], "domain: Prohibited custom domain name.");
}

#[test]
fn an_email_domain_belongs_to_its_brand_while_it_is_there() {
    let client = Client::dev();
    let brand = new_brand(&client, "Acme");
    let body = json!({ "brandId": brand, "domain": "Acme.test", "displayName": "A", "userName": "a" });
    let made = post(&client, "/api/v1/email-domains", body).json();
    assert_eq!(made.get("brandId"), None);
    let (id, path) = (made["id"].as_str().unwrap(), format!("/api/v1/brands/{brand}"));
    assert_eq!(get(&client, &path)["emailDomainId"], id);
    assert!(client.delete(SUPER, &path).error().starts_with("409 E0000201 "));
    let embedded = get(&client, &format!("/api/v1/email-domains/{id}?expand=brands"));
    assert_eq!(embedded["_embedded"]["brands"][0]["id"], brand.as_str());
    assert_eq!(client.delete(SUPER, &format!("/api/v1/email-domains/{id}")).status, 204);
    assert_eq!(get(&client, &path).get("emailDomainId"), None);
    assert_eq!(client.delete(SUPER, &path).status, 204);
}
