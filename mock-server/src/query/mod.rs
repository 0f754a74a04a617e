//! Okta's query language (mgmt-facts §4, §9): `search`, `filter`, `q`, equality parameters, `sortBy`.
//!
//! Pure: text in, an expression out, the expression against a document given through [`Lookup`]. What a kind of
//! resource lets a caller ask is data, the [`Queryable`] in the `[query]` section of its resource file.
//!
//! ```
//! use mock_server::query::{Case, Dialect, JsonText, parse};
//!
//! let expr = parse(r#"profile.email eq "ADA@example.com" and not (status pr)"#, Dialect::Search)?;
//! let ada = JsonText(r#"{"id":"00u1","profile":{"email":"ada@example.com"}}"#);
//! assert!(expr.matches(&ada, Case::Insensitive));
//! assert!(!expr.matches(&ada, Case::Sensitive));
//! # Ok::<(), mock_server::query::QueryError>(())
//! ```

mod ast;
mod error;
mod eval;
mod grammar;
mod json_text;
mod lookup;
mod parse;
mod plan;
mod quick;
mod sort;
#[cfg(test)]
mod tests;

pub use ast::{Comparison, Expr, Literal, Number, Operator, Path, Text, fold};
pub use error::{Fault, QueryError};
pub use eval::Case;
pub use grammar::{Attribute, Grammar, Operators, Parameter, Queryable, Required};
pub use json_text::JsonText;
pub use lookup::{Lookup, Scalar};
pub use parse::{MAX_COMPARISONS, MAX_DEPTH, MAX_LENGTH, parse};
pub use plan::{Probe, index_probe, index_probes};
pub use quick::{Mode, Quick};
pub use sort::{Mark, Sort, SortOrder};

use serde::Deserialize;

/// Which parameter an expression came in: the language is the same, the errors and the case of strings are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// `search`: strings without regard to case.
    Search,
    /// `filter`: strings as they are.
    Filter,
    /// `filter` of the System Log, whose errors say what is wrong and where.
    Logs,
}

impl Dialect {
    /// How the dialect compares strings where the kind's table does not say.
    pub fn case(self) -> Case {
        match self {
            Self::Search => Case::Insensitive,
            Self::Filter | Self::Logs => Case::Sensitive,
        }
    }
}
