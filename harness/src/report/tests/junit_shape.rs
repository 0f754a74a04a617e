//! JUnit XML as the schema of Jenkins' plugin has it: which element stands where, with which attributes; and that the
//! sums are right, which no schema can say.

use std::collections::BTreeMap;

use quick_xml::{Reader, events::Event};

/// Element, where it may stand, attributes that it must have, attributes that it may have.
const ELEMENTS: &[(&str, &[&str], &[&str], &[&str])] = &[
    ("testsuites", &[""], &[], &["name", "time", "tests", "failures", "errors", "disabled", "skipped"]),
    (
        "testsuite",
        &["testsuites"],
        &["name", "tests"],
        &["failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"],
    ),
    ("testcase", &["testsuite"], &["name", "classname"], &["assertions", "time", "status"]),
    ("properties", &["testsuite", "testcase"], &[], &[]),
    ("property", &["properties"], &["name", "value"], &[]),
    ("skipped", &["testcase"], &[], &["message", "type"]),
    ("failure", &["testcase"], &[], &["message", "type"]),
    ("error", &["testcase"], &[], &["message", "type"]),
    ("system-out", &["testcase", "testsuite"], &[], &[]),
    ("system-err", &["testcase", "testsuite"], &[], &[]),
];

/// What is wrong with a document.
pub(super) fn faults(xml: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<String> = Vec::new();
    let mut sums: Vec<(String, BTreeMap<String, usize>, BTreeMap<&str, usize>)> = Vec::new();
    loop {
        let (element, empty) = match reader.read_event() {
            Ok(Event::Start(element)) => (element, false),
            Ok(Event::Empty(element)) => (element, true),
            Ok(Event::End(_)) => {
                let name = open.pop().unwrap_or_default();
                if name == "testsuite" || name == "testsuites" {
                    close(&mut sums, &mut faults);
                }
                continue;
            }
            Ok(Event::Eof) => return faults,
            Ok(_) => continue,
            Err(error) => {
                faults.push(error.to_string());
                return faults;
            }
        };
        let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
        let parent = open.last().cloned().unwrap_or_default();
        let attributes: BTreeMap<String, String> = element
            .attributes()
            .map(|attribute| {
                let attribute = attribute.unwrap();
                let value = String::from_utf8_lossy(&attribute.value).into_owned();
                (String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value)
            })
            .collect();
        match ELEMENTS.iter().find(|(known, ..)| *known == name) {
            None => faults.push(format!("<{name}> is unknown")),
            Some((_, parents, must, may)) => {
                if !parents.contains(&parent.as_str()) {
                    faults.push(format!("<{name}> in <{parent}>"));
                }
                let missing = must.iter().filter(|name| !attributes.contains_key(**name));
                faults.extend(missing.map(|missing| format!("<{name}> without {missing}")));
                let strange = attributes
                    .keys()
                    .filter(|key| !must.contains(&key.as_str()) && !may.contains(&key.as_str()));
                faults.extend(strange.map(|strange| format!("<{name} {strange}>")));
            }
        }
        let counted = match name.as_str() {
            "testcase" => Some("tests"),
            "failure" => Some("failures"),
            "error" => Some("errors"),
            "skipped" => Some("skipped"),
            _ => None,
        };
        if name == "testsuite" || name == "testsuites" {
            let said = attributes.iter().filter_map(|(key, value)| Some((key.clone(), value.parse().ok()?)));
            sums.push((name.clone(), said.collect(), BTreeMap::new()));
        }
        if let Some(counted) = counted {
            for (.., sum) in &mut sums {
                *sum.entry(counted).or_default() += 1;
            }
        }
        if !empty {
            open.push(name);
        }
    }
}

fn close(sums: &mut Vec<(String, BTreeMap<String, usize>, BTreeMap<&str, usize>)>, faults: &mut Vec<String>) {
    let Some((name, said, counted)) = sums.pop() else { return };
    for key in ["tests", "failures", "errors", "skipped"] {
        let counted = counted.get(key).copied().unwrap_or(0);
        if said.get(key).is_some_and(|said| *said != counted) {
            faults.push(format!("<{name} {key}> is not {counted}"));
        }
    }
}
