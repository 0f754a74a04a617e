//! Buckets and quota profiles (`fixtures/rate-limits.toml`).

mod pattern;
mod special;

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;

use pattern::{Pattern, Rank};
pub use special::{Special, SpecialLimit};

/// The name of the profile that limits nothing.
pub const OFF: &str = "off";

/// The buckets, the profiles, and the limits about somebody.
#[derive(Debug)]
pub struct Limits {
    buckets: Vec<Bucket>,
    profiles: Vec<Profile>,
    specials: Vec<SpecialLimit>,
    client_based: ClientBased,
}

/// The place of a bucket in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BucketId(pub u16);

/// A set of endpoints that share a quota.
#[derive(Debug)]
pub struct Bucket {
    /// `/api/v1/users`.
    pub name: String,
    /// The length of its window, in seconds.
    pub window_seconds: u32,
    /// Keys and metadata, which are charged where the dialect says so.
    pub metadata: bool,
    /// The bucket that it counts in where the dialect knows one for both.
    pub joins: Option<BucketId>,
    /// Org-wide requests may burst.
    pub authentication: bool,
    /// Counted by the user, within no quota of the org.
    pub per_user: bool,
    /// A browser's client, address and device have a limit of their own: the name of the case in the org's settings.
    pub use_case: Option<String>,
    at_most: Option<u32>,
    patterns: Vec<Pattern>,
}

/// What the buckets of an org hold.
#[derive(Debug)]
struct Profile {
    name: String,
    percent: u32,
    concurrency: Option<u32>,
    burst: u32,
    /// By bucket.
    limits: Vec<u32>,
}

/// The limits of a client id, address and device.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientBased {
    /// Requests in a window.
    pub limit: u32,
    /// The length of a window, in seconds.
    pub window_seconds: u32,
    /// Requests in flight.
    pub concurrency: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    bucket: Vec<BucketRow>,
    client_based: ClientBased,
    special: Vec<SpecialLimit>,
    profile: Vec<ProfileRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BucketRow {
    name: String,
    #[serde(rename = "match")]
    patterns: Vec<String>,
    window_seconds: Option<u32>,
    at_most: Option<u32>,
    joins: Option<String>,
    use_case: Option<String>,
    #[serde(default)]
    metadata: bool,
    #[serde(default)]
    authentication: bool,
    #[serde(default)]
    per_user: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileRow {
    name: String,
    source: String,
    principal_percent: u32,
    other: u32,
    concurrency: Option<u32>,
    burst: Option<u32>,
    #[serde(default)]
    limits: BTreeMap<String, u32>,
}

/// What a profile gives a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests of the whole org in a window.
    pub org: u32,
    /// Requests of one principal in a window.
    pub principal: u32,
    /// Requests in a window that no principal sends.
    pub nobody: u32,
    /// The length of the window, in seconds.
    pub window_seconds: u32,
    /// So many times the org's quota may be taken in a burst; 1 is no burst.
    pub burst: u32,
}

impl Quota {
    /// What a principal with this share, in percent, may do in a window; the usual share is half.
    pub fn of(&self, share: u32) -> u32 {
        let own = u64::from(self.principal) * u64::from(share) / 50;
        u32::try_from(own).unwrap_or(u32::MAX).min(self.org.max(self.principal))
    }
}

impl Limits {
    pub(super) fn load() -> Result<Self, String> {
        let table: Table = toml::from_str(include_str!("../../../../fixtures/rate-limits.toml"))
            .map_err(|error| format!("rate-limits.toml: {error}"))?;
        let place = |name: &str| {
            let at = table.bucket.iter().position(|row| row.name == name);
            let at = at.and_then(|at| u16::try_from(at).ok()).map(BucketId);
            at.ok_or_else(|| format!("rate-limits.toml: {name} is joined and is no bucket"))
        };
        let mut buckets = Vec::new();
        for row in &table.bucket {
            let patterns = row.patterns.iter().map(|text| Pattern::parse(text)).collect::<Result<_, _>>()?;
            buckets.push(Bucket {
                name: row.name.clone(),
                window_seconds: row.window_seconds.unwrap_or(60),
                metadata: row.metadata,
                joins: row.joins.as_deref().map(place).transpose()?,
                authentication: row.authentication,
                per_user: row.per_user,
                use_case: row.use_case.clone(),
                at_most: row.at_most,
                patterns,
            });
        }
        let mut profiles = Vec::new();
        for row in table.profile {
            if let Some(name) =
                row.limits.keys().find(|name| !buckets.iter().any(|bucket| bucket.name == **name))
            {
                return Err(format!("rate-limits.toml: profile {} names an unknown bucket {name}", row.name));
            }
            if row.source.is_empty() || row.principal_percent == 0 || row.principal_percent > 100 {
                return Err(format!(
                    "rate-limits.toml: profile {} needs a source and a share of 1 to 100",
                    row.name
                ));
            }
            let other = |bucket: &Bucket| bucket.at_most.map_or(row.other, |most| most.min(row.other));
            let limit = |bucket: &Bucket| row.limits.get(&bucket.name).copied().unwrap_or(other(bucket));
            let limits = buckets.iter().map(limit).collect();
            profiles.push(Profile {
                name: row.name,
                percent: row.principal_percent,
                concurrency: row.concurrency,
                burst: row.burst.unwrap_or(1).max(1),
                limits,
            });
        }
        let specials = special::sorted(table.special)?;
        Ok(Self { buckets, profiles, specials, client_based: table.client_based })
    }

    /// The bucket of a method and a path (a template or a real path): the pattern with the most segments wins, an
    /// exact one before one that ends in `/**` (RL-3).
    pub fn bucket_of(&self, method: &Method, path: &str) -> Option<BucketId> {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let mut best: Option<(Rank, usize)> = None;
        for (nth, bucket) in self.buckets.iter().enumerate() {
            for pattern in &bucket.patterns {
                if let Some(rank) = pattern.rank(method, &segments)
                    && best.is_none_or(|(known, _)| rank > known)
                {
                    best = Some((rank, nth));
                }
            }
        }
        best.and_then(|(_, nth)| u16::try_from(nth).ok()).map(BucketId)
    }

    /// Literal paths below a template that have a bucket of their own: `/api/v1/users/me` below
    /// `/api/v1/users/{id}`.
    pub(super) fn literals_of(&self, method: &Method, template: &str) -> Vec<(String, BucketId)> {
        let template: Vec<&str> = template.split('/').filter(|segment| !segment.is_empty()).collect();
        if !template.iter().any(|segment| segment.starts_with('{')) {
            return Vec::new();
        }
        let patterns = self.buckets.iter().flat_map(|bucket| &bucket.patterns);
        let literals = patterns.filter(|pattern| {
            !pattern.deep
                && pattern.method.as_ref().is_none_or(|own| own == method)
                && pattern.segments.len() == template.len()
                && pattern
                    .segments
                    .iter()
                    .zip(&template)
                    .all(|(own, given)| own != "{}" && (own == given || given.starts_with('{')))
        });
        literals
            .map(|pattern| format!("/{}", pattern.segments.join("/")))
            .filter_map(|path| self.bucket_of(method, &path).map(|bucket| (path, bucket)))
            .collect()
    }

    /// A bucket.
    pub fn bucket(&self, id: BucketId) -> Option<&Bucket> {
        self.buckets.get(usize::from(id.0))
    }

    /// A bucket by its name.
    pub fn bucket_named(&self, name: &str) -> Option<BucketId> {
        self.buckets
            .iter()
            .position(|bucket| bucket.name == name)
            .and_then(|nth| u16::try_from(nth).ok())
            .map(BucketId)
    }

    /// The names of the buckets.
    pub fn bucket_names(&self) -> impl Iterator<Item = &str> {
        self.buckets.iter().map(|bucket| bucket.name.as_str())
    }

    /// Whether there is a profile of this name; `off` is one.
    pub fn has_profile(&self, name: &str) -> bool {
        self.profiles().any(|known| known == name)
    }

    /// The names of the profiles.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().map(|profile| profile.name.as_str()).chain([OFF])
    }

    /// What a profile gives a bucket; none when it limits nothing.
    pub fn quota(&self, profile: &str, bucket: BucketId) -> Option<Quota> {
        let profile = self.profiles.iter().find(|known| known.name == profile)?;
        let org = *profile.limits.get(usize::from(bucket.0))?;
        let bucket = self.bucket(bucket)?;
        Some(Quota {
            org,
            principal: (org * profile.percent / 100).max(1),
            nobody: org,
            window_seconds: bucket.window_seconds,
            burst: if bucket.authentication { profile.burst } else { 1 },
        })
    }

    /// How many requests a profile lets be in flight; none: any number.
    pub fn concurrency(&self, profile: &str) -> Option<u32> {
        self.profiles.iter().find(|known| known.name == profile)?.concurrency
    }

    /// A limit about somebody.
    pub fn special(&self, special: Special) -> Option<&SpecialLimit> {
        self.specials.get(special as usize)
    }

    /// The limits of a client id, address and device.
    pub fn client_based(&self) -> ClientBased {
        self.client_based
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn paths_fall_into_okta_s_buckets() {
        let limits = Limits::load().unwrap();
        for (method, path, name) in [
            ("GET", "/api/v1/users", "/api/v1/users"),
            ("POST", "/api/v1/users", "/api/v1/users"),
            ("GET", "/api/v1/users/00u1", "/api/v1/users/{idOrLogin}"),
            ("GET", "/api/v1/users/me", "/api/v1/users/me"),
            ("DELETE", "/api/v1/users/00u1", "/api/v1/users/{id} write"),
            ("POST", "/api/v1/users/00u1/lifecycle/suspend", "/api/v1/users"),
            ("GET", "/api/v1/users/00u1/roles", "/api/v1/users"),
            ("GET", "/api/v1/apps", "/api/v1/apps"),
            ("GET", "/api/v1/apps/0oa1", "/api/v1/apps/{id}"),
            ("PUT", "/api/v1/apps/0oa1", "/api/v1/apps/{id} write"),
            ("GET", "/api/v1/apps/0oa1/grants", "/api/v1/apps"),
            ("GET", "/api/v1/groups/00g1/users", "/api/v1/groups"),
            ("GET", "/api/v1/groups/rules", "/api/v1/groups"),
            ("PUT", "/api/v1/groups/00g1", "/api/v1/groups/{id}"),
            ("GET", "/api/v1/policies", "/api/v1"),
            ("GET", "/api/v1/authorizationServers/default/claims", "/api/v1"),
            ("GET", "/api/v1/meta/schemas/user/default", "/api/v1"),
            ("POST", "/oauth2/v1/token", "/oauth2/v1/token"),
            ("GET", "/oauth2/v1/authorize", "/oauth2/v1/authorize"),
            ("POST", "/oauth2/v1/interact", "/oauth2/v1/interact"),
            ("OPTIONS", "/oauth2/v1/par", "/oauth2/v1/par"),
            ("POST", "/oauth2/v1/par", "/oauth2/v1"),
            ("POST", "/oauth2/v1/introspect", "/oauth2/v1"),
            ("POST", "/oauth2/v1/device/authorize", "/oauth2/v1"),
            ("POST", "/oauth2/v1/bc/authorize", "/oauth2/v1"),
            ("GET", "/oauth2/v1/clients/0oa1/roles", "/oauth2/v1/clients"),
            ("GET", "/oauth2/v1/keys", "/oauth2/v1/keys"),
            ("GET", "/.well-known/openid-configuration", "/.well-known"),
            ("POST", "/oauth2/default/v1/token", "/oauth2/{as}/v1/token"),
            ("GET", "/oauth2/default/v1/authorize", "/oauth2/{as}/v1/authorize"),
            ("GET", "/oauth2/default/v1/keys", "/oauth2/{as}/v1/keys"),
            ("GET", "/oauth2/default/v1/userinfo", "/oauth2/{as}/v1"),
            ("GET", "/oauth2/default/.well-known/openid-configuration", "/.well-known"),
            ("GET", "/oauth2/other", "/oauth2"),
            ("GET", "/api/v1/logs", "/api/v1/logs"),
            ("GET", "/api/v1/events", "/api/v1/events"),
            ("POST", "/api/v1/users/00u1/factors/f/verify", "factors verify"),
            ("GET", "/api/v1/iam/resource-sets", "/api/v1/iam"),
            ("GET", "/api/v1/principal-rate-limits", "/api/v1/principal-rate-limits"),
            ("GET", "/api/v1/agentPools", "/api/v1/agentPools"),
            ("GET", "/api/v1/api-tokens", "/api/v1/api-tokens"),
            ("PUT", "/api/v1/captchas/1", "/api/v1/captchas"),
            ("GET", "/api/v1/org/captcha", "/api/v1/captchas"),
            ("GET", "/api/v1/certificateAuthorities", "/api/v1/certificateAuthorities"),
            ("GET", "/api/v1/devices/guo1", "/api/v1/devices"),
            ("GET", "/api/v1/devices/guo1/users", "/api/v1/devices/{id}/users"),
            ("GET", "/api/v1/device-assurances", "/api/v1/device-assurances"),
            ("GET", "/api/v1/domains", "/api/v1/domains"),
            ("POST", "/api/v1/domains", "/api/v1/domains create"),
            ("GET", "/api/v1/hook-keys", "/api/v1/hook-keys"),
            ("GET", "/api/v1/identity-sources/0oa1/sessions", "/api/v1/identity-sources"),
            ("GET", "/api/v1/logStreams", "/api/v1/logStreams"),
            ("POST", "/api/v1/orgs", "/api/v1/orgs"),
            ("GET", "/api/v1/push-providers", "/api/v1/push-providers"),
            ("DELETE", "/api/v1/sessions/1", "/api/v1/sessions"),
            ("POST", "/api/v1/authn/recovery/password", "/api/v1/authn"),
            ("GET", "/login/login.htm", "/login/login.htm"),
            ("POST", "/idp/idx/identify", "/idp/idx"),
            ("POST", "/idp/idx/introspect", "/idp/idx/introspect"),
            ("GET", "/integrations/api/v1/api-services", "/api/v1"),
        ] {
            let id = limits.bucket_of(&method.parse().unwrap(), path).unwrap();
            assert_eq!(limits.bucket(id).unwrap().name, name, "{method} {path}");
        }
        assert_eq!(limits.bucket_of(&Method::GET, "/login"), None);
    }

    #[test]
    fn a_principal_has_half_of_the_org_s_quota() {
        let limits = Limits::load().unwrap();
        let users = limits.bucket_named("/api/v1/users").unwrap();
        let quota = |profile| limits.quota(profile, users).map(|quota| quota.principal);
        assert_eq!(quota("integrator-2025"), Some(50));
        assert_eq!(quota("integrator-2026"), Some(300));
        assert_eq!(quota("tiny"), Some(3));
        assert_eq!(quota("one-app"), Some(300));
        assert_eq!(quota("workforce-2020"), Some(600));
        assert_eq!(quota(OFF), None);
        let token = limits.bucket_named("/oauth2/v1/token").unwrap();
        assert_eq!(limits.quota("integrator-2026", token).unwrap().principal, 150);
    }

    /// What no profile raises, and what a profile gives less of.
    #[test]
    fn some_buckets_hold_no_more_than_a_number() {
        let limits = Limits::load().unwrap();
        let quota = |profile: &str, name: &str| {
            limits.quota(profile, limits.bucket_named(name).unwrap()).map(|quota| quota.org)
        };
        for (profile, orgs, me) in [("workforce", 10, 40), ("integrator-2025", 10, 40), ("tiny", 6, 6)] {
            assert_eq!(
                (quota(profile, "/api/v1/orgs"), quota(profile, "/api/v1/users/me")),
                (Some(orgs), Some(me)),
                "{profile}"
            );
        }
        let in_flight = |profile: &str| limits.concurrency(profile);
        assert_eq!((in_flight("integrator-2026"), in_flight("integrator-2025")), (Some(35), Some(15)));
        assert_eq!((in_flight("workforce"), in_flight("tiny"), in_flight(OFF)), (Some(75), None, None));
    }

    /// The tables of §1.5: a column each, and the headers that were seen.
    #[test]
    fn the_profiles_hold_what_was_published_and_recorded() {
        let limits = Limits::load().unwrap();
        for (profile, name, org) in [
            ("integrator-2025", "/api/v1/apps", 20),
            ("integrator-2025", "/api/v1/apps/{id}", 100),
            ("integrator-2025", "/api/v1/agentPools", 20),
            ("integrator-2025", "/api/v1/domains create", 30),
            ("integrator-2025", "/api/v1/iam", 200),
            ("integrator-2025", "/oauth2/v1/clients", 25),
            ("integrator-2025", "/oauth2", 100),
            ("integrator-2026", "/api/v1/groups", 500),
            ("integrator-2026", "/api/v1/logs", 120),
            ("integrator-2026", "/oauth2/v1/token", 300),
            ("one-app", "/api/v1/users/{idOrLogin}", 1000),
            ("one-app", "/api/v1/devices", 150),
            ("one-app", "/oauth2/v1/authorize", 1200),
            ("workforce", "/api/v1/sessions", 750),
            ("workforce", "/api/v1/logStreams", 600),
            ("workforce", "/api/v1/captchas", 1000),
            ("workforce", "/idp/idx", 1000),
            ("workforce", "/login/login.htm", 1200),
            ("trial", "/api/v1", 1000),
        ] {
            let bucket = limits.bucket_named(name).unwrap();
            assert_eq!(limits.quota(profile, bucket).unwrap().org, org, "{profile} {name}");
        }
    }
}
