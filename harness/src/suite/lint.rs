//! What must be right in a feature file before anything is run: a fault found here is exit 2, never a green run
//! (harness-anchors §11, rows 1, 4, 17, 20).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use cucumber::{gherkin::StepType, step::Collection};

use super::{
    features::{Case, Fault, is_id},
    world::World,
};

/// Words in a `Then` that state an absence or a refusal. A dead client would satisfy most of them, so the scenario
/// needs a twin that shows the client alive.
const NEGATIVE: &[&str] = &[
    " no ",
    " not ",
    " never ",
    " nothing",
    " without a request",
    "refus",
    "was told",
    "no further",
    "gave up",
];

/// Tags that cucumber itself would act on.
fn is_reserved(tag: &str) -> bool {
    tag.starts_with("retry") || tag == "serial" || tag == "allow.skipped"
}

/// Tags with a value, and what the value is.
const VALUED: &[&str] = &["req", "control", "cap", "profile", "since", "real"];

/// All faults of the cases, in the order of the files.
pub(crate) fn lint(cases: &[Case], steps: &Collection<World>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen: BTreeMap<&str, &Case> = BTreeMap::new();
    let by_tagged_id: BTreeMap<&str, &Case> =
        cases.iter().map(|case| (case.tagged_id.as_str(), case)).collect();
    // The same words are looked up once: most of the suite's steps are met hundreds of times.
    let mut defined: HashSet<(StepType, &str)> = HashSet::new();
    for case in cases {
        let mut fault = |message: String| faults.push(Fault::new(&case.path, case.line(), message));
        tags(case, &mut fault);
        if let Some(other) = seen.insert(&case.id, case)
            && !case.id.is_empty()
        {
            fault(format!("the id @{} is taken by {}:{}; ids are unique", case.id, other.path, other.line()));
        }
        control(case, &by_tagged_id, &mut fault);
        shape(case, &mut fault);
        for step in &case.steps {
            let words = (step.step.ty, step.step.value.as_str());
            if defined.contains(&words) {
                continue;
            }
            let message = match steps.find(&step.step) {
                Ok(Some(_)) => {
                    defined.insert(words);
                    continue;
                }
                Ok(None) => format!("no step is defined for `{}{}`", step.step.keyword, step.step.value),
                Err(ambiguous) => format!("`{}` has several definitions. {ambiguous}", step.step.value),
            };
            faults.push(Fault::new(&case.path, step.step.position.line, message));
        }
    }
    // A background's step is met once for each of its scenarios.
    let mut told = BTreeSet::new();
    faults.retain(|fault| told.insert(fault.to_string()));
    faults
}

fn tags(case: &Case, fault: &mut impl FnMut(String)) {
    for tag in &case.tags {
        if is_reserved(tag) {
            fault(format!(
                "the tag @{tag} is reserved by cucumber; name the topic otherwise, as @rate-limit"
            ));
        }
        if tag.contains(['(', ')', '@']) {
            fault(format!("the tag @{tag} contains a character that tag expressions cannot name"));
        }
        if let Some(way) = tag.strip_prefix("real:")
            && !["read", "write"].contains(&way)
        {
            fault(format!("the tag @{tag}: real orgs are read (@real:read) or written to (@real:write)"));
        }
        if let Some((name, value)) = tag.split_once(':')
            && (!VALUED.contains(&name) || value.is_empty())
        {
            fault(format!("the tag @{tag} is not known; tags with a value are: {}", VALUED.join(", ")));
        }
    }
    match case.scenario.tags.iter().filter(|tag| is_id(tag)).count() {
        1 => {}
        0 => fault(format!("`{}` has no id tag, as @PAGE-001", case.scenario.name)),
        _ => fault(format!("`{}` has several id tags", case.scenario.name)),
    }
    if case.values("req").next().is_none() {
        fault(format!("@{} names no requirement, as @req:OKTA-PAGINATION-LINK", case.id));
    }
    if case.level.is_none() {
        fault(format!("@{} needs one of @must and @should", case.id));
    }
}

fn control(case: &Case, by_tagged_id: &BTreeMap<&str, &Case>, fault: &mut impl FnMut(String)) {
    let mut has_control = false;
    for control in case.values("control") {
        has_control = true;
        match by_tagged_id.get(control) {
            None => fault(format!("@control:{control}: there is no scenario @{control}")),
            Some(_) if control == case.tagged_id => {
                fault(format!("@control:{control}: a scenario cannot control itself"))
            }
            Some(other)
                if case.values("real").next().is_some() && other.values("real").next() != Some("read") =>
            {
                fault(format!(
                    "@control:{control}: @{} is run at real orgs, so @{control} has to be tagged @real:read as well",
                    case.id
                ));
            }
            Some(other) if other.values("control").next().is_some() => {
                fault(format!(
                    "@control:{control}: @{control} is a negative scenario itself; name a positive one"
                ));
            }
            Some(other) => {
                // Where the control cannot run, the negative one shows nothing, though the client could be judged by it.
                if let Some(more) =
                    other.values("cap").find(|more| case.values("cap").all(|own| own != *more))
                {
                    fault(format!(
                        "@control:{control}: @{control} needs @cap:{more} and @{} does not: a client without it would not \
                         be judged; name a twin that needs no more",
                        case.id
                    ));
                }
            }
        }
    }
    if !has_control && let Some(step) = negative_step(case) {
        fault(format!(
            "@{} is a negative scenario (`{step}`): name its positive twin, as @control:PAGE-001, since a dead client \
             would pass it; if the step is no absence, say it positively or tag @positive",
            case.id
        ));
    }
}

/// The step that makes a scenario a negative one.
fn negative_step(case: &Case) -> Option<&str> {
    if case.tags.iter().any(|tag| tag == "negative") {
        return Some("@negative");
    }
    if case.tags.iter().any(|tag| tag == "positive") {
        return None;
    }
    case.steps.iter().filter(|step| step.step.ty == StepType::Then).map(|step| step.step.value.as_str()).find(
        |text| {
            let text = format!(" {} ", text.to_lowercase());
            NEGATIVE.iter().any(|word| text.contains(word))
        },
    )
}

fn shape(case: &Case, fault: &mut impl FnMut(String)) {
    let count = |ty: StepType| case.steps.iter().filter(|step| step.step.ty == ty).count();
    if count(StepType::When) != 1 {
        fault(format!(
            "@{} has {} When steps; a scenario has exactly one intent",
            case.id,
            count(StepType::When)
        ));
    }
    if count(StepType::Then) == 0 {
        fault(format!("@{} has no Then: it would check nothing", case.id));
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use cucumber::World as _;

    use super::*;
    use crate::suite::features::{cases, parse};

    fn faults(scenario: &str) -> Vec<String> {
        let good = "
  @GOOD-001 @req:R @must
  Scenario: The twin
    Given an org
    When the client gets a token
    Then the org issued a token to the client
  @ABLE-001 @req:R @must @cap:list_all
  Scenario: An able twin
    Given an org
    When the client gets a token
    Then the org issued a token to the client
  @NEG-001 @req:R @must @control:GOOD-001
  Scenario: A negative one
    Given an org
    When the client gets a token
    Then the org issued a token to the client
";
        let text = format!("Feature: F\n{good}\n{scenario}");
        let feature = parse("f.feature", &text).unwrap();
        lint(&cases(&feature), &World::collection()).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn every_fault_is_named() {
        let steps = "Given an org\nWhen the client gets a token\nThen the org issued a token to the client\n";
        let table = [
            ("@A-001 @req:R @must", steps, ""),
            ("@req:R @must", steps, "has no id tag"),
            ("@A-001 @A-002 @req:R @must", steps, "several id tags"),
            ("@GOOD-001 @req:R @must", steps, "is taken by f.feature"),
            ("@A-001 @must", steps, "names no requirement"),
            ("@A-001 @req:R", steps, "@must and @should"),
            ("@A-001 @req:R @must @should", steps, "@must and @should"),
            ("@A-001 @req:R @must @retry-after", steps, "reserved by cucumber"),
            ("@A-001 @req:R @must @serial", steps, "reserved by cucumber"),
            ("@A-001 @req:R @must @allow.skipped", steps, "reserved by cucumber"),
            ("@A-001 @req:R @must @capp:x", steps, "is not known"),
            ("@A-001 @req:R @must @negative", steps, "name its positive twin"),
            ("@A-001 @req:R @must @control:NO-001", steps, "there is no scenario"),
            ("@A-001 @req:R @must @control:A-001", steps, "cannot control itself"),
            ("@A-001 @req:R @must @control:GOOD-001", steps, ""),
            ("@A-001 @req:R @must @control:ABLE-001", steps, "needs @cap:list_all and @A-001 does not"),
            ("@A-001 @req:R @must @cap:list_all @control:ABLE-001", steps, ""),
            ("@A-001 @req:R @must @control:NEG-001", steps, "is a negative scenario itself"),
            ("@A-001 @req:R @must", "Given an org\nWhen the client gets a token\n", "no Then"),
            (
                "@A-001 @req:R @must",
                "Given an org\nThen the org issued a token to the client\n",
                "0 When steps",
            ),
            (
                "@A-001 @req:R @must",
                "Given a pony\nWhen the client gets a token\nThen the org issued a token to the client\n",
                "no step is defined for `Given a pony`",
            ),
        ];
        for (tags, steps, expected) in table {
            let found = faults(&format!("{tags}\nScenario: S\n{steps}"));
            if expected.is_empty() {
                assert_eq!(found, Vec::<String>::new(), "{tags}");
            } else {
                assert!(found.iter().any(|fault| fault.contains(expected)), "{tags}: {found:?}");
            }
        }
    }

    #[test]
    fn the_features_of_the_program_are_free_of_faults() {
        let mut all = Vec::new();
        for (path, text) in crate::suite::features::sources(None).unwrap() {
            all.extend(cases(&parse(&path, &text).unwrap()));
        }
        let collection = World::collection();
        assert_eq!(lint(&all, &collection), Vec::new());
        assert!(!all.is_empty());
    }
}
