//! A run at a real org, as its stream has it.

use super::*;
use crate::report::pseudonyms::Pseudonyms;

/// Keeps the lines.
struct Lines(Arc<Mutex<Vec<String>>>);

impl Renderer for Lines {
    fn record(&mut self, _: &Record, line: &str) -> io::Result<()> {
        self.0.lock().unwrap().push(line.to_owned());
        Ok(())
    }
}

#[test]
fn the_stream_of_a_real_org_names_nothing_of_it() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let names = Pseudonyms::new(
        "dev-123456.okta.com",
        [("app", "0oaTheClient00000001"), ("user", "00uTheMember00000001")],
    );
    let taint = Taint::default();
    // A secret that looks like an id within is taken out as a whole.
    taint.learn("x-00uTheMember00000001-y");
    let mut report = Report::new(taint, vec![Box::new(Lines(Arc::clone(&lines)))]).under_names(Some(names));
    let Record::Header(mut head) = header() else { unreachable!() };
    head.target = "the real org https://dev-123456.okta.com".to_owned();
    head.run_arguments = "--target https://dev-123456.okta.com --confirm-org dev-123456.okta.com".to_owned();
    report.emit(&Record::Header(head));
    report.emit(&Record::Feature(FeatureRecord {
        path: "features/errors/management-api.feature".to_owned(),
        text: "reads \"00unobody00000000000\" and \"member@example.com\"".to_owned(),
    }));
    let said = "00uTheMember00000001, 00unobody00000000000, member@example.com, x-00uTheMember00000001-y";
    report.emit(&check("ERR-001", "received", Verdict::Fail, said, Some(1)));
    let Record::Exchange(mut exchange) = exchange("ERR-001") else { unreachable!() };
    exchange.request = "GET /api/v1/users/m.ember%40acme.example".to_owned();
    exchange.request_headers = vec![("Host".to_owned(), "dev-123456.okta.com".to_owned())];
    exchange.response_body = concat!(
        r#"{"id":"00uTheMember00000001","profile":{"login":"m.ember@acme.example","firstName":"Mem"},"#,
        r#""_links":{"self":{"href":"https://dev-123456.okta.com/api/v1/users/00uTheMember00000001"},"#,
        r#""type":{"href":"https://dev-123456.okta.com/api/v1/meta/types/user/oty1abcdEFGH234565d7"}}"#
    )
    .to_owned();
    report.emit(&Record::Exchange(exchange));
    assert_eq!(report.broken(), [""; 0]);
    insta::assert_snapshot!(lines.lock().unwrap().join("\n"));
}
