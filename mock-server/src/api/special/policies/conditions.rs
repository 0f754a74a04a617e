//! How Okta writes conditions: no nulls, no empty lists of people, lists of both sides elsewhere (recorded).

use serde_json::{Map, Value, json};

/// Takes the nulls out, at any depth.
pub(super) fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Who a rule is for: `users.exclude` is always there unless somebody is included, other empty lists never.
pub(super) fn people(conditions: &mut Value) {
    let Some(people) = conditions.get_mut("people") else { return };
    let lists = |who: Option<&Value>| -> Map<String, Value> {
        let side = |name: &str| {
            let list = who?.get(name)?.as_array().filter(|list| !list.is_empty())?;
            Some((name.to_owned(), Value::from(list.clone())))
        };
        ["include", "exclude"].into_iter().filter_map(side).collect()
    };
    let (mut users, groups) = (lists(people.get("users")), lists(people.get("groups")));
    if users.is_empty() {
        users.insert("exclude".to_owned(), json!([]));
    }
    *people = json!({ "users": users });
    if !groups.is_empty() {
        people["groups"] = groups.into();
    }
}

/// A condition with two sides has both or is not there.
pub(super) fn both_sides(conditions: &mut Value, name: &str) {
    let Some(members) = conditions.as_object_mut() else { return };
    let Some(Value::Object(condition)) = members.get_mut(name) else { return };
    if condition.is_empty() {
        members.shift_remove(name);
        return;
    }
    for side in ["include", "exclude"] {
        condition.entry(side.to_owned()).or_insert_with(|| json!([]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_written_as_okta_writes_them() {
        let cases = [
            (json!({}), json!({ "users": { "exclude": [] } })),
            (
                json!({ "users": { "include": [], "exclude": [] }, "groups": { "include": [], "exclude": [] } }),
                json!({ "users": { "exclude": [] } }),
            ),
            (
                json!({ "users": { "include": ["00u1"], "exclude": [] }, "groups": { "include": ["00g1"] } }),
                json!({ "users": { "include": ["00u1"] }, "groups": { "include": ["00g1"] } }),
            ),
        ];
        for (asked, shown) in cases {
            let mut conditions = json!({ "people": asked });
            people(&mut conditions);
            assert_eq!(conditions, json!({ "people": shown }));
        }
    }

    #[test]
    fn a_condition_has_both_sides_or_none() {
        let mut conditions = json!({ "platform": {}, "userType": { "include": ["oty1"] } });
        both_sides(&mut conditions, "platform");
        both_sides(&mut conditions, "userType");
        both_sides(&mut conditions, "app");
        assert_eq!(conditions, json!({ "userType": { "include": ["oty1"], "exclude": [] } }));
    }
}
