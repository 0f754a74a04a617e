//! A search that no index helps: 100,000 documents as they are stored. The bar is 100 ms.
#![expect(clippy::unwrap_used, reason = "a bench")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mock_server::query::{Case, Dialect, JsonText, Sort, parse};
use serde_json::json;

fn users(count: usize) -> Vec<String> {
    (0..count)
        .map(|nth| {
            let login = format!("person.{nth}@example.com");
            let user = json!({
                "id": format!("00u{nth:017}"), "status": "ACTIVE", "created": "2024-05-01T10:00:00.000Z",
                "activated": "2024-05-01T10:00:00.000Z", "statusChanged": "2024-05-01T10:00:00.000Z",
                "lastLogin": null, "lastUpdated": format!("2024-05-01T10:00:{:02}.000Z", nth % 60),
                "passwordChanged": null, "type": { "id": "oty00000000000000001" },
                "profile": {
                    "login": login, "email": login, "firstName": format!("Person{nth}"), "lastName": "Example",
                    "mobilePhone": "+1 555 0100", "department": format!("Department {}", nth % 50),
                    "title": "Engineer of things and of others", "city": "Zürich", "secondEmail": null,
                    "teams": ["blue", "green", format!("team{}", nth % 20)]
                },
                "credentials": { "provider": { "type": "OKTA", "name": "OKTA" } },
                "_links": { "self": { "href": format!("/api/v1/users/00u{nth:017}") } }
            });
            user.to_string()
        })
        .collect()
}

fn search(criterion: &mut Criterion) {
    let users = users(100_000);
    for query in [
        r#"profile.department eq "department 7""#,
        r#"profile.city sw "zür" and profile.teams eq "TEAM3""#,
        r#"profile.nowhere eq "x""#,
        r#"profile.email co "99@""#,
        r#"lastUpdated gt "2024-05-01T10:00:30.000Z""#,
        r#"(status lt "ACTIVE" or status gt "ACTIVE") or profile.title eq "x" or credentials.provider.type eq "x""#,
    ] {
        let expr = parse(query, Dialect::Search).unwrap();
        criterion.bench_function(query, |bencher| {
            let fits = |text: &&String| expr.matches(&JsonText(text), Case::Insensitive);
            bencher.iter(|| black_box(&users).iter().filter(fits).count());
        });
    }
    let sort = Sort::read(Some("profile.firstName"), Some("desc")).unwrap();
    criterion.bench_function("sort 100,000 by profile.firstName", |bencher| {
        bencher.iter(|| {
            let mut found: Vec<&String> = users.iter().collect();
            sort.apply(&mut found, |text| JsonText(text), |text| text);
            found
        });
    });
    criterion.bench_function("parse", |bencher| {
        let query = r#"profile.lastName eq "Smith" and profile.firstName eq "TestAcc""#;
        bencher.iter(|| parse(black_box(query), Dialect::Search));
    });
}

criterion_group! {
    name = query;
    config = Criterion::default().sample_size(20);
    targets = search
}
criterion_main!(query);
