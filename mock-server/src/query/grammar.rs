//! What a kind of resource lets a caller ask, as data: the `[query]` section of a resource file.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ast::{Comparison, Expr, Operator, Path};
use super::error::QueryError;
use super::eval::Case;
use super::lookup::{Lookup, Scalar};
use super::quick::Quick;
use super::{Dialect, parse};

/// What a kind lets a caller ask.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queryable {
    /// The parameter `search`.
    pub search: Option<Grammar>,
    /// The parameter `filter`.
    pub filter: Option<Grammar>,
    /// The parameter `q`.
    pub q: Option<Quick>,
    /// The parameter `search`, where it takes no expression but a keyword.
    pub keyword: Option<Quick>,
    /// Parameters that are plain equalities (`type`, `status`), by name.
    #[serde(default)]
    pub equals: BTreeMap<String, Parameter>,
    /// Parameters that Okta takes here and that change nothing in what is shown.
    #[serde(default)]
    pub ignored: Vec<String>,
    /// Parameters that change how objects are shown, not which; links repeat them.
    #[serde(default)]
    pub shown: Vec<String>,
    /// What a list is sorted by, the smallest first; objects without it come last, those with the same as they
    /// were made, or by their ids where there are pages.
    pub order: Option<Path>,
}

/// What `search` or `filter` takes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grammar {
    /// The attributes; the first row that fits counts, so put names before patterns.
    pub attributes: Vec<Attribute>,
    /// Whether the expression is one of the System Log.
    #[serde(default)]
    pub logs: bool,
    /// Whether `and` and `or` are taken.
    #[serde(default = "yes")]
    pub logic: bool,
    /// Whether `not` is taken.
    #[serde(default)]
    pub not: bool,
    /// Whether states that a plain list leaves out are found.
    #[serde(default = "yes")]
    pub hidden: bool,
    /// The code for an attribute or an operator that is not taken.
    #[serde(default)]
    pub unsupported: Unsupported,
    /// An attribute that must be there.
    pub required: Option<Required>,
}

/// A row: attribute and operators.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// A path, or a pattern for everything below one: `profile.*`; `*` is everything.
    pub name: String,
    /// The operators, `eq sw pr`.
    pub ops: Operators,
    /// How strings compare, where not as in the dialect.
    pub case: Option<Case>,
    /// Whether an index has it.
    #[serde(default)]
    pub indexed: bool,
    /// Where the document has it, where not under its name.
    pub reads: Option<Path>,
}

/// A set of operators, written `eq sw pr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Operators(u16);

/// An attribute that a filter must have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Required {
    /// Its name.
    pub attribute: String,
    /// What is validated, for the summary of `E0000001`.
    pub object: String,
}

/// A parameter that is a plain equality.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WrittenParameter")]
pub struct Parameter {
    /// What it is compared with.
    pub attribute: Path,
    /// Whether several values may be given, with commas between.
    pub several: bool,
}

/// How it stands in the file: the attribute, or a table.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum WrittenParameter {
    Attribute(Path),
    Table {
        attribute: Path,
        #[serde(default)]
        several: bool,
    },
}

impl From<WrittenParameter> for Parameter {
    fn from(written: WrittenParameter) -> Self {
        match written {
            WrittenParameter::Attribute(attribute) => Self { attribute, several: false },
            WrittenParameter::Table { attribute, several } => Self { attribute, several },
        }
    }
}

/// The code for what is not supported. Orgs were seen to answer `E0000031`; the catalogue also has `E0000094`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Unsupported {
    /// Invalid search criteria.
    #[default]
    E0000031,
    /// Invalid SCIM filter.
    E0000053,
    /// The provided filter is unsupported.
    E0000094,
}

fn yes() -> bool {
    true
}

impl Queryable {
    /// Reads the expressions of a request: `search` or `filter`, not both. None when neither is there.
    ///
    /// # Errors
    /// [`QueryError`]; a parameter that the kind does not have is not looked at, as Okta does.
    pub fn read(
        &self,
        search: Option<&str>,
        filter: Option<&str>,
    ) -> Result<Option<(Expr, &Grammar)>, QueryError> {
        let search = self.search.as_ref().zip(search);
        let filter = self.filter.as_ref().zip(filter);
        match (search, filter) {
            (Some(_), Some(_)) => Err(QueryError::SearchWithFilter),
            (Some((grammar, text)), None) => {
                grammar.read(text, Dialect::Search).map(|expr| Some((expr, grammar)))
            }
            (None, Some((grammar, text))) => {
                grammar.read(text, Dialect::Filter).map(|expr| Some((expr, grammar)))
            }
            (None, None) => Ok(None),
        }
    }

    /// Whether an expression is one that the kind takes.
    ///
    /// # Errors
    /// What it does not take.
    pub fn check(&self, expr: &Expr, dialect: Dialect) -> Result<(), QueryError> {
        let grammar = if dialect == Dialect::Search { &self.search } else { &self.filter };
        grammar.as_ref().map_or(Ok(()), |grammar| grammar.check(expr, dialect))
    }
}

impl Grammar {
    /// Reads an expression, checks it and binds each comparison to where the document has its value and to how it
    /// compares.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, text: &str, dialect: Dialect) -> Result<Expr, QueryError> {
        let dialect = if self.logs { Dialect::Logs } else { dialect };
        let mut expr = parse(text, dialect)?;
        self.check(&expr, dialect)?;
        expr.each_mut(&mut |comparison| {
            if let Some(row) = self.row(&comparison.attribute) {
                comparison.reads.clone_from(&row.reads);
                comparison.case = Some(row.case.unwrap_or(dialect.case()));
            }
        });
        Ok(expr)
    }

    /// Whether it takes an expression.
    ///
    /// # Errors
    /// What it does not take.
    pub fn check(&self, expr: &Expr, dialect: Dialect) -> Result<(), QueryError> {
        let comparisons = expr.comparisons();
        if let Some(required) = &self.required
            && !comparisons.iter().any(|one| one.attribute.is(&required.attribute))
        {
            let Required { attribute, object } = required.clone();
            return Err(QueryError::Required { attribute, object });
        }
        self.check_logic(expr, dialect, expr)?;
        for Comparison { attribute, operator, .. } in comparisons {
            let what = match self.row(attribute) {
                None => format!("attribute '{attribute}'"),
                Some(row) if row.ops.has(*operator) => continue,
                Some(_) => format!("operator '{}' on attribute '{attribute}'", operator.name()),
            };
            return Err(self.refuse(expr, dialect, what));
        }
        Ok(())
    }

    fn check_logic(&self, expr: &Expr, dialect: Dialect, whole: &Expr) -> Result<(), QueryError> {
        match expr {
            Expr::Compare(_) => Ok(()),
            Expr::And(_) | Expr::Or(_) if !self.logic => Err(QueryError::Complex(whole.to_string())),
            Expr::And(all) | Expr::Or(all) => {
                all.iter().try_for_each(|one| self.check_logic(one, dialect, whole))
            }
            Expr::Not(_) if !self.not => Err(self.refuse(whole, dialect, "operator 'not'".to_owned())),
            Expr::Not(one) => self.check_logic(one, dialect, whole),
        }
    }

    fn refuse(&self, expr: &Expr, dialect: Dialect, what: String) -> QueryError {
        let code = match (dialect, self.unsupported) {
            (Dialect::Logs, _) | (_, Unsupported::E0000053) => "E0000053",
            (_, Unsupported::E0000031) => "E0000031",
            (_, Unsupported::E0000094) => "E0000094",
        };
        QueryError::Unsupported { dialect, query: expr.to_string(), what, code }
    }

    /// The names of the attributes that an index has, for [`super::index_probe`].
    pub fn indexed(&self) -> Vec<&str> {
        self.attributes.iter().filter(|row| row.indexed).map(|row| row.name.as_str()).collect()
    }

    fn row(&self, attribute: &Path) -> Option<&Attribute> {
        self.attributes.iter().find(|row| row.names(attribute))
    }
}

impl Attribute {
    /// Whether the row is about this attribute. A pattern needs something below it.
    fn names(&self, attribute: &Path) -> bool {
        if self.name == "*" {
            return true;
        }
        let Some(above) = self.name.strip_suffix(".*") else { return attribute.is(&self.name) };
        let mut parts = attribute.parts().iter();
        above.split('.').all(|name| parts.next().is_some_and(|part| **part == *name))
            && parts.next().is_some()
    }
}

impl Operators {
    fn has(self, operator: Operator) -> bool {
        self.0 & (1 << operator as u16) != 0
    }
}

impl TryFrom<String> for Operators {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.split_whitespace().try_fold(Self(0), |all, name| match Operator::named(name) {
            Some(operator) => Ok(Self(all.0 | 1 << operator as u16)),
            None => Err(format!("there is no operator {name:?}; write them as `eq sw pr`")),
        })
    }
}

impl Parameter {
    /// Whether a document has the value that was sent, or one of them.
    pub fn matches<D: Lookup + ?Sized>(&self, sent: &str, document: &D) -> bool {
        let is = |value: &str| {
            if self.several { sent.split(',').any(|one| one.trim() == value) } else { sent == value }
        };
        document.any(&self.attribute, &mut |value| match value {
            Scalar::Text(text) => is(&text),
            Scalar::Bool(value) => is(if value { "true" } else { "false" }),
            _ => false,
        })
    }
}
