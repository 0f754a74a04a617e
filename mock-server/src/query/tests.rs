//! Tables from the facts, and properties.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn user() -> Value {
    json!({
        "id": "00u1", "status": "ACTIVE", "created": "2024-05-01T10:00:00.000Z", "activated": null,
        "type": { "id": "oty1" },
        "profile": {
            "login": "isaac.brock@example.com", "firstName": "Isaac", "lastName": "Brock", "nickName": "",
            "city": "Zürich", "array123": ["test", "Feature", 4], "manager": true, "floor": 4, "ratio": 0.5,
            "quote": "a \"b\" \\ c", "nothing": []
        },
        "target": [{ "id": "t1", "type": "User" }, { "id": "t2" }]
    })
}

fn fits(query: &str, case: Case) -> bool {
    let expr = parse(query, Dialect::Search).unwrap();
    let (tree, text) = (user(), user().to_string());
    let fits = expr.matches(&tree, case);
    assert_eq!(expr.matches(&JsonText(&text), case), fits, "{query}: text and tree disagree");
    fits
}

#[test]
fn what_fits_in_a_search() {
    for query in [
        r#"profile.lastName eq "brock" and profile.firstName eq "ISAAC""#,
        r#"profile.lastName eq "Jones" or profile.lastName eq "Brock""#,
        r#"profile.array123 eq "feature" and (created gt "2021-01-01T00:00:00.000Z")"#,
        r#"created eq "2024-05-01T12:00:00+02:00""#,
        r#"created ge "2024-05-01T10:00:00.000Z" and created le "2024-05-01T10:00:00Z""#,
        r#"(status lt "STAGED" or status gt "STAGED")"#,
        r#"type.id eq "OTY1""#,
        r#"target.id eq "t2" and target.type pr"#,
        r#"profile.city eq "ZÜRICH" and profile.city sw "zü" and profile.city co "ÜRI" and profile.city ew "CH""#,
        "profile.manager eq true and profile.floor eq 4 and profile.floor eq 4.0 and profile.ratio lt 1",
        "profile.array123 eq 4",
        r#"profile.quote eq "a \"b\" \\ c" and profile.quote eq "\u0061 \"b\" \\ c""#,
        "id pr and profile pr and created PR",
        r#"not (status eq "STAGED") AND NOT(activated pr)"#,
        "activated eq null and created ne null and profile.nowhere eq null",
        r#"profile.nowhere ne "x""#,
        // `and` binds closer than `or`.
        r#"id pr or id eq "x" and id eq "y""#,
        r#"profile.login sw "" and profile.login co "BROCK@""#,
    ] {
        assert!(fits(query, Case::Insensitive), "{query}");
    }
}

#[test]
fn what_does_not_fit() {
    for query in [
        r#"profile.city eq "zurich""#,
        r#"profile.lastname eq "Brock""#,
        r#"(id pr or id eq "x") and id eq "y""#,
        "activated pr",
        "profile.nickName pr",
        "profile.nothing pr",
        r#"activated lt "2099-01-01T00:00:00.000Z""#,
        r#"profile.nowhere lt "z""#,
        r#"profile.floor eq "4""#,
        r#"profile.manager eq "true""#,
        "profile.manager gt false",
        r#"profile eq "x""#,
        r#"profile.array123 ne "test""#,
        r#"id.more eq "x""#,
        r#"target.id eq "t3""#,
    ] {
        assert!(!fits(query, Case::Insensitive), "{query}");
    }
}

#[test]
fn a_filter_minds_the_case() {
    assert!(fits(r#"status EQ "ACTIVE""#, Case::Sensitive));
    assert!(!fits(r#"status eq "active""#, Case::Sensitive));
    assert!(!fits(r#"profile.login sw "Isaac""#, Case::Sensitive));
}

#[test]
fn faults_say_what_and_where() {
    let at = |query: &str| match parse(query, Dialect::Logs) {
        Err(QueryError::Syntax { fault, .. }) => fault.to_string(),
        other => panic!("{query}: {other:?}"),
    };
    for (query, fault) in [
        ("", "End of input at position 0 but expected a filter expression"),
        ("eventType", "End of input at position 9 but expected an attribute operator"),
        ("eventType eq ", "End of input at position 13 while expecting a value for operator eq"),
        ("ü.x eqq \"y\"", "Expected an attribute reference at position 0"),
        (
            "not status eq 1",
            "Unrecognized attribute operator 'status' at position 4. Expected: eq,co,sw,pr,gt,ge,lt,le",
        ),
        (
            "user.id eq someid",
            "Invalid filter value 'someid' at position 11. Expected a string in quotes, a number or a boolean \
             value (true,false)",
        ),
        ("id eq \"foo\\\"", "End of input in a string value that began at position 6"),
        ("id eq \"😀\\x\"", "Unrecognized escape sequence '\\x' in a string value at position 9"),
        ("id eq \"\\ud800\"", "Unrecognized escape sequence '\\u' in a string value at position 7"),
        ("(id pr", "Expected closing parenthesis at position 6 to match opening parenthesis at position 0"),
        ("id pr)", "Unexpected characters ')' at position 5"),
        ("id pr id pr", "Unexpected characters 'id' at position 6"),
        (
            "id eq 1e999",
            "Invalid filter value '1e999' at position 6. Expected a string in quotes, a number or a boolean value (true,false)",
        ),
        ("a..b pr", "Expected an attribute reference at position 0"),
        ("profile.name+eq+%22IAM+Team%22", "Expected an attribute reference at position 0"),
    ] {
        assert_eq!(at(query), fault, "{query}");
    }
}

#[test]
fn errors_have_okta_s_codes_and_words() {
    let refused = parse(r#"display_message eqq "Create okta user""#, Dialect::Logs).unwrap_err();
    assert_eq!(refused.code(), "E0000053");
    assert_eq!(
        refused.summary().unwrap(),
        "Invalid filter 'display_message eqq \"Create okta user\"': Unrecognized attribute operator 'eqq' at \
         position 16. Expected: eq,co,sw,pr,gt,ge,lt,le"
    );
    let told = |error: &QueryError| (error.code(), error.summary(), error.causes());
    let refused = parse("profile.name", Dialect::Search).unwrap_err();
    assert_eq!(told(&refused), ("E0000031", None, vec!["Invalid search syntax.".to_owned()]));
    let refused = parse("id eq \"foo\\\"", Dialect::Filter).unwrap_err();
    assert_eq!(told(&refused), ("E0000031", None, vec![]));
    assert_eq!(QueryError::SearchWithFilter.code(), "E0000033");
}

#[test]
fn the_network_cannot_ask_too_much() {
    let deep = |depth: usize| format!("{}id pr{}", "not (".repeat(depth), ")".repeat(depth));
    assert!(parse(&deep(MAX_DEPTH), Dialect::Search).is_ok());
    let long = format!("id eq \"{}\"", "x".repeat(MAX_LENGTH));
    let many = |count: usize| vec!["id pr"; count].join(" or ");
    assert!(parse(&many(MAX_COMPARISONS), Dialect::Search).is_ok());
    for (query, what) in [
        (deep(MAX_DEPTH + 1), "deep"),
        (deep(2000), "deep"),
        (long, "long"),
        (many(MAX_COMPARISONS + 1), "complex"),
    ] {
        let fault = parse(&query, Dialect::Search).unwrap_err();
        assert!(
            matches!(fault, QueryError::Syntax { fault: Fault::TooMuch(is), .. } if is == what),
            "{fault}"
        );
    }
}

#[test]
fn tables_may_bind_require_and_restrict() {
    let table: Queryable = toml::from_str(
        r#"
        [filter]
        logic = false
        unsupported = "E0000094"
        required = { attribute = "principalType", object = "principalRateLimitMediated" }
        attributes = [
          { name = "principalType", ops = "eq", case = "insensitive" },
          { name = "type", ops = "eq", reads = "scopes.type" },
        ]
        "#,
    )
    .unwrap();
    let filter = |text| table.read(None, Some(text)).map(|found| found.unwrap().0);
    let missing = filter(r#"type eq "x""#).unwrap_err();
    assert_eq!((missing.code(), missing.argument()), ("E0000001", Some("principalRateLimitMediated")));
    assert_eq!(
        missing.causes(),
        ["The provided filter parameter did not contain the required attrbute filter \"principalType\""]
    );
    let complex = filter(r#"principalType eq "x" or type eq "y""#).unwrap_err();
    assert_eq!(complex, QueryError::Complex(r#"principalType eq "x" or type eq "y""#.to_owned()));
    assert_eq!(filter("principalType pr").unwrap_err().code(), "E0000094");
    let any_case = filter(r#"principalType eq "ssws_token""#).unwrap();
    assert!(any_case.matches(&json!({ "principalType": "SSWS_TOKEN" }), Case::Sensitive));

    let open = r#"filter = { attributes = [{ name = "type", ops = "eq", reads = "scopes.type" }] }"#;
    let table: Queryable = toml::from_str(open).unwrap();
    let (by_scope, _) = table.read(None, Some(r#"type eq "CORS""#)).unwrap().unwrap();
    assert!(
        by_scope.matches(&json!({ "scopes": [{ "type": "REDIRECT" }, { "type": "CORS" }] }), Case::Sensitive)
    );

    for (wrong, why) in [
        (r#"filter = { attributes = [{ name = "a", ops = "eqq" }] }"#, "there is no operator \"eqq\""),
        (r#"filter = { attributes = [{ name = "a", ops = "eq", reads = "a..b" }] }"#, "\"a..b\" is no path"),
        (r#"q = { fields = ["a"], mod = "prefix" }"#, "did not match any variant"),
    ] {
        let error = toml::from_str::<Queryable>(wrong).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn the_logs_filter_takes_all_but_published() {
    let logs: Grammar = toml::from_str(
        r#"
        logs = true
        not = true
        attributes = [{ name = "published", ops = "" }, { name = "*", ops = "eq ne co sw ew pr gt ge lt le" }]
        "#,
    )
    .unwrap();
    assert!(logs.read(r#"not (target.id ne "x") and eventType ew "y""#, Dialect::Filter).is_ok());
    let refused = logs.read("published pr", Dialect::Filter).unwrap_err();
    assert_eq!(refused.code(), "E0000053");
    assert!(refused.summary().unwrap().starts_with("Invalid filter 'published pr': "));
}

#[test]
fn what_is_typed_finds_beginnings_parts_or_words() {
    let quick = |mode| Quick {
        fields: ["profile.firstName", "profile.login"].map(|path| Path::parse(path).unwrap()).into(),
        mode,
        default: None,
        max: None,
        links: true,
        pages: true,
        hidden: false,
    };
    for (mode, typed, found) in [
        (Mode::Prefix, "isa", true),
        (Mode::Prefix, "ISAAC.B", true),
        (Mode::Prefix, "saac", false),
        (Mode::Contains, "BROCK@", true),
        (Mode::Contains, "nobody", false),
        (Mode::Keywords, "isaac  Example", true),
        (Mode::Keywords, "isaac nobody", false),
    ] {
        assert_eq!(quick(mode).matches(typed, &user()), found, "{typed}");
    }
    let parameter = Parameter { attribute: Path::parse("status").unwrap(), several: true };
    assert!(parameter.matches("STAGED,ACTIVE", &user()) && !parameter.matches("active", &user()));
    assert!(!Parameter { several: false, ..parameter }.matches("STAGED,ACTIVE", &user()));
}

#[test]
fn an_index_is_asked_for_what_narrows_most() {
    let indexed = ["id", "profile.email", "profile.lastName"];
    for (query, one, all) in [
        (r#"profile.email eq "A@b""#, Some("a@b"), vec!["a@b"]),
        (r#"profile.lastName sw "Br" and profile.email eq "a@b""#, Some("a@b"), vec!["a@b"]),
        (r#"status eq "x" and (profile.lastName sw "Br")"#, Some("br"), vec!["br"]),
        (r#"id eq "1" or profile.email eq "2""#, None, vec!["1", "2"]),
        (r#"(id eq "1" or id eq "2") and profile.lastName sw "z""#, Some("z"), vec!["1", "2"]),
        (r#"id eq "1" or status eq "2""#, None, vec![]),
        (r#"not (id eq "1")"#, None, vec![]),
        (r#"id sw """#, None, vec![]),
        (r#"id eq "2024-05-01T10:00:00.000Z""#, None, vec![]),
        ("id eq 1", None, vec![]),
    ] {
        let expr = parse(query, Dialect::Search).unwrap();
        assert_eq!(index_probe(&expr, &indexed).map(|probe| probe.folded()), one, "{query}");
        let found = index_probes(&expr, &indexed).unwrap_or_default();
        assert_eq!(found.iter().map(Probe::folded).collect::<Vec<_>>(), all, "{query}");
    }
}

#[test]
fn results_are_ordered_by_any_attribute() {
    let documents = [
        json!({ "id": "3", "name": "b", "n": 10, "at": "2024-05-01T10:00:00.000Z" }),
        json!({ "id": "1", "name": "B", "n": 9 }),
        json!({ "id": "2", "name": "a", "at": "2024-05-01T11:00:00+02:00" }),
        json!({ "id": "0" }),
    ];
    let ordered = |by: &str, order: Option<&str>| {
        let mut items: Vec<&Value> = documents.iter().collect();
        let sort = Sort::read(Some(by), order).unwrap();
        sort.apply(&mut items, |item| *item, |item| item["id"].as_str().unwrap());
        items.iter().map(|item| item["id"].as_str().unwrap()).collect::<String>()
    };
    assert_eq!(ordered("name", None), "2130");
    assert_eq!(ordered("name", Some("desc")), "1320");
    assert_eq!(ordered("n", Some("0")), "1302");
    assert_eq!(ordered("n", Some("DESCENDING")), "3102");
    assert_eq!(ordered("at", None), "2301");
    assert_eq!(Sort::read(None, Some("asc")), None);
    assert_eq!(Sort::read(Some("a b"), None), None);
}

/// A second opinion on what fits: by hand, over lists of values out of the tree, without the visitor.
mod naive {
    use super::*;

    fn values<'v>(value: &'v Value, parts: &[Box<str>]) -> Vec<&'v Value> {
        match (value, parts.split_first()) {
            (Value::Array(all), _) => all.iter().flat_map(|one| values(one, parts)).collect(),
            (Value::Object(members), Some((name, rest))) => {
                members.get(&**name).map(|inner| values(inner, rest)).unwrap_or_default()
            }
            (_, Some(_)) => vec![],
            (value, None) => vec![value],
        }
    }

    pub(super) fn fits(expr: &Expr, value: &Value) -> bool {
        match expr {
            Expr::And(all) => !all.iter().any(|one| !fits(one, value)),
            Expr::Or(all) => !all.iter().all(|one| !fits(one, value)),
            Expr::Not(one) => !fits(one, value),
            Expr::Compare(one) => compare(one, &values(value, one.attribute.parts())),
        }
    }

    fn compare(comparison: &Comparison, found: &[&Value]) -> bool {
        let there = found.iter().any(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => true,
        });
        let order = |value: &Value| match (&comparison.value, value) {
            (Some(Literal::Text(wanted)), Value::String(text)) => {
                Some(text.to_lowercase().cmp(&wanted.as_str().to_lowercase()))
            }
            (Some(Literal::Number(Number::Int(wanted))), value) => value.as_i64().map(|one| one.cmp(wanted)),
            (Some(Literal::Bool(wanted)), Value::Bool(one)) if one == wanted => {
                Some(std::cmp::Ordering::Equal)
            }
            _ => None,
        };
        let text = |value: &Value, fits: fn(&str, &str) -> bool| match (&comparison.value, value) {
            (Some(Literal::Text(wanted)), Value::String(text)) => {
                fits(&text.to_lowercase(), &wanted.as_str().to_lowercase())
            }
            _ => false,
        };
        let equal = found.iter().any(|value| order(value) == Some(std::cmp::Ordering::Equal));
        let bools = matches!(comparison.value, Some(Literal::Bool(_)));
        let any = |fits: fn(std::cmp::Ordering) -> bool| {
            !bools && found.iter().any(|value| order(value).is_some_and(fits))
        };
        match (comparison.operator, &comparison.value) {
            (Operator::Pr, _) => there,
            (Operator::Eq, Some(Literal::Null)) => !there,
            (Operator::Ne, Some(Literal::Null)) => there,
            (Operator::Eq, _) => equal,
            (Operator::Ne, _) => !equal,
            (Operator::Gt, _) => any(std::cmp::Ordering::is_gt),
            (Operator::Ge, _) => any(std::cmp::Ordering::is_ge),
            (Operator::Lt, _) => any(std::cmp::Ordering::is_lt),
            (Operator::Le, _) => any(std::cmp::Ordering::is_le),
            (Operator::Sw, _) => {
                found.iter().any(|value| text(value, |text, wanted| text.starts_with(wanted)))
            }
            (Operator::Ew, _) => found.iter().any(|value| text(value, |text, wanted| text.ends_with(wanted))),
            (Operator::Co, _) => found.iter().any(|value| text(value, |text, wanted| text.contains(wanted))),
        }
    }
}

fn path() -> impl Strategy<Value = Path> {
    "[abc](\\.[abc]){0,2}".prop_map(|text| Path::parse(&text).unwrap())
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        (-3_i64..3).prop_map(|whole| Literal::Number(Number::Int(whole))),
        "[aAbü\"\\\\ ]{0,3}".prop_map(|text| Literal::Text(Text::new(&text))),
    ]
}

fn expression() -> impl Strategy<Value = Expr> {
    let one = (path(), proptest::sample::select(Operator::ALL.to_vec()), literal());
    let one = one.prop_map(|(path, operator, value)| Expr::Compare(Comparison::new(path, operator, value)));
    one.prop_recursive(4, 24, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several.clone().prop_map(Expr::And),
            several.prop_map(Expr::Or),
            inner.prop_map(|one| Expr::Not(Box::new(one))),
        ]
    })
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        "[aAbü\"\\\\ \n]{0,3}".prop_map(Value::from),
    ];
    let inner = leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[abc\"]|é", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    proptest::collection::btree_map("[abc]", inner, 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(expr in expression()) {
        for dialect in [Dialect::Search, Dialect::Filter, Dialect::Logs] {
            prop_assert_eq!(parse(&expr.to_string(), dialect), Ok(expr.clone()));
        }
    }

    #[test]
    fn any_number_is_printed_and_read_again(number: f64, whole: i64) {
        for number in [Number::from_f64(number), Some(Number::Int(whole))].into_iter().flatten() {
            let expr = Expr::Compare(Comparison::new(Path::parse("a").unwrap(), Operator::Eq, Literal::Number(number)));
            prop_assert_eq!(parse(&expr.to_string(), Dialect::Search), Ok(expr));
        }
    }

    #[test]
    fn text_and_tree_and_a_second_opinion_agree(expr in expression(), document in document()) {
        let fits = expr.matches(&document, Case::Insensitive);
        prop_assert_eq!(fits, naive::fits(&expr, &document), "{} on {}", expr, document);
        for text in [document.to_string(), serde_json::to_string_pretty(&document).unwrap()] {
            for case in [Case::Insensitive, Case::Sensitive] {
                prop_assert_eq!(expr.matches(&JsonText(&text), case), expr.matches(&document, case));
            }
        }
    }

    #[test]
    fn numbers_are_the_same_in_text_and_tree(numbers: Vec<f64>, wanted: f64, whole: i64, big: u64) {
        let tree = json!({ "a": numbers, "b": [wanted, whole, big] });
        let text = tree.to_string();
        for query in [format!("a ge {wanted}"), format!("b eq {whole}"), format!("b eq {big}"), format!("b lt {wanted}")] {
            let expr = parse(&query, Dialect::Search).unwrap();
            prop_assert_eq!(
                expr.matches(&JsonText(&text), Case::Sensitive), expr.matches(&tree, Case::Sensitive), "{} {}", query, text
            );
        }
    }

    #[test]
    fn an_index_never_loses_a_document(expr in expression(), document in document()) {
        // What is asked of the index, asked of the document instead.
        if expr.matches(&document, Case::Insensitive) && let Some(probes) = index_probes(&expr, &["a", "b", "a.b"]) {
            let found = probes.iter().any(|probe| {
                let (path, text) = (Path::parse(probe.attribute).unwrap(), Literal::Text(Text::new(probe.value)));
                Comparison::new(path, probe.operator, text).matches(&document, Case::Insensitive)
            });
            prop_assert!(found, "{} on {}", expr, document);
        }
    }

    #[test]
    fn no_text_breaks_anything(query in "\\PC*|[a-c\"\\\\().0-9 neqtrpadsw]*", document in "\\PC*|[\\[\\]{}\":,\\\\abtfn0-9. ]*") {
        let _ = parse(&query, Dialect::Logs);
        for query in ["a.b eq 1", "a pr", r#"a.b co "x" or not (c lt true)"#] {
            parse(query, Dialect::Search).unwrap().matches(&JsonText(&document), Case::Insensitive);
        }
    }

    #[test]
    fn strings_without_case_compare_as_strings_folded_whole(one in "[aAkKß\u{212a}İσς]{0,3}", other in "[aAkKß\u{212a}İσς]{0,3}") {
        let (tree, fold_all) = (json!({ "a": one }), |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>());
        let fits = |operator| {
            let value = Literal::Text(Text::new(&other));
            Comparison::new(Path::parse("a").unwrap(), operator, value).matches(&tree, Case::Insensitive)
        };
        let (one, other) = (fold_all(&one), fold_all(&other));
        prop_assert_eq!(fits(Operator::Eq), one == other);
        prop_assert_eq!(fits(Operator::Sw), one.starts_with(&other));
        prop_assert_eq!(fits(Operator::Ew), one.ends_with(&other));
        prop_assert_eq!(fits(Operator::Co), one.contains(&other));
        prop_assert_eq!(fits(Operator::Lt), one < other);
    }
}
