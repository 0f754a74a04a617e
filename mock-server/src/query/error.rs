//! Why an expression is refused, in Okta's codes and words.

use super::Dialect;

/// Why a query is refused. It knows its code, its summary where that is not the catalogue's, and its causes; the
/// envelope is made elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A text that is no expression.
    #[error("{query:?} is no expression: {fault}")]
    Syntax {
        /// Where it came in.
        dialect: Dialect,
        /// As it was sent.
        query: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// An attribute that this kind does not let a caller ask for, or not with this operator.
    #[error("{query:?} asks for what cannot be asked: {what}")]
    Unsupported {
        /// Where it came in.
        dialect: Dialect,
        /// The expression.
        query: String,
        /// The attribute, or attribute and operator.
        what: String,
        /// The code that the kind's table gives.
        code: &'static str,
    },
    /// `and`, `or` or `not` where this kind takes simple expressions (title in the catalogue: complex filter).
    #[error("{0:?} is not simple enough")]
    Complex(String),
    /// A filter without the attribute that it must have.
    #[error("the filter has no {attribute}")]
    Required {
        /// The attribute.
        attribute: String,
        /// What is validated, for the summary of `E0000001`.
        object: String,
    },
    /// `search` and `filter` in one request.
    #[error("search and filter exclude each other")]
    SearchWithFilter,
}

/// What is wrong with a text. The words are those of the SCIM library whose message Okta documents for the System
/// Log (token `eqq` at position 16): positions count UTF-16 units from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It ends where an expression should begin.
    #[error("End of input at position {0} but expected a filter expression")]
    NoExpression(usize),
    /// Not the name of an attribute.
    #[error("Expected an attribute reference at position {0}")]
    Attribute(usize),
    /// It ends after an attribute.
    #[error("End of input at position {0} but expected an attribute operator")]
    NoOperator(usize),
    /// Not an operator. Okta's list leaves out two that it knows, `ne` and `ew`.
    #[error(
        "Unrecognized attribute operator '{operator}' at position {position}. Expected: eq,co,sw,pr,gt,ge,lt,le"
    )]
    Operator {
        /// As it was sent.
        operator: String,
        /// Where it begins.
        position: usize,
    },
    /// It ends after an operator.
    #[error("End of input at position {position} while expecting a value for operator {operator}")]
    NoValue {
        /// As it was sent.
        operator: String,
        /// The end.
        position: usize,
    },
    /// Not a value.
    #[error(
        "Invalid filter value '{value}' at position {position}. Expected a string in quotes, a number or a \
         boolean value (true,false)"
    )]
    Value {
        /// As it was sent.
        value: String,
        /// Where it begins.
        position: usize,
    },
    /// A string without an end.
    #[error("End of input in a string value that began at position {0}")]
    OpenString(usize),
    /// An escape that there is not.
    #[error("Unrecognized escape sequence '\\{escape}' in a string value at position {position}")]
    Escape {
        /// What follows the backslash.
        escape: char,
        /// Where the backslash is.
        position: usize,
    },
    /// A parenthesis that is not closed.
    #[error(
        "Expected closing parenthesis at position {position} to match opening parenthesis at position {opened}"
    )]
    Unclosed {
        /// Where it should be.
        position: usize,
        /// Where it was opened.
        opened: usize,
    },
    /// Something behind the end of an expression.
    #[error("Unexpected characters '{word}' at position {position}")]
    Trailing {
        /// What.
        word: String,
        /// Where it begins.
        position: usize,
    },
    /// Longer, deeper or with more comparisons than we take (the documentation only says "overly complex or long").
    #[error("The filter is too {0}")]
    TooMuch(&'static str),
}

impl QueryError {
    /// The error's code in the catalogue.
    ///
    /// A filter that cannot be read and one with an attribute or operator that is not supported are both told with
    /// `E0000031` and no cause (okta-powershell-cli#60, okta-sdk-java#593, okta-sdk-python#245), a search with a
    /// cause (okta-powershell-cli#48).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { dialect: Dialect::Logs, .. } => "E0000053",
            Self::Syntax { .. } => "E0000031",
            Self::Unsupported { code, .. } => code,
            Self::Complex(_) => "E0000094",
            Self::Required { .. } => "E0000001",
            Self::SearchWithFilter => "E0000033",
        }
    }

    /// The summary, where it is not the one in the catalogue.
    pub fn summary(&self) -> Option<String> {
        match self {
            Self::Syntax { dialect: Dialect::Logs, query, fault } => {
                Some(format!("Invalid filter '{query}': {fault}"))
            }
            Self::Unsupported { dialect: Dialect::Logs, query, what, .. } => {
                Some(format!("Invalid filter '{query}': {what} is not supported"))
            }
            _ => None,
        }
    }

    /// What fills the placeholder of the catalogue's summary.
    pub fn argument(&self) -> Option<&str> {
        match self {
            Self::Required { object, .. } => Some(object),
            _ => None,
        }
    }

    /// The causes.
    pub fn causes(&self) -> Vec<String> {
        match self {
            Self::Syntax { dialect: Dialect::Search, .. }
            | Self::Unsupported { dialect: Dialect::Search, .. } => {
                vec!["Invalid search syntax.".to_owned()]
            }
            // "attrbute" is Okta's (recorded, REC-E070).
            Self::Required { attribute, .. } => vec![format!(
                "The provided filter parameter did not contain the required attrbute filter \"{attribute}\""
            )],
            _ => Vec::new(),
        }
    }
}
