//! What a request asks of the System Log.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::api::answer::Asked;
use crate::facts::dialects::{Dialect, Switch};
use crate::facts::facts;
use crate::org::event_log::Place;
use crate::query::{self, Expr};
use crate::wire::ApiError;

/// The limit when none is asked for, and the largest one.
const LIMIT: (usize, usize) = (100, 1000);

/// How far back a query goes that does not say.
const WEEK: i64 = 7 * 86_400_000;

/// How far back a query may ask to go.
const HALF_A_YEAR: i64 = 180 * 86_400_000;

/// So many words `q` may have, of so many characters.
const KEYWORDS: (usize, usize) = (10, 40);

/// What is asked for.
pub(super) struct Wish {
    pub(super) span: Span,
    pub(super) filter: Option<Expr>,
    /// In lower case.
    pub(super) keywords: Vec<String>,
    /// What the links say.
    pub(super) limit: usize,
    /// How many events the page has at most.
    pub(super) take: usize,
    /// The cursor as it was sent.
    pub(super) after: Option<String>,
    /// The parameters that links repeat.
    pub(super) known: Vec<(String, String)>,
}

/// Which events, in which order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// Those behind a place, in the order of writing, for ever.
    Polling(Place),
    /// Those of a time, in the order in which they happened.
    Bounded {
        /// From here on (epoch milliseconds).
        since: i64,
        /// Before this.
        until: i64,
        /// Behind this place.
        after: Option<Place>,
        /// Newest first.
        descending: bool,
    },
}

impl Wish {
    /// Reads a query.
    ///
    /// # Errors
    /// Dates, filters, keywords and cursors that are none.
    pub(super) fn read(asked: &Asked<'_>) -> Result<Self, ApiError> {
        let query = &asked.query;
        let text = |name: &str| query.get(name).filter(|value| !value.is_empty());
        let filter = match (facts().resources.get("logs"), text("filter")) {
            (Some(resource), Some(filter)) => {
                let read = resource.query.read(None, Some(filter)).map_err(ApiError::Query)?;
                read.map(|(filter, _)| filter)
            }
            _ => None,
        };
        let limit = limit(text("limit"), &asked.state.settings.dialect)?;
        const REPEATED: [&str; 5] = ["since", "until", "filter", "q", "sortOrder"];
        let known =
            query.0.iter().filter(|(name, value)| !value.is_empty() && REPEATED.contains(&name.as_str()));
        Ok(Self {
            span: span(text, asked.request.now.as_millisecond())?,
            filter,
            keywords: keywords(text("q").unwrap_or_default())?,
            limit,
            take: asked.state.settings.max_page.map_or(limit, |cap| limit.min(cap)),
            after: text("after").map(str::to_owned),
            known: known.cloned().collect(),
        })
    }
}

fn span<'q>(text: impl Fn(&'static str) -> Option<&'q str>, now: i64) -> Result<Span, ApiError> {
    let date = |name| text(name).map(|value| date(name, value)).transpose();
    let (since, until) = (date("since")?, date("until")?);
    if since.is_some_and(|since| since < now.saturating_sub(HALF_A_YEAR)) {
        return Err(ApiError::catalogued("E0000053", "", ""));
    }
    let after = match text("after") {
        Some(after) => Some(cursor(after).ok_or(ApiError::InvalidCursor("E0000031"))?),
        None => None,
    };
    let descending = text("sortOrder").is_some_and(|order| order.eq_ignore_ascii_case("DESCENDING"));
    if until.is_none() && !descending {
        let since = since.unwrap_or(now.saturating_sub(WEEK));
        return Ok(Span::Polling(after.unwrap_or(Place { ms: since, nth: 0 })));
    }
    // What happens in this millisecond has happened before the end of it.
    let until = until.unwrap_or(now.saturating_add(1));
    let since = since.unwrap_or(until.saturating_sub(WEEK));
    Ok(Span::Bounded { since, until, after, descending })
}

/// `<epoch ms>_<n>`.
fn cursor(text: &str) -> Option<Place> {
    let (ms, nth) = text.split_once('_')?;
    Some(Place { ms: ms.parse().ok()?, nth: nth.parse().ok()? })
}

/// A date of ISO 8601, with or without a time; without a zone it is UTC. The plus sign of a zone may have come as a space.
fn date(name: &'static str, value: &str) -> Result<i64, ApiError> {
    let plus = value.replace(' ', "+");
    let civil =
        || value.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let at = value.parse::<Timestamp>().or_else(|_| plus.parse()).ok().or_else(civil);
    at.map(|at| at.as_millisecond()).ok_or_else(|| {
        let about = format!(
            "'{name}': The date format in your query is not recognized. Please enter dates using ISO8601 string \
             format."
        );
        ApiError::Catalogued { code: "E0000001".to_owned(), about, causes: Vec::new() }
    })
}

/// The limit: none at all is a number here (mgmt-facts §3).
fn limit(text: Option<&str>, dialect: &Dialect) -> Result<usize, ApiError> {
    let Some(text) = text else { return Ok(LIMIT.0) };
    match text.parse::<usize>() {
        Ok(limit) => Ok(limit.min(LIMIT.1)),
        Err(_) if dialect.is(Switch::BadLimit, "type_mismatch") => {
            Err(ApiError::TypeMismatch(format!("limit: {text}")))
        }
        Err(_) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(LIMIT.1),
        Err(_) => Ok(LIMIT.0),
    }
}

/// The words of `q`. What Okta says to more or longer ones is not known.
fn keywords(q: &str) -> Result<Vec<String>, ApiError> {
    let words: Vec<_> = q.split_whitespace().map(query::fold).collect();
    let too_long = words.iter().any(|word| word.chars().count() > KEYWORDS.1);
    if words.len() > KEYWORDS.0 || too_long {
        let cause = format!("q: at most {} keywords of at most {} characters", KEYWORDS.0, KEYWORDS.1);
        return Err(ApiError::invalid("q", cause));
    }
    Ok(words)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::exchange::Form;

    const NOW: i64 = 1_795_514_400_000;

    fn read(query: &str) -> Result<Span, String> {
        let form = Form::parse(query.as_bytes());
        span(|name| form.get(name).filter(|value| !value.is_empty()), NOW)
            .map_err(|error| error.code().to_owned())
    }

    #[test]
    fn polling_is_ascending_without_an_end() {
        let bounded = |since, until, after, descending| Ok(Span::Bounded { since, until, after, descending });
        let polling = |ms, nth| Ok(Span::Polling(Place { ms, nth }));
        for (query, expected) in [
            ("", polling(NOW - WEEK, 0)),
            ("sortOrder=ASCENDING", polling(NOW - WEEK, 0)),
            ("sortOrder=0", polling(NOW - WEEK, 0)),
            ("since=2026-11-24T00:00:00Z", polling(1_795_478_400_000, 0)),
            ("since=2026-11-24T01:00:00.000%2B01:00", polling(1_795_478_400_000, 0)),
            ("since=2026-11-24T01:00:00.000+01:00", polling(1_795_478_400_000, 0)),
            ("since=2026-11-24", polling(1_795_478_400_000, 0)),
            ("since=2026-11-24T00:00:00Z&after=1783111394963_1", polling(1_783_111_394_963, 1)),
            ("sortOrder=DESCENDING", bounded(NOW + 1 - WEEK, NOW + 1, None, true)),
            ("until=2026-11-24T00:00:00Z", bounded(1_795_478_400_000 - WEEK, 1_795_478_400_000, None, false)),
            (
                "since=2026-11-23T00:00:00Z&until=2026-11-24T00:00:00Z&after=1_2",
                bounded(1_795_392_000_000, 1_795_478_400_000, Some(Place { ms: 1, nth: 2 }), false),
            ),
            ("since=yesterday", Err("E0000001".to_owned())),
            ("until=2026-13-45", Err("E0000001".to_owned())),
            ("since=2026-01-01T00:00:00Z", Err("E0000053".to_owned())),
            ("after=last", Err("E0000031".to_owned())),
            ("after=1_", Err("E0000031".to_owned())),
        ] {
            assert_eq!(read(query), expected, "{query}");
        }
    }

    #[test]
    fn limits_begin_at_nothing() {
        for (text, expected) in [
            (None, 100),
            (Some("0"), 0),
            (Some("1000"), 1000),
            (Some("1001"), 1000),
            (Some("x"), 100),
            (Some("-1"), 100),
        ] {
            assert_eq!(limit(text, &Dialect::default()).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn keywords_are_few_and_short() {
        assert_eq!(keywords(" Ada  LOGIN ").unwrap(), ["ada", "login"]);
        assert!(keywords(&"a ".repeat(10)).is_ok() && keywords(&"a ".repeat(11)).is_err());
        assert!(keywords(&"a".repeat(40)).is_ok() && keywords(&"a".repeat(41)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reading(query in ".*", q in ".*") {
            let _ = read(&query);
            let _ = keywords(&q);
        }
    }
}
