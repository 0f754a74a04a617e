//! What an expression comes to for a user.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Comparison, Node, Subject, functions, methods};

pub(super) fn evaluate(node: &Node, subject: &dyn Subject) -> Value {
    let holds = |node: &Node| evaluate(node, subject) == Value::Bool(true);
    match node {
        Node::Literal(value) => value.clone(),
        Node::Attribute(name) => subject.attribute(name),
        Node::Name(name) => subject.named(name),
        Node::List(nodes) => nodes.iter().map(|node| evaluate(node, subject)).collect(),
        Node::Call(name, arguments) => {
            let arguments: Vec<_> = arguments.iter().map(|node| evaluate(node, subject)).collect();
            functions::call(name, &arguments, subject)
        }
        Node::Not(node) => (!holds(node)).into(),
        Node::Both(left, right) => (holds(left) && holds(right)).into(),
        Node::Either(left, right) => (holds(left) || holds(right)).into(),
        Node::Compare(operator, left, right) => {
            compares(*operator, &evaluate(left, subject), &evaluate(right, subject)).into()
        }
        Node::Select(list, condition) => {
            let Value::Array(items) = evaluate(list, subject) else { return Value::Array(Vec::new()) };
            let fits =
                |item: &Value| evaluate(condition, &Selected { item, around: subject }) == Value::Bool(true);
            items.into_iter().filter(fits).collect()
        }
        Node::Method(name, of, arguments) => {
            let arguments: Vec<_> = arguments.iter().map(|node| evaluate(node, subject)).collect();
            methods::call(name, &evaluate(of, subject), &arguments)
        }
        Node::Plus(left, right) => plus(&evaluate(left, subject), &evaluate(right, subject)),
        Node::If(condition, then, otherwise) => {
            evaluate(if holds(condition) { then } else { otherwise }, subject)
        }
    }
}

/// One of a list, while it is asked whether it is selected.
struct Selected<'a> {
    item: &'a Value,
    around: &'a dyn Subject,
}

impl Subject for Selected<'_> {
    fn attribute(&self, name: &str) -> Value {
        self.around.attribute(name)
    }

    fn groups(&self) -> Vec<(String, String)> {
        self.around.groups()
    }

    fn named(&self, name: &str) -> Value {
        self.item.get(name).cloned().unwrap_or_else(|| self.around.named(name))
    }
}

fn compares(operator: Comparison, left: &Value, right: &Value) -> bool {
    let order = order(left, right);
    match operator {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::Unequal => order != Some(Ordering::Equal),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

/// How two values of a kind are ordered; none where they are of different kinds.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => (left == right).then_some(Ordering::Equal),
    }
}

fn plus(left: &Value, right: &Value) -> Value {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => (left + right).into(),
        _ => (functions::text(left) + &functions::text(right)).into(),
    }
}
