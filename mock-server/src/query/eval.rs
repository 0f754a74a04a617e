//! Whether a document fits an expression.

use std::cmp::Ordering;

use serde::Deserialize;

use super::ast::{Comparison, Expr, Literal, Operator, Text, folded_chars, instant};
use super::lookup::{Lookup, Scalar};

/// How strings compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// As they are.
    Sensitive,
    /// Without regard to case; with regard to diacritical marks.
    Insensitive,
}

impl Expr {
    /// Whether a document fits. `case` holds where the kind's table did not say otherwise.
    ///
    /// An attribute that is missing or `null` fits nothing but `ne`, `not` and `eq null`. `ne` is the opposite of
    /// `eq`, of an array too: no element is equal. Strings in which both sides name an instant compare as instants;
    /// values of different types are never equal and never in order.
    pub fn matches<D: Lookup + ?Sized>(&self, document: &D, case: Case) -> bool {
        match self {
            Self::Compare(comparison) => comparison.matches(document, case),
            Self::And(all) => all.iter().all(|one| one.matches(document, case)),
            Self::Or(all) => all.iter().any(|one| one.matches(document, case)),
            Self::Not(one) => !one.matches(document, case),
        }
    }
}

impl Comparison {
    /// Whether a document fits.
    pub fn matches<D: Lookup + ?Sized>(&self, document: &D, case: Case) -> bool {
        let path = self.reads.as_ref().unwrap_or(&self.attribute);
        let case = self.case.unwrap_or(case);
        let present = || document.any(path, &mut |value| is_present(&value));
        let Some(literal) = &self.value else { return present() };
        match (self.operator, literal) {
            (Operator::Eq, Literal::Null) => !present(),
            (Operator::Ne, Literal::Null) => present(),
            (Operator::Ne, _) => !document.any(path, &mut |value| fits(&value, Operator::Eq, literal, case)),
            (operator, _) => document.any(path, &mut |value| fits(&value, operator, literal, case)),
        }
    }
}

/// `pr`: there is a value, and it is not an empty one.
fn is_present(value: &Scalar<'_>) -> bool {
    !matches!(value, Scalar::Null | Scalar::Empty) && !matches!(value, Scalar::Text(text) if text.is_empty())
}

fn fits(value: &Scalar<'_>, operator: Operator, literal: &Literal, case: Case) -> bool {
    let by_order = |order: Ordering| match operator {
        Operator::Eq => order.is_eq(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        _ => false,
    };
    match (value, literal) {
        (Scalar::Text(text), Literal::Text(wanted)) => match (operator, case) {
            (Operator::Sw, _) => starts_with(text, wanted, case),
            (Operator::Ew, _) => ends_with(text, wanted, case),
            (Operator::Co, _) => contains(text, wanted, case),
            (Operator::Eq, _) if wanted.instant().is_none() => equals(text, wanted, case),
            _ => by_order(compare(text, wanted, case)),
        },
        (Scalar::Number(number), Literal::Number(wanted)) => by_order(number.compare(*wanted)),
        (Scalar::Bool(one), Literal::Bool(wanted)) => operator == Operator::Eq && one == wanted,
        _ => false,
    }
}

pub(super) fn equals(text: &str, wanted: &Text, case: Case) -> bool {
    match case {
        Case::Sensitive => text == wanted.as_str(),
        Case::Insensitive if text.is_ascii() => text.eq_ignore_ascii_case(wanted.folded()),
        Case::Insensitive => folded_chars(text).eq(wanted.folded().chars()),
    }
}

pub(super) fn starts_with(text: &str, wanted: &Text, case: Case) -> bool {
    match case {
        Case::Sensitive => text.starts_with(wanted.as_str()),
        Case::Insensitive => {
            let mut chars = folded_chars(text);
            wanted.folded().chars().all(|one| chars.next() == Some(one))
        }
    }
}

fn ends_with(text: &str, wanted: &Text, case: Case) -> bool {
    match case {
        Case::Sensitive => text.ends_with(wanted.as_str()),
        Case::Insensitive => super::fold(text).ends_with(wanted.folded()),
    }
}

pub(super) fn contains(text: &str, wanted: &Text, case: Case) -> bool {
    match case {
        Case::Sensitive => text.contains(wanted.as_str()),
        Case::Insensitive if text.is_ascii() => {
            let wanted = wanted.folded().as_bytes();
            wanted.is_empty()
                || text.as_bytes().windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted))
        }
        Case::Insensitive => super::fold(text).contains(wanted.folded()),
    }
}

fn compare(text: &str, wanted: &Text, case: Case) -> Ordering {
    if let (Some(wanted), Some(one)) = (wanted.instant(), wanted.instant().and_then(|_| instant(text))) {
        return one.cmp(&wanted);
    }
    match case {
        Case::Sensitive => text.cmp(wanted.as_str()),
        Case::Insensitive => folded_chars(text).cmp(wanted.folded().chars()),
    }
}
