//! The expressions of claims: the part of Okta's expression language that claims are usually made of. Attributes
//! (`user.email`, `appuser.userName`, `app.clientId`), literals, `+`, comparisons, `and`/`or`/`!`, `a ? b : c`, the functions
//! of `String`, and membership of groups. What is beyond that has no value.

use serde_json::Value;

/// An expression that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Literal(Value),
    Attribute(String),
    Call(String, Vec<Expr>),
    Not(Box<Expr>),
    Join(Operator, Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Plus,
}

/// What stands for names: the value of an attribute, and whether the user is in a group of this name.
pub(super) struct Names<'a> {
    pub(super) attribute: &'a dyn Fn(&str) -> Option<Value>,
    pub(super) groups: &'a [String],
}

/// Expressions are nested so deep at most.
const DEPTH: usize = 32;

/// Reads an expression; none when it is no expression that is known here.
pub(super) fn parse(text: &str) -> Option<Expr> {
    let mut reader = Reader { rest: text, depth: 0 };
    let expr = reader.choice()?;
    reader.rest.trim().is_empty().then_some(expr)
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn take(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        let Some(rest) = self.rest.strip_prefix(token) else { return false };
        // A word ends where it ends: `or` is not the beginning of `organization`.
        let word = token.ends_with(|one: char| one.is_ascii_alphanumeric());
        if word && rest.starts_with(is_word) {
            return false;
        }
        self.rest = rest;
        true
    }

    fn any(&mut self, tokens: &[&str]) -> bool {
        tokens.iter().any(|token| self.take(token))
    }

    fn choice(&mut self) -> Option<Expr> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let condition = self.or()?;
        let expr = if self.take("?") {
            let yes = self.choice()?;
            if !self.take(":") {
                return None;
            }
            Expr::Choice(Box::new(condition), Box::new(yes), Box::new(self.choice()?))
        } else {
            condition
        };
        self.depth -= 1;
        Some(expr)
    }

    fn joined(&mut self, rows: &[(&[&str], Operator)], next: fn(&mut Self) -> Option<Expr>) -> Option<Expr> {
        let mut left = next(self)?;
        // A sum of many parts is a deep tree too.
        for _ in 0..DEPTH {
            let Some((_, operator)) = rows.iter().find(|(tokens, _)| self.any(tokens)) else {
                return Some(left);
            };
            left = Expr::Join(*operator, Box::new(left), Box::new(next(self)?));
        }
        None
    }

    fn or(&mut self) -> Option<Expr> {
        self.joined(&[(&["||", "or", "OR"], Operator::Or)], Self::and)
    }

    fn and(&mut self) -> Option<Expr> {
        self.joined(&[(&["&&", "and", "AND"], Operator::And)], Self::comparison)
    }

    fn comparison(&mut self) -> Option<Expr> {
        let rows: [(&[&str], Operator); 2] =
            [(&["==", "eq", "EQ"], Operator::Equal), (&["!=", "ne", "NE"], Operator::Unequal)];
        self.joined(&rows, Self::sum)
    }

    fn sum(&mut self) -> Option<Expr> {
        self.joined(&[(&["+"], Operator::Plus)], Self::single)
    }

    fn single(&mut self) -> Option<Expr> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('!') && !self.rest.starts_with("!=") {
            self.rest = &self.rest[1..];
            self.depth += 1;
            let inner = if self.depth > DEPTH { None } else { self.single() }?;
            self.depth -= 1;
            return Some(Expr::Not(Box::new(inner)));
        }
        if self.take("(") {
            let inner = self.choice()?;
            return self.take(")").then_some(inner);
        }
        match self.rest.chars().next()? {
            quote @ ('"' | '\'') => self.text(quote),
            one if one.is_ascii_digit() || one == '-' => self.number(),
            one if is_word(one) => self.named(),
            _ => None,
        }
    }

    fn text(&mut self, quote: char) -> Option<Expr> {
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, one)) = chars.next() {
            match one {
                '\\' => out.push(chars.next()?.1),
                one if one == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Some(Expr::Literal(out.into()));
                }
                one => out.push(one),
            }
        }
        None
    }

    fn number(&mut self) -> Option<Expr> {
        let end = self.rest.find(|one: char| !one.is_ascii_digit() && !matches!(one, '.' | '-'));
        let (text, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let number: serde_json::Number = serde_json::from_str(text).ok()?;
        self.rest = rest;
        Some(Expr::Literal(number.into()))
    }

    fn named(&mut self) -> Option<Expr> {
        let end = self.rest.find(|one| !is_word(one) && one != '.');
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        match name {
            "true" => return Some(Expr::Literal(true.into())),
            "false" => return Some(Expr::Literal(false.into())),
            "null" => return Some(Expr::Literal(Value::Null)),
            _ => {}
        }
        if !self.take("(") {
            return Some(Expr::Attribute(name.to_owned()));
        }
        let mut arguments = Vec::new();
        while !self.take(")") {
            if !arguments.is_empty() && !self.take(",") {
                return None;
            }
            arguments.push(self.choice()?);
        }
        Some(Expr::Call(name.to_owned(), arguments))
    }
}

fn is_word(one: char) -> bool {
    one.is_ascii_alphanumeric() || one == '_'
}

impl Expr {
    /// Its value; none when there is none.
    pub(super) fn value(&self, names: &Names<'_>) -> Option<Value> {
        match self {
            Self::Literal(value) => Some(value.clone()).filter(|value| !value.is_null()),
            Self::Attribute(name) => (names.attribute)(name),
            Self::Not(inner) => Some((!truth(inner.value(names))).into()),
            Self::Choice(condition, yes, no) => {
                let chosen = if truth(condition.value(names)) { yes } else { no };
                chosen.value(names)
            }
            Self::Join(operator, left, right) => {
                let left = left.value(names);
                match operator {
                    Operator::Or => Some((truth(left) || truth(right.value(names))).into()),
                    Operator::And => Some((truth(left) && truth(right.value(names))).into()),
                    Operator::Equal => Some((left == right.value(names)).into()),
                    Operator::Unequal => Some((left != right.value(names)).into()),
                    Operator::Plus => plus(&left?, &right.value(names)?),
                }
            }
            Self::Call(name, arguments) => {
                let values: Vec<Option<Value>> = arguments.iter().map(|one| one.value(names)).collect();
                call(name, &values, names)
            }
        }
    }
}

fn truth(value: Option<Value>) -> bool {
    value == Some(Value::Bool(true))
}

fn plus(left: &Value, right: &Value) -> Option<Value> {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => Some(left.checked_add(right)?.into()),
        _ => Some((text(left)? + &text(right)?).into()),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn call(name: &str, arguments: &[Option<Value>], names: &Names<'_>) -> Option<Value> {
    let nth = |nth: usize| arguments.get(nth)?.as_ref().and_then(text);
    let place = |nth: usize| usize::try_from(arguments.get(nth)?.as_ref()?.as_i64()?).ok();
    let is_in = |fits: &dyn Fn(&str, &str) -> bool| {
        let wanted = nth(0)?;
        Some(names.groups.iter().any(|group| fits(group, &wanted)).into())
    };
    let made = match name {
        "String.append" => nth(0)? + &nth(1)?,
        "String.toUpperCase" => nth(0)?.to_uppercase(),
        "String.toLowerCase" => nth(0)?.to_lowercase(),
        "String.removeSpaces" => nth(0)?.replace(' ', ""),
        "String.replace" => nth(0)?.replace(&nth(1)?, &nth(2)?),
        "String.replaceFirst" => nth(0)?.replacen(&nth(1)?, &nth(2)?, 1),
        "String.substring" => {
            let (from, to) = (place(1)?, place(2)?);
            nth(0)?.chars().skip(from).take(to.checked_sub(from)?).collect()
        }
        "String.substringBefore" => {
            let whole = nth(0)?;
            whole.split_once(&nth(1)?).map(|(before, _)| before.to_owned()).unwrap_or(whole)
        }
        "String.substringAfter" => nth(0)?.split_once(&nth(1)?).map(|(_, after)| after.to_owned())?,
        "String.stringContains" => return Some(nth(0)?.contains(&nth(1)?).into()),
        "String.startsWith" => return Some(nth(0)?.starts_with(&nth(1)?).into()),
        "String.len" => return Some(nth(0)?.chars().count().into()),
        "isMemberOfGroupName" | "user.isMemberOfGroupName" => return is_in(&|group, name| group == name),
        "isMemberOfGroupNameStartsWith" => return is_in(&|group, name| group.starts_with(name)),
        "isMemberOfGroupNameContains" => return is_in(&|group, name| group.contains(name)),
        _ => return None,
    };
    Some(made.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value(expression: &str) -> Option<Value> {
        let attribute = |name: &str| match name {
            "user.email" | "user.login" => Some(json!("ada@example.com")),
            "user.firstName" => Some(json!("Ada")),
            "user.badge" => Some(json!(7)),
            "appuser" => Some(json!({})),
            "appuser.userName" => Some(json!("ada")),
            _ => None,
        };
        let groups = ["Staff".to_owned()];
        parse(expression)?.value(&Names { attribute: &attribute, groups: &groups })
    }

    #[test]
    fn expressions_have_values() {
        for (expression, expected) in [
            ("user.email", json!("ada@example.com")),
            ("\"driving!\"", json!("driving!")),
            ("'it\\'s'", json!("it's")),
            ("42", json!(42)),
            ("true", json!(true)),
            ("user.firstName + ' ' + user.badge", json!("Ada 7")),
            ("user.badge + 1", json!(8)),
            ("String.toUpperCase(user.firstName)", json!("ADA")),
            ("String.append(String.substringBefore(user.login, '@'), \"!\")", json!("ada!")),
            ("String.substring('abcdef', 1, 3)", json!("bc")),
            ("(appuser != null) ? appuser.userName : app.clientId", json!("ada")),
            ("user.nickName == null ? 'none' : user.nickName", json!("none")),
            ("!(user.badge == 7) or user.firstName eq 'Ada'", json!(true)),
            ("isMemberOfGroupName('Staff') && !isMemberOfGroupNameStartsWith('X')", json!(true)),
        ] {
            assert_eq!(value(expression), Some(expected), "{expression}");
        }
    }

    #[test]
    fn what_is_unknown_has_no_value() {
        for expression in [
            "cool",
            "user.nickName",
            "user.nickName + 'x'",
            "Time.now()",
            "1 +",
            "(",
            "'x",
            "null",
            "a b",
            "String.substring('a', 3, 1)",
        ] {
            assert_eq!(value(expression), None, "{expression}");
        }
        assert_eq!(value(&"(".repeat(10_000)), None);
        assert_eq!(value(&"!".repeat(10_000)), None);
        assert_eq!(value(&vec!["1"; 1000].join("+")), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[-+!?:()'\"\\\\ a-z.0-9=&|,é]{0,60}") {
            let _ = value(&text);
        }
    }
}
