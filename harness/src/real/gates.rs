//! What has to hold before a real org is called, and for every further request. Decisions only, no I/O
//! (harness-anchors §9).

use std::time::Duration;

use reqwest::Url;

/// Why an org is not called, or no further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// No address of an org.
    #[error(
        "--target {0}: not the address of an org, as https://acme.okta.com (https, no path, no user, no query)"
    )]
    Address(String),
    /// Not confirmed.
    #[error("--confirm-org: type the target's host, {host}, to show that this org is meant")]
    Unconfirmed {
        /// What should have been typed.
        host: String,
    },
    /// The address of the admin console.
    #[error("--target {0}: the address of the admin console; take the org's own, without -admin")]
    Admin(String),
    /// Not on the list.
    #[error("--allow-list: {host} is not on it; add a line with this host if the org may be called")]
    NotListed {
        /// What is missing there.
        host: String,
    },
    /// In CI by accident.
    #[error("CONFORMANCE_REAL: set it to 1 if this CI job is meant to call a real org")]
    Ci,
    /// The budget is used up.
    #[error("--max-requests: {0} requests are made, and no more are allowed")]
    Budget(u32),
    /// The time is up.
    #[error("--max-minutes: {0} minutes are over, and the run may take no longer")]
    Time(u64),
    /// The org limits already.
    #[error("the org answered 429: nothing more is asked; try again later")]
    Limited,
    /// Others need the rest of the bucket.
    #[error(
        "{remaining} of {limit} requests are left in a rate-limit bucket, less than half: the rest is the org's"
    )]
    Bucket {
        /// What the org said is left.
        remaining: u64,
        /// Of so many.
        limit: u64,
    },
}

/// What a person and the environment say about the target.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked<'a> {
    /// `--target`.
    pub(crate) target: &'a str,
    /// `--confirm-org`.
    pub(crate) confirmed: Option<&'a str>,
    /// The text of `--allow-list`: a host a line, `#` for comments.
    pub(crate) allow_list: Option<&'a str>,
    /// This is a CI job.
    pub(crate) ci: bool,
    /// `CONFORMANCE_REAL` is 1.
    pub(crate) meant: bool,
}

/// The org's address, if it may be called.
///
/// # Errors
/// The first gate that is closed, in the order of harness-anchors §9.
pub(crate) fn admit(asked: Asked<'_>) -> Result<Url, Refusal> {
    let url = address(asked.target)?;
    let host = url.host_str().unwrap_or_default();
    if asked.confirmed != Some(host) {
        return Err(Refusal::Unconfirmed { host: host.to_owned() });
    }
    if host.split('.').next().is_some_and(|label| label.ends_with("-admin")) {
        return Err(Refusal::Admin(asked.target.to_owned()));
    }
    let listed =
        |list: &str| list.lines().any(|line| line.split('#').next().unwrap_or_default().trim() == host);
    if asked.allow_list.is_some_and(|list| !listed(list)) {
        return Err(Refusal::NotListed { host: host.to_owned() });
    }
    if asked.ci && !asked.meant {
        return Err(Refusal::Ci);
    }
    Ok(url)
}

fn address(target: &str) -> Result<Url, Refusal> {
    let wrong = || Refusal::Address(target.to_owned());
    let url = Url::parse(target).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && is_local(host));
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    if scheme && bare && nobody { Ok(url) } else { Err(wrong()) }
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Whether the host looks like an org that nobody works with: preview, integrator, developer, or this machine. Any
/// other is called with a warning.
pub(crate) fn is_for_tests(host: &str) -> bool {
    is_local(host)
        || host.ends_with(".oktapreview.com")
        || ["integrator-", "dev-", "trial-"].iter().any(|start| host.starts_with(start))
}

/// Whether one more request is within the budget.
///
/// # Errors
/// [`Refusal::Budget`].
pub(crate) fn within(made: u32, allowed: u32) -> Result<(), Refusal> {
    if made < allowed { Ok(()) } else { Err(Refusal::Budget(made)) }
}

/// Whether the run may take longer.
///
/// # Errors
/// [`Refusal::Time`].
pub(crate) fn in_time(elapsed: Duration, allowed: Duration) -> Result<(), Refusal> {
    if elapsed < allowed { Ok(()) } else { Err(Refusal::Time(allowed.as_secs() / 60)) }
}

/// Whether the org may be asked on after this answer; `limit` and `remaining` as its X-Rate-Limit headers say.
///
/// # Errors
/// [`Refusal::Limited`], [`Refusal::Bucket`].
pub(crate) fn goes_on(status: u16, limit: Option<u64>, remaining: Option<u64>) -> Result<(), Refusal> {
    match (status, limit, remaining) {
        (429, ..) => Err(Refusal::Limited),
        (_, Some(limit), Some(remaining)) if remaining.saturating_mul(2) < limit => {
            Err(Refusal::Bucket { remaining, limit })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Asked<'_> = Asked {
        target: "https://acme.okta.com",
        confirmed: Some("acme.okta.com"),
        allow_list: None,
        ci: false,
        meant: false,
    };

    #[test]
    fn an_org_is_called_only_when_it_is_meant() {
        let host = || "acme.okta.com".to_owned();
        let admin = "https://acme-admin.okta.com";
        let listed = "# ours\nacme.okta.com # the old one\n";
        for asked in [GOOD, Asked { allow_list: Some(listed), ci: true, meant: true, ..GOOD }] {
            assert_eq!(admit(asked).map(|url| url.to_string()), Ok("https://acme.okta.com/".to_owned()));
        }
        for (asked, refusal) in [
            (Asked { confirmed: None, ..GOOD }, Refusal::Unconfirmed { host: host() }),
            (Asked { confirmed: Some("ACME.okta.com"), ..GOOD }, Refusal::Unconfirmed { host: host() }),
            (Asked { confirmed: Some("acme.okta.com "), ..GOOD }, Refusal::Unconfirmed { host: host() }),
            (
                Asked { target: admin, confirmed: Some("acme-admin.okta.com"), ..GOOD },
                Refusal::Admin(admin.to_owned()),
            ),
            (Asked { allow_list: Some("acme.okta.com.evil\n"), ..GOOD }, Refusal::NotListed { host: host() }),
            (Asked { allow_list: Some(""), ..GOOD }, Refusal::NotListed { host: host() }),
            (Asked { ci: true, ..GOOD }, Refusal::Ci),
            (
                Asked { target: "https://localhost:1", confirmed: Some("localhost"), ci: true, ..GOOD },
                Refusal::Ci,
            ),
            // The first closed gate speaks.
            (
                Asked { target: admin, confirmed: None, allow_list: Some(""), ci: true, ..GOOD },
                Refusal::Unconfirmed { host: "acme-admin.okta.com".to_owned() },
            ),
        ] {
            assert_eq!(admit(asked), Err(refusal), "{asked:?}");
        }
    }

    #[test]
    fn an_address_is_https_and_bare() {
        for target in
            ["https://a.okta.com", "https://a.okta.com/", "http://127.0.0.1:80", "https://localhost:1"]
        {
            assert!(address(target).is_ok(), "{target}");
        }
        for target in [
            "http://a.okta.com",
            "a.okta.com",
            "https://u:p@a.okta.com",
            "https://a.okta.com/x",
            "https://a/?q",
            "https://a/#f",
            "ftp://a",
        ] {
            assert_eq!(address(target), Err(Refusal::Address(target.to_owned())));
        }
    }

    #[test]
    fn an_org_for_tests_is_known_by_its_name() {
        for host in
            ["a.oktapreview.com", "integrator-1.okta.com", "dev-1.okta.com", "trial-1.okta.com", "127.0.0.1"]
        {
            assert!(is_for_tests(host), "{host}");
        }
        assert!(!is_for_tests("acme.okta.com") && !is_for_tests("oktapreview.com.acme.com"));
    }

    #[test]
    fn the_budget_the_time_and_the_bucket_end_a_run() {
        assert_eq!((within(2, 3), within(3, 3)), (Ok(()), Err(Refusal::Budget(3))));
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        assert_eq!(in_time(minutes(9), minutes(10)), Ok(()));
        assert_eq!(in_time(minutes(10), minutes(10)), Err(Refusal::Time(10)));
        for (status, limit, remaining, result) in [
            (200, None, None, Ok(())),
            (200, Some(100), Some(50), Ok(())),
            (200, Some(100), Some(49), Err(Refusal::Bucket { remaining: 49, limit: 100 })),
            (404, Some(3), Some(1), Err(Refusal::Bucket { remaining: 1, limit: 3 })),
            (429, Some(100), Some(99), Err(Refusal::Limited)),
            (429, None, None, Err(Refusal::Limited)),
        ] {
            assert_eq!(goes_on(status, limit, remaining), result, "{status} {remaining:?}");
        }
    }
}
