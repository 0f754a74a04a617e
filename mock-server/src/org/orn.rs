//! Okta resource names: how resource sets name what they hold, `orn:okta:<service>:<org>:<name>[:<id>…]`.

use serde_json::{Value, json};

use crate::facts::facts;
use crate::facts::roles::RoleResource;

/// A resource name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orn {
    /// The whole: `orn:okta:directory:00o1:groups:00g1`.
    pub text: String,
    /// What stands behind the org: `groups:00g1`.
    pub named: String,
    /// The path of the resource: `/api/v1/groups/00g1`; none where Okta offers none that is known here.
    pub href: Option<String>,
}

/// The end that stands for the members of a group.
const MEMBERS: &str = "contained_resources";

impl Orn {
    /// Reads an ORN or a URL of this org, as requests carry them.
    pub fn read(text: &str, org_id: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("orn:") {
            let mut parts = rest.splitn(4, ':');
            let (_, service, _) = (parts.next()?, parts.next()?, parts.next()?);
            let named = parts.next()?;
            if service.is_empty() || named.split(':').any(str::is_empty) {
                return None;
            }
            return Some(Self { text: text.to_owned(), href: href(named), named: named.to_owned() });
        }
        let path = match text.split_once("://") {
            Some((_, rest)) => &rest[rest.find('/')?..],
            None => text,
        };
        let path = path.split(['?', '#']).next()?.trim_end_matches('/');
        let (resource, rest) = facts().roles.resources().find_map(|resource| {
            let rest = path.strip_prefix(resource.href.as_deref()?)?;
            (rest.is_empty() || rest.starts_with('/')).then_some((resource, rest))
        })?;
        let kind = resource.in_orn()?;
        let named = match rest.split('/').skip(1).collect::<Vec<_>>().as_slice() {
            [] => kind.to_owned(),
            [group, "users"] if kind == "groups" => format!("groups:{group}:{MEMBERS}"),
            [one] => format!("{kind}:{one}"),
            _ => return None,
        };
        Self::named(&named, org_id)
    }

    /// The ORN of what stands behind the org.
    pub fn named(named: &str, org_id: &str) -> Option<Self> {
        let kind = named.split(':').next()?;
        let (service, _) = resource(kind)?.orn.as_deref()?.split_once(':')?;
        let text = format!("orn:okta:{service}:{org_id}:{named}");
        Some(Self { text, href: href(named), named: named.to_owned() })
    }

    /// The kind and the id of the object that it names; none for a whole kind, and for an app of the catalogue.
    pub fn object(&self) -> Option<(&'static str, &str)> {
        let parts: Vec<&str> = self.named.split(':').collect();
        match parts.as_slice() {
            ["groups", id] | ["groups", id, MEMBERS] => Some(("groups", id)),
            ["users", id] => Some(("users", id)),
            ["apps", .., id] if id.starts_with("0oa") => Some(("apps", id)),
            _ => None,
        }
    }

    /// The member of a resource set: as shown, and what only the org knows.
    pub fn resource(&self, id: &str, now: &str) -> (Value, Value) {
        let value = json!({ "id": id, "orn": self.text, "created": now, "lastUpdated": now });
        (value, json!({ "named": self.named, "href": self.href }))
    }
}

fn resource(kind: &str) -> Option<&'static RoleResource> {
    facts().roles.resources().find(|resource| resource.in_orn() == Some(kind))
}

/// The path of what stands behind the org.
fn href(named: &str) -> Option<String> {
    let parts: Vec<&str> = named.split(':').collect();
    let path = resource(parts[0])?.href.as_deref()?;
    match parts.as_slice() {
        [_] => Some(path.to_owned()),
        ["groups", id, MEMBERS] => Some(format!("{path}/{id}/users")),
        ["apps", name] if !name.starts_with("0oa") => Some(format!("{path}?filter=name+eq+%22{name}%22")),
        [.., id] => Some(format!("{path}/{id}")),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orns_and_urls_name_the_same() {
        for (text, orn, named, href) in [
            ("https://acme.okta.com/api/v1/users", "orn:okta:directory:00o1:users", "users", "/api/v1/users"),
            (
                "http://127.0.0.1:8080/api/v1/groups/00g1",
                "orn:okta:directory:00o1:groups:00g1",
                "groups:00g1",
                "/api/v1/groups/00g1",
            ),
            (
                "https://acme.okta.com/api/v1/groups/00g1/users",
                "orn:okta:directory:00o1:groups:00g1:contained_resources",
                "groups:00g1:contained_resources",
                "/api/v1/groups/00g1/users",
            ),
            (
                "orn:okta:idp:00o1:apps:bookmark:0oa1",
                "orn:okta:idp:00o1:apps:bookmark:0oa1",
                "apps:bookmark:0oa1",
                "/api/v1/apps/0oa1",
            ),
            (
                "orn:okta:idp:00o1:apps:slack",
                "orn:okta:idp:00o1:apps:slack",
                "apps:slack",
                "/api/v1/apps?filter=name+eq+%22slack%22",
            ),
            (
                "https://acme.okta.com/api/v1/authorizationServers/",
                "orn:okta:idp:00o1:authorization_servers",
                "authorization_servers",
                "/api/v1/authorizationServers",
            ),
        ] {
            let expected = Orn { text: orn.to_owned(), named: named.to_owned(), href: Some(href.to_owned()) };
            assert_eq!(Orn::read(text, "00o1"), Some(expected), "{text}");
        }
        for text in [
            "",
            "users",
            "orn:okta",
            "orn:okta:directory:00o1:",
            "https://acme.okta.com/api/v1/nothing",
            "x://",
        ] {
            assert_eq!(Orn::read(text, "00o1"), None, "{text}");
        }
    }
}
