//! Any text as an expression, on any text as a document: no panic; what was read is printed and read again the same;
//! and a document answers the same as text and as a tree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mock_server::query::{Case, Dialect, JsonText, Sort, index_probes, parse};

fuzz_target!(|input: (u8, &str, &str)| {
    let (choice, query, document) = input;
    let dialect = [Dialect::Search, Dialect::Filter, Dialect::Logs][usize::from(choice) % 3];
    let expr = match parse(query, dialect) {
        Ok(expr) => expr,
        Err(error) => {
            assert!(["E0000031", "E0000053"].contains(&error.code()), "{error}");
            return;
        }
    };
    assert_eq!(parse(&expr.to_string(), dialect).as_ref(), Ok(&expr));
    index_probes(&expr, &["id", "a"]);
    expr.matches(&JsonText(document), dialect.case());
    Sort::read(Some(query), Some(document));
    // Written again, since a tree keeps the last of two members with one name.
    if let Ok(tree) = serde_json::from_str::<serde_json::Value>(document) {
        let text = tree.to_string();
        for case in [Case::Sensitive, Case::Insensitive] {
            assert_eq!(expr.matches(&JsonText(&text), case), expr.matches(&tree, case), "{expr} on {text}");
        }
    }
});
