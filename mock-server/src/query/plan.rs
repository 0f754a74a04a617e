//! What of an expression an index can answer.

use super::ast::{Comparison, Expr, Literal, Operator};

/// A question to an index. It never gives too few documents; the expression is still asked of each that it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe<'e> {
    /// The comparison that it comes from.
    pub attribute: &'e str,
    /// [`Operator::Eq`] or [`Operator::Sw`].
    pub operator: Operator,
    /// The value or its beginning. An index without regard to case keeps [`super::fold`]ed keys and is asked for the
    /// folded value. An attribute with several values is in the index with each.
    pub value: &'e str,
    folded: &'e str,
}

impl<'e> Probe<'e> {
    /// The value in the form of [`super::fold`].
    pub fn folded(&self) -> &'e str {
        self.folded
    }
}

/// One question to an index that an expression can be answered from: an equality if there is one, else a beginning.
pub fn index_probe<'e>(expr: &'e Expr, indexed: &[&'e str]) -> Option<Probe<'e>> {
    match expr {
        Expr::Compare(comparison) => probe(comparison, indexed),
        Expr::And(all) => all
            .iter()
            .filter_map(|one| index_probe(one, indexed))
            .min_by_key(|probe| probe.operator != Operator::Eq),
        Expr::Or(_) | Expr::Not(_) => None,
    }
}

/// Questions whose answers together hold every document that fits, for expressions with `or` too. One is better than
/// two, an equality better than a beginning.
pub fn index_probes<'e>(expr: &'e Expr, indexed: &[&'e str]) -> Option<Vec<Probe<'e>>> {
    match expr {
        Expr::Compare(comparison) => Some(vec![probe(comparison, indexed)?]),
        Expr::And(all) => all
            .iter()
            .filter_map(|one| index_probes(one, indexed))
            .min_by_key(|probes| (probes.iter().any(|probe| probe.operator != Operator::Eq), probes.len())),
        Expr::Or(all) => {
            let each: Option<Vec<_>> = all.iter().map(|one| index_probes(one, indexed)).collect();
            each.map(|each| each.into_iter().flatten().collect())
        }
        Expr::Not(_) => None,
    }
}

fn probe<'e>(comparison: &'e Comparison, indexed: &[&'e str]) -> Option<Probe<'e>> {
    let attribute = indexed.iter().copied().find(|name| comparison.attribute.is(name))?;
    // A date has many spellings, and everything begins with nothing.
    match (comparison.operator, comparison.value.as_ref()?) {
        (operator @ Operator::Eq, Literal::Text(text)) if text.instant().is_none() => {
            Some(Probe { attribute, operator, value: text.as_str(), folded: text.folded() })
        }
        (operator @ Operator::Sw, Literal::Text(text)) if !text.as_str().is_empty() => {
            Some(Probe { attribute, operator, value: text.as_str(), folded: text.folded() })
        }
        _ => None,
    }
}
