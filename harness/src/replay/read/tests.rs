#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn one(text: &str) -> Recorded {
    let mut recordings = recordings("file", text).unwrap();
    assert_eq!(recordings.len(), 1);
    recordings[0].exchanges.remove(0)
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

const GO_VCR_1: &str = r#"---
version: 1
interactions:
- request:
    body: '{"profile":{"name":"a"}}'
    form: {}
    headers:
      Authorization:
      - SSWS secret
    url: https://acme.okta.com/api/v1/groups
    method: POST
  response:
    body: '{"id":"00g1"}'
    headers:
      Content-Type:
      - application/json
    status: 200 OK
    code: 200
    duration: 1.1s
"#;

#[test]
fn each_format_reads_the_same() {
    let har = json!({"log": {"version": "1.2", "entries": [{
        "request": {"method": "POST", "url": "https://acme.okta.com/api/v1/groups",
                    "headers": [{"name": "Authorization", "value": "SSWS secret"}],
                    "postData": {"mimeType": "application/json", "text": "{\"profile\":{\"name\":\"a\"}}"}},
        "response": {"status": 200, "headers": [{"name": "Content-Type", "value": "application/json"}],
                     "content": {"encoding": "base64", "text": "eyJpZCI6IjAwZzEifQ=="}},
    }]}});
    let vcrpy = json!({"version": 1, "interactions": [{
        "request": {"method": "POST", "uri": "https://acme.okta.com/api/v1/groups",
                    "headers": {"Authorization": ["SSWS secret"]}, "body": "{\"profile\":{\"name\":\"a\"}}"},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {"Content-Type": ["application/json"]},
                     "body": {"string": "{\"id\":\"00g1\"}"}},
    }]});
    let ledger = json!({"seq": 1,
        "request": {"method": "POST", "target": "/api/v1/groups", "body": "{\"profile\":{\"name\":\"a\"}}",
                    "headers": [["Host", "acme.okta.com"], ["Authorization", "SSWS secret"]]},
        "response": {"status": 200, "headers": [["Content-Type", "application/json"]], "body": "{\"id\":\"00g1\"}"},
    });
    let lines = json!({"cassette": "c", "seq": 1, "method": "POST", "path": "/api/v1/groups", "query": "",
        "host": "acme.okta.com", "request_headers": {"authorization": "SSWS secret"},
        "request_body_kind": "json", "request_body": {"profile": {"name": "a"}}, "status": 200,
        "response_headers": {"content-type": "application/json"}, "response_body_kind": "json",
        "response_body": {"id": "00g1"}});
    let expected = one(GO_VCR_1);
    assert_eq!(expected.operation.as_deref(), Some("POST /api/v1/groups"));
    assert_eq!(expected.host, "acme.okta.com");
    assert_eq!(expected.response, Body::Json(json!({"id": "00g1"})));
    for text in
        [har.to_string(), format!("{vcrpy:#}"), ledger.to_string(), format!("[{ledger}]"), lines.to_string()]
    {
        let mut found = one(&text);
        // The ledger adds the host as a header line; browsers count from 0.
        found.request_headers.0.retain(|(name, _)| name != "host");
        found.number = expected.number;
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn bytes_are_read_from_yaml() {
    let text = GO_VCR_1
        .replace("url:", "uri:")
        .replace("    code: 200\n", "")
        .replace("    status: 200 OK", "    status: {code: 200, message: OK}");
    let encoded = STANDARD.encode(packed(r#"{"id":"00g1"}"#));
    let text = text
        .replace(r#"body: '{"id":"00g1"}'"#, &format!("body:\n      string: !!binary |\n        {encoded}"));
    assert_eq!(one(&text).response, Body::Json(json!({"id": "00g1"})));
}

#[test]
fn a_packed_file_is_unpacked() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&packed(GO_VCR_1)).unwrap();
    assert_eq!(super::file(file.path()).unwrap()[0].exchanges.len(), 1);
    file.as_file().set_len(40).unwrap();
    let error = super::file(file.path()).unwrap_err().to_string();
    assert!(error.contains("cannot be unpacked"), "{error}");
}

#[test]
fn faults_name_place_and_remedy() {
    let missing = GO_VCR_1.replace("    code: 200\n", "");
    let address = GO_VCR_1.replace("https://acme.okta.com/", "acme ");
    for (text, words) in [
        (
            missing.as_str(),
            "interaction 1: response.code is missing or of another type; it should be a status, as 200",
        ),
        (address.as_str(), "interaction 1: the address of the request is no address"),
        ("interactions: [\n  - {", "is not valid YAML"),
        ("{\"log\": {\n \"entries\": [}", "is not valid JSON (expected value at line 2 column 14)"),
        ("{\"log\": {}}", "none of the formats"),
        ("hello", "none of the formats"),
        ("interactions:\n- request: {}\n", "interaction 1: request.url is missing"),
        ("{\"log\":{\"entries\":[{}]}}", "log.entries[0]: request.method is missing"),
        (
            "{\"cassette\":\"c\",\"method\":\"GET\",\"path\":\"/\",\"status\":1,\"response_body_kind\":\"none\"}\n{",
            "line 2: is not valid JSON (EOF while parsing an object at column 1)",
        ),
    ] {
        let fault = recordings("file", text).unwrap_err().to_string();
        assert!(fault.contains(words), "{text}\n{fault}");
    }
}

#[test]
fn what_is_no_call_of_the_api_is_said() {
    let text = GO_VCR_1.replace("/api/v1/groups", "/assets/logo.png");
    assert_eq!(one(&text).unusable, Some("it is no call of an org's API"));
}

proptest! {
    #[test]
    fn no_text_panics(text in "[\\[{]?[a-z:\\-{}\\[\\]\"', \n]{0,60}") {
        let _ = recordings("file", &text);
    }

    #[test]
    fn no_cassette_panics(cut in 0..GO_VCR_1.len(), with in "[^a-z]{0,3}") {
        let text = format!("{}{with}{}", &GO_VCR_1[..cut], GO_VCR_1.get(cut + 1..).unwrap_or_default());
        let _ = recordings("file", &text);
    }
}
