//! Which requests a run may make of a real org, whoever makes them. Decisions only, no I/O.

use serde_json::Value;

use super::journal::Made;

/// What begins the name of everything that any run makes.
pub(crate) const PREFIX: &str = "conf-";

/// A request, as far as the rules look at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish<'a> {
    /// `GET`.
    pub(super) method: &'a str,
    /// Path and query.
    pub(super) target: &'a str,
    /// The body.
    pub(super) body: &'a [u8],
}

/// What a request that may be made is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Permit {
    /// Changes nothing, or only what the run made.
    Plain,
    /// Makes something of this kind and name, which is written down first.
    Create(Made, String),
}

/// Why a request is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Forbidden {
    /// Writes are not allowed.
    #[error("{0} would write, and the run may only read; --allow-writes lets it change what it made itself")]
    ReadOnly(String),
    /// Not of this run.
    #[error("{0} would change what this run has not made; nothing else in the org is touched")]
    NotOurs(String),
    /// A name without the run's mark.
    #[error("{0} would make something whose name does not begin with {1}, so that nobody could tidy it up")]
    Unmarked(String, String),
}

/// What the rules need to know of a run.
pub(super) struct Run<'a> {
    /// `--allow-writes`.
    pub(super) writes: bool,
    /// `conf-RUNID-`.
    pub(super) mark: &'a str,
    /// This run made it.
    pub(super) made: &'a dyn Fn(Made, &str) -> bool,
}

/// Posts that change nothing that outlives the run.
const HARMLESS: [&str; 3] = ["/oauth2/v1/token", "/oauth2/v1/revoke", "/oauth2/v1/introspect"];

/// The only things that may be done to a user beside reading, changing and deleting them: nothing locks anybody out, and no role,
/// factor or session is touched.
const LIFECYCLES: [&str; 2] = ["activate", "deactivate"];

/// Whether the request may be made.
///
/// # Errors
/// [`Forbidden`].
pub(super) fn permit(wish: Wish<'_>, run: &Run<'_>) -> Result<Permit, Forbidden> {
    let path = wish.target.split(['?', '#']).next().unwrap_or_default();
    let words = format!("{} {path}", wish.method);
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    // A path that a server could read in two ways is nobody's.
    if segments.iter().any(|segment| segment.is_empty() || *segment == "." || *segment == "..")
        && !matches!(wish.method, "GET" | "HEAD")
        || path.contains('%') && !matches!(wish.method, "GET" | "HEAD")
    {
        return Err(Forbidden::NotOurs(words));
    }
    match wish.method {
        "GET" | "HEAD" | "OPTIONS" => return Ok(Permit::Plain),
        "POST" if HARMLESS.contains(&path) => return Ok(Permit::Plain),
        _ if !run.writes => return Err(Forbidden::ReadOnly(words)),
        _ => {}
    }
    let lock = format!("{PREFIX}lock");
    let marked = |kind: Made| match name_in(wish.body, kind) {
        Some(name) if name.starts_with(run.mark) || (kind == Made::Group && name == lock) => Ok(name),
        _ => Err(Forbidden::Unmarked(words.clone(), run.mark.to_owned())),
    };
    let ours = |kind: Made, id: &str| (run.made)(kind, id);
    match (wish.method, segments.as_slice()) {
        ("POST", ["api", "v1", "groups"]) => Ok(Permit::Create(Made::Group, marked(Made::Group)?)),
        ("POST", ["api", "v1", "users"]) => Ok(Permit::Create(Made::User, marked(Made::User)?)),
        ("PUT", ["api", "v1", "groups", id]) if ours(Made::Group, id) => {
            marked(Made::Group).map(|_| Permit::Plain)
        }
        // A change of some attributes may leave the name out.
        ("POST", ["api", "v1", "users", id]) if ours(Made::User, id) => {
            match name_in(wish.body, Made::User) {
                None => Ok(Permit::Plain),
                Some(_) => marked(Made::User).map(|_| Permit::Plain),
            }
        }
        ("PUT", ["api", "v1", "users", id]) if ours(Made::User, id) => {
            marked(Made::User).map(|_| Permit::Plain)
        }
        ("DELETE", ["api", "v1", "groups", id]) if ours(Made::Group, id) => Ok(Permit::Plain),
        ("DELETE", ["api", "v1", "users", id]) if ours(Made::User, id) => Ok(Permit::Plain),
        // None is made by a run of the suite; `parity` makes one, and its journal says which.
        ("DELETE", ["api", "v1", "apps", id])
        | ("POST", ["api", "v1", "apps", id, "lifecycle", "deactivate"])
            if ours(Made::App, id) =>
        {
            Ok(Permit::Plain)
        }
        ("PUT" | "DELETE", ["api", "v1", "groups", group, "users", user])
            if ours(Made::Group, group) && ours(Made::User, user) =>
        {
            Ok(Permit::Plain)
        }
        ("POST", ["api", "v1", "users", id, "lifecycle", change])
            if ours(Made::User, id) && LIFECYCLES.contains(change) =>
        {
            Ok(Permit::Plain)
        }
        _ => Err(Forbidden::NotOurs(words)),
    }
}

/// The name that a body gives.
fn name_in(body: &[u8], kind: Made) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    kind.name_in(&body).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(writes: bool, method: &str, target: &str, body: &str) -> &'static str {
        let made = |kind: Made, id: &str| {
            matches!((kind, id), (Made::Group, "00gOURS") | (Made::User, "00uOURS") | (Made::App, "0oaOURS"))
        };
        let run = Run { writes, mark: "conf-r1-", made: &made };
        match permit(Wish { method, target, body: body.as_bytes() }, &run) {
            Ok(Permit::Plain) => "plain",
            Ok(Permit::Create(..)) => "create",
            Err(Forbidden::ReadOnly(_)) => "read-only",
            Err(Forbidden::NotOurs(_)) => "not ours",
            Err(Forbidden::Unmarked(..)) => "unmarked",
        }
    }

    const GROUP: &str = r#"{"profile":{"name":"conf-r1-Engineers"}}"#;
    const USER: &str = r#"{"profile":{"login":"conf-r1-nora@example.com"}}"#;

    #[test]
    fn a_run_that_reads_writes_nothing() {
        for (method, target, verdict) in [
            ("GET", "/api/v1/users?limit=1", "plain"),
            ("HEAD", "/api/v1/users", "plain"),
            ("GET", "/api/v1/users/a%40example.com", "plain"),
            ("POST", "/oauth2/v1/token", "plain"),
            ("POST", "/oauth2/v1/revoke", "plain"),
            ("POST", "/oauth2/v1/token/", "not ours"),
            ("POST", "/oauth2/v1/clients", "read-only"),
            ("POST", "/oauth2/default/v1/token", "read-only"),
            ("POST", "/api/v1/groups", "read-only"),
            ("POST", "/api/v1/authn", "read-only"),
            ("DELETE", "/api/v1/users", "read-only"),
            ("PATCH", "/api/v1/x", "read-only"),
        ] {
            assert_eq!(judged(false, method, target, GROUP), verdict, "{method} {target}");
        }
    }

    #[test]
    fn a_run_that_writes_touches_only_what_it_made() {
        for (method, target, body, verdict) in [
            ("POST", "/api/v1/groups", GROUP, "create"),
            ("POST", "/api/v1/users?activate=false", USER, "create"),
            ("POST", "/api/v1/groups", r#"{"profile":{"name":"Engineers"}}"#, "unmarked"),
            ("POST", "/api/v1/groups", r#"{"profile":{"name":"conf-r2-E"}}"#, "unmarked"),
            ("POST", "/api/v1/groups", "{", "unmarked"),
            ("POST", "/api/v1/groups", r#"{"profile":{"name":"conf-lock"}}"#, "create"),
            ("POST", "/api/v1/users", r#"{"profile":{"login":"conf-lock"}}"#, "unmarked"),
            ("PUT", "/api/v1/groups/00gOURS", GROUP, "plain"),
            ("PUT", "/api/v1/groups/00gOURS", r#"{"profile":{"name":"E"}}"#, "unmarked"),
            ("PUT", "/api/v1/groups/00gTHEIRS", GROUP, "not ours"),
            ("DELETE", "/api/v1/groups/00gOURS", "", "plain"),
            ("DELETE", "/api/v1/groups/00gTHEIRS", "", "not ours"),
            ("DELETE", "/api/v1/groups/00gOURS/../00gTHEIRS", "", "not ours"),
            ("DELETE", "/api/v1/groups/00gOURS%2f..", "", "not ours"),
            ("DELETE", "/api/v1//groups/00gOURS", "", "not ours"),
            ("POST", "/api/v1/users/00uOURS", r#"{"profile":{"title":"x"}}"#, "plain"),
            ("POST", "/api/v1/users/00uOURS", r#"{"profile":{"login":"me"}}"#, "unmarked"),
            ("POST", "/api/v1/users/00uTHEIRS", USER, "not ours"),
            ("PUT", "/api/v1/groups/00gOURS/users/00uOURS", "", "plain"),
            ("PUT", "/api/v1/groups/00gOURS/users/00uTHEIRS", "", "not ours"),
            ("PUT", "/api/v1/groups/00gTHEIRS/users/00uOURS", "", "not ours"),
            ("POST", "/api/v1/users/00uOURS/lifecycle/deactivate", "", "plain"),
            ("POST", "/api/v1/users/00uOURS/lifecycle/reset_factors", "", "not ours"),
            ("POST", "/api/v1/users/00uOURS/roles", "", "not ours"),
            ("POST", "/api/v1/policies", GROUP, "not ours"),
            ("POST", "/api/v1/apps", GROUP, "not ours"),
            ("POST", "/api/v1/apps", r#"{"label":"conf-r1-app"}"#, "not ours"),
            ("POST", "/api/v1/apps/0oaOURS/lifecycle/deactivate", "", "plain"),
            ("DELETE", "/api/v1/apps/0oaOURS", "", "plain"),
            ("POST", "/api/v1/apps/0oaTHEIRS/lifecycle/deactivate", "", "not ours"),
            ("DELETE", "/api/v1/apps/0oaTHEIRS", "", "not ours"),
            ("PUT", "/api/v1/apps/0oaOURS", "", "not ours"),
            ("PUT", "/api/v1/org", "", "not ours"),
            ("POST", "/api/v1/authn", "", "not ours"),
        ] {
            assert_eq!(judged(true, method, target, body), verdict, "{method} {target} {body}");
        }
    }
}
