//! Which exchanges a reader wants: `since`, `method`, `path`.
//!
//! A path without `*` means the path itself and everything below it: `/api/v1/users` admits `/api/v1/users/00u1` and
//! not `/api/v1/usersX`. `*` stands for any characters within a segment, `**` for any characters at all; such a
//! pattern must fit the whole path. Queries are not looked at.

use crate::exchange::{Form, path_fits};

use super::exchange::Exchange;

/// The parameters that a filter has.
const PARAMETERS: [&str; 3] = ["since", "method", "path"];

/// A filter. The default one admits everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Only exchanges with a higher number.
    pub(crate) since: u64,
    /// Only this method, in upper case.
    pub(crate) method: Option<String>,
    /// Only paths that fit.
    pub(crate) path: Option<String>,
}

/// A filter that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FilterError {
    /// A parameter that is none.
    #[error("there is no parameter {name:?}; use since, method and path{hint}")]
    Unknown {
        /// Its name.
        name: String,
        /// ` (did you mean "…"?)`, or nothing.
        hint: String,
    },
    /// A number that is none.
    #[error("since={0:?} is no number; give the seq of the last exchange that you have seen")]
    Since(String),
    /// A parameter that occurs twice.
    #[error("{0} occurs twice; give it once")]
    Twice(String),
}

impl Filter {
    /// Reads the query of a ledger's URL.
    ///
    /// # Errors
    /// [`FilterError`] names the parameter.
    pub(crate) fn from_query(query: &str) -> Result<Self, FilterError> {
        let form = Form::parse(query.as_bytes());
        if let Some(name) = form.duplicates().first() {
            return Err(FilterError::Twice((*name).to_owned()));
        }
        let mut filter = Self::default();
        for (name, value) in form.0 {
            match name.as_str() {
                "since" => filter.since = value.parse().map_err(|_| FilterError::Since(value))?,
                "method" => {
                    filter.method = Some(value.to_ascii_uppercase()).filter(|method| !method.is_empty())
                }
                "path" => filter.path = Some(value).filter(|path| !path.is_empty()),
                _ => {
                    let near =
                        PARAMETERS.into_iter().find(|known| strsim::damerau_levenshtein(known, &name) <= 2);
                    let hint = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
                    return Err(FilterError::Unknown { name, hint });
                }
            }
        }
        Ok(filter)
    }

    /// Whether an exchange passes.
    pub(crate) fn admits(&self, exchange: &Exchange) -> bool {
        exchange.seq > self.since
            && self.method.as_ref().is_none_or(|method| exchange.request.method.as_str() == method)
            && self.path.as_ref().is_none_or(|pattern| path_fits(pattern, exchange.request.path()))
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn queries_are_read_or_refused() {
        let good = Filter { since: 7, method: Some("POST".into()), path: Some("/a b".into()) };
        assert_eq!(Filter::from_query("since=7&method=post&path=%2Fa+b"), Ok(good));
        assert_eq!(Filter::from_query(""), Ok(Filter::default()));
        let unknown = Filter::from_query("metod=GET").map_err(|error| error.to_string());
        assert_eq!(
            unknown,
            Err("there is no parameter \"metod\"; use since, method and path (did you mean \"method\"?)"
                .into())
        );
        assert_eq!(Filter::from_query("since=-1"), Err(FilterError::Since("-1".into())));
        assert_eq!(Filter::from_query("since=1&since=2"), Err(FilterError::Twice("since".into())));
    }
}
