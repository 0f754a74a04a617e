//! A call as it goes over the wire: the reference sends what it was asked to, mutants something else.

use serde_json::Value;

use super::conduct::Conduct;

/// Method, path with query, and body, after the client's habits.
pub(super) fn as_sent(
    conduct: &Conduct,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> (String, String, Option<Value>) {
    let body = body.map(|body| if conduct.send_nulls { body } else { without_nulls(body) });
    let body = body.map(|body| conduct.habits.body(body));
    let is_update = method == "POST" && path.starts_with("/api/v1/users/") && path.matches('/').count() == 4;
    let method = if is_update && !conduct.update_by_post { "PUT" } else { method };
    (method.to_owned(), address(conduct, path), body)
}

/// Path and query, after the client's habits.
pub(super) fn address(conduct: &Conduct, path: &str) -> String {
    let path = &conduct.habits.address(path);
    match path.split_once('?') {
        Some((path, _)) if !conduct.keep_query => path.to_owned(),
        Some((path, query)) if !conduct.encode_once => format!("{path}?{}", query.replace('%', "%25")),
        _ => path.to_owned(),
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, member)| !member.is_null());
            Value::Object(kept.map(|(name, member)| (name, without_nulls(member))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_reference_sends_what_it_was_asked_to_and_each_habit_something_else() {
        let path = "/api/v1/users/00u1?expand=a%20b";
        let body = json!({ "profile": { "title": null, "nickName": "x" } });
        let sent = |change: fn(&mut Conduct)| {
            let mut conduct = Conduct::default();
            change(&mut conduct);
            as_sent(&conduct, "POST", path, Some(body.clone()))
        };
        let reference = ("POST".to_owned(), path.to_owned(), Some(body.clone()));
        assert_eq!(sent(|_| ()), reference);
        assert_eq!(sent(|c| c.keep_query = false).1, "/api/v1/users/00u1");
        assert_eq!(sent(|c| c.encode_once = false).1, "/api/v1/users/00u1?expand=a%2520b");
        assert_eq!(sent(|c| c.update_by_post = false).0, "PUT");
        assert_eq!(sent(|c| c.send_nulls = false).2, Some(json!({ "profile": { "nickName": "x" } })));
    }
}
