//! Buckets and quota profiles (`fixtures/rate-limits.toml`).

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;

/// The name of the profile that limits nothing.
pub const OFF: &str = "off";

/// The buckets and the profiles.
#[derive(Debug)]
pub struct Limits {
    exempt: Vec<String>,
    buckets: Vec<Bucket>,
    profiles: Vec<Profile>,
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
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    method: Option<Method>,
    segments: Vec<String>,
    deep: bool,
}

/// What the buckets of an org hold.
#[derive(Debug)]
struct Profile {
    name: String,
    percent: u32,
    /// By bucket.
    limits: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    exempt: Vec<String>,
    bucket: Vec<BucketRow>,
    profile: Vec<ProfileRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BucketRow {
    name: String,
    #[serde(rename = "match")]
    patterns: Vec<String>,
    window_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileRow {
    name: String,
    source: String,
    principal_percent: u32,
    other: u32,
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
    /// The length of the window, in seconds.
    pub window_seconds: u32,
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
        let table: Table = toml::from_str(include_str!("../../../fixtures/rate-limits.toml"))
            .map_err(|error| format!("rate-limits.toml: {error}"))?;
        let mut buckets = Vec::new();
        for row in table.bucket {
            let patterns = row.patterns.iter().map(|text| Pattern::parse(text)).collect::<Result<_, _>>()?;
            buckets.push(Bucket {
                name: row.name,
                window_seconds: row.window_seconds.unwrap_or(60),
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
            let limits =
                buckets.iter().map(|bucket| *row.limits.get(&bucket.name).unwrap_or(&row.other)).collect();
            profiles.push(Profile { name: row.name, percent: row.principal_percent, limits });
        }
        Ok(Self { exempt: table.exempt, buckets, profiles })
    }

    /// The bucket of a method and a path (a template or a real path): the pattern with the most segments wins, an
    /// exact one before one that ends in `/**` (RL-3).
    pub fn bucket_of(&self, method: &Method, path: &str) -> Option<BucketId> {
        if self.exempt.iter().any(|one| one == path) {
            return None;
        }
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let mut best: Option<((bool, usize, usize), usize)> = None;
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
        let window_seconds = self.bucket(bucket)?.window_seconds;
        Some(Quota { org, principal: (org * profile.percent / 100).max(1), window_seconds })
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, String> {
        let (method, path) = text
            .split_once(' ')
            .filter(|(_, path)| path.starts_with('/'))
            .ok_or_else(|| format!("rate-limits.toml: {text:?} is not `METHOD /path`"))?;
        let method = match method {
            "*" => None,
            name => Some(
                Method::from_bytes(name.as_bytes()).map_err(|error| format!("rate-limits.toml: {error}"))?,
            ),
        };
        let (path, deep) = path.strip_suffix("/**").map_or((path, false), |stem| (stem, true));
        let segments = path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        Ok(Self { method, segments, deep })
    }

    /// How well it fits: exact before deep, then by length, then by words rather than placeholders.
    fn rank(&self, method: &Method, path: &[&str]) -> Option<(bool, usize, usize)> {
        let long_enough =
            if self.deep { path.len() > self.segments.len() } else { path.len() == self.segments.len() };
        let fits = long_enough
            && self
                .method
                .as_ref()
                .is_none_or(|own| own == method || (*method == Method::HEAD && *own == Method::GET))
            && self.segments.iter().zip(path).all(|(own, given)| own == "{}" || own == given);
        let words = self.segments.iter().filter(|segment| *segment != "{}").count();
        fits.then_some((!self.deep, self.segments.len(), words))
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
            ("GET", "/api/v1/apps/0oa1", "/api/v1/apps/{id}"),
            ("GET", "/api/v1/apps/0oa1/grants", "/api/v1/apps"),
            ("GET", "/api/v1/groups/00g1/users", "/api/v1/groups"),
            ("GET", "/api/v1/policies", "/api/v1"),
            ("POST", "/oauth2/v1/token", "/oauth2/v1/token"),
            ("POST", "/oauth2/v1/introspect", "/oauth2/v1"),
            ("POST", "/oauth2/default/v1/token", "/oauth2/{as}/v1/token"),
            ("GET", "/api/v1/logs", "/api/v1/logs"),
            ("POST", "/api/v1/users/00u1/factors/f/verify", "factors verify"),
        ] {
            let id = limits.bucket_of(&method.parse().unwrap(), path).unwrap();
            assert_eq!(limits.bucket(id).unwrap().name, name, "{method} {path}");
        }
        assert_eq!(limits.bucket_of(&Method::GET, "/oauth2/v1/keys"), None);
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
        assert_eq!(quota(OFF), None);
        let token = limits.bucket_named("/oauth2/v1/token").unwrap();
        assert_eq!(limits.quota("integrator-2026", token).unwrap().principal, 150);
    }
}
