//! Words become a tree; the weakest operator first.

use serde_json::Value;

use super::lex::{Word, unexpected, words};
use super::{Comparison, ExpressionError, Node, functions, methods};

/// How deep an expression may nest: far more than anybody writes, little enough for the stack.
const DEPTH: usize = 64;

/// How many words an expression has at most; a chain of operators nests as deep as it is long.
const LONGEST: usize = 1000;

/// Reads an expression about something.
pub(super) fn parse(text: &str, about: About) -> Result<Node, ExpressionError> {
    let words = words(text)?;
    if words.len() > LONGEST {
        return Err(ExpressionError("the expression is too long".to_owned()));
    }
    let mut parser = Parser { words: &words, at: 0, depth: 0, about };
    let node = parser.choice()?;
    match parser.words.get(parser.at) {
        None => Ok(node),
        Some(word) => Err(unexpected(&shown(word))),
    }
}

/// What an expression is about, which decides the names that may stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// A user.
    User,
    /// A user, an app, and whatever else a claim may name.
    Claim,
    /// An event of the System Log.
    Event,
    /// A target of one, inside the brackets of a selection.
    Target,
}

/// What event hooks may be filtered by (Okta's documentation of event hooks and the expression language).
const OF_EVENT: [&str; 9] = [
    "event.eventType",
    "event.outcome.reason",
    "event.outcome.result",
    "event.actor.id",
    "event.actor.type",
    "event.actor.alternateId",
    "event.actor.displayName",
    "event.debugData.changedAttributes",
    "event.target",
];

/// The same inside the brackets of `event.target.?[…]`.
const OF_TARGET: [&str; 4] = ["id", "type", "alternateId", "displayName"];

struct Parser<'a> {
    words: &'a [Word],
    at: usize,
    depth: usize,
    about: About,
}

impl Parser<'_> {
    fn next(&mut self) -> Result<Word, ExpressionError> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word.ok_or_else(|| ExpressionError("the expression ends too early".to_owned()))
    }

    /// Takes the next word if it is this sign, or this word in any case.
    fn takes(&mut self, wanted: &str) -> bool {
        let is = match self.words.get(self.at) {
            Some(Word::Sign(sign)) => *sign == wanted,
            Some(Word::Name(name)) => name.eq_ignore_ascii_case(wanted),
            _ => false,
        };
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, wanted: &str) -> Result<(), ExpressionError> {
        if self.takes(wanted) {
            return Ok(());
        }
        let word = self.next()?;
        Err(unexpected(&shown(&word)))
    }

    fn deeper<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        if self.depth == DEPTH {
            return Err(ExpressionError("the expression is nested too deep".to_owned()));
        }
        self.depth += 1;
        let outcome = inner(self);
        self.depth -= 1;
        outcome
    }

    fn choice(&mut self) -> Result<Node, ExpressionError> {
        self.deeper(|parser| {
            let condition = parser.either()?;
            if !parser.takes("?") {
                return Ok(condition);
            }
            let then = parser.choice()?;
            parser.expect(":")?;
            let otherwise = parser.choice()?;
            Ok(Node::If(Box::new(condition), Box::new(then), Box::new(otherwise)))
        })
    }

    fn either(&mut self) -> Result<Node, ExpressionError> {
        let mut node = self.both()?;
        while self.takes("||") || self.takes("or") {
            node = Node::Either(Box::new(node), Box::new(self.both()?));
        }
        Ok(node)
    }

    fn both(&mut self) -> Result<Node, ExpressionError> {
        let mut node = self.comparison()?;
        while self.takes("&&") || self.takes("and") {
            node = Node::Both(Box::new(node), Box::new(self.comparison()?));
        }
        Ok(node)
    }

    fn comparison(&mut self) -> Result<Node, ExpressionError> {
        const OPERATORS: [(&str, Comparison); 12] = [
            ("==", Comparison::Equal),
            ("eq", Comparison::Equal),
            ("!=", Comparison::Unequal),
            ("ne", Comparison::Unequal),
            ("<=", Comparison::LessOrEqual),
            ("le", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("ge", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            ("lt", Comparison::Less),
            (">", Comparison::Greater),
            ("gt", Comparison::Greater),
        ];
        let left = self.sum()?;
        match OPERATORS.iter().find(|(sign, _)| self.takes(sign)) {
            Some((_, operator)) => Ok(Node::Compare(*operator, Box::new(left), Box::new(self.sum()?))),
            None => Ok(left),
        }
    }

    fn sum(&mut self) -> Result<Node, ExpressionError> {
        let mut node = self.with_members()?;
        while self.takes("+") {
            node = Node::Plus(Box::new(node), Box::new(self.with_members()?));
        }
        Ok(node)
    }

    /// A value with what is asked of it: `event.target.?[type eq 'User'].size()`.
    fn with_members(&mut self) -> Result<Node, ExpressionError> {
        let mut node = self.single()?;
        loop {
            if self.takes(".?[") {
                if node != Node::Name("event.target".to_owned()) {
                    return Err(ExpressionError("only of event.target something can be selected".to_owned()));
                }
                let outer = std::mem::replace(&mut self.about, About::Target);
                let condition = self.choice();
                self.about = outer;
                node = Node::Select(Box::new(node), Box::new(condition?));
                self.expect("]")?;
            } else if let Some(Word::Member(name)) = self.words.get(self.at) {
                self.at += 1;
                node = self.method(node, name)?;
            } else {
                return Ok(node);
            }
        }
    }

    fn method(&mut self, of: Node, name: &str) -> Result<Node, ExpressionError> {
        self.expect("(")?;
        let arguments = self.several(")")?;
        methods::check(name, arguments.len())?;
        Ok(Node::Method(name.to_owned(), Box::new(of), arguments))
    }

    fn single(&mut self) -> Result<Node, ExpressionError> {
        if self.takes("!") || self.takes("not") {
            return self.deeper(|parser| Ok(Node::Not(Box::new(parser.single()?))));
        }
        match self.next()? {
            Word::Text(text) => Ok(Node::Literal(text.into())),
            Word::Number(number) => Ok(Node::Literal(number.into())),
            Word::Sign("(") => {
                let node = self.choice()?;
                self.expect(")")?;
                Ok(node)
            }
            Word::Sign("{") => Ok(Node::List(self.several("}")?)),
            Word::Name(name) => self.named(name),
            word @ (Word::Sign(_) | Word::Member(_)) => Err(unexpected(&shown(&word))),
        }
    }

    fn named(&mut self, name: String) -> Result<Node, ExpressionError> {
        let of_event = matches!(self.about, About::Event | About::Target);
        if of_event && self.words.get(self.at) == Some(&Word::Sign("(")) {
            return match name.rsplit_once('.') {
                Some((of, method)) if !name.starts_with(char::is_uppercase) => {
                    let of = self.name(of.to_owned())?;
                    self.method(of, method)
                }
                _ => self.call(name),
            };
        }
        if self.words.get(self.at) == Some(&Word::Sign("(")) {
            return self.call(name);
        }
        self.name(name)
    }

    fn call(&mut self, name: String) -> Result<Node, ExpressionError> {
        self.expect("(")?;
        let arguments = self.several(")")?;
        functions::check(&name, arguments.len())?;
        Ok(Node::Call(name, arguments))
    }

    fn name(&self, name: String) -> Result<Node, ExpressionError> {
        match name.to_ascii_lowercase().as_str() {
            "true" => return Ok(Node::Literal(true.into())),
            "false" => return Ok(Node::Literal(false.into())),
            "null" => return Ok(Node::Literal(Value::Null)),
            _ => {}
        }
        let known = |names: &[&str]| names.contains(&name.as_str());
        match self.about {
            About::Event if known(&OF_EVENT) => return Ok(Node::Name(name)),
            About::Target if known(&OF_TARGET) || known(&OF_EVENT) => return Ok(Node::Name(name)),
            About::Event => {
                return Err(ExpressionError(format!("{name} is no field that events are filtered by")));
            }
            About::Target => return Err(ExpressionError(format!("{name} is no field of a target"))),
            About::User | About::Claim => {}
        }
        let attribute = name.strip_prefix("user.profile.").or_else(|| name.strip_prefix("user."));
        match attribute.filter(|attribute| !attribute.is_empty()) {
            Some(attribute) => Ok(Node::Attribute(attribute.to_owned())),
            None if self.about == About::Claim => Ok(Node::Name(name)),
            None => Err(ExpressionError(format!("{name} is no attribute of the user"))),
        }
    }

    fn several(&mut self, end: &str) -> Result<Vec<Node>, ExpressionError> {
        let mut nodes = Vec::new();
        if self.takes(end) {
            return Ok(nodes);
        }
        loop {
            nodes.push(self.choice()?);
            if !self.takes(",") {
                self.expect(end)?;
                return Ok(nodes);
            }
        }
    }
}

fn shown(word: &Word) -> String {
    match word {
        Word::Text(text) => format!("{text:?}"),
        Word::Number(number) => number.to_string(),
        Word::Name(name) => name.clone(),
        Word::Member(name) => format!(".{name}"),
        Word::Sign(sign) => (*sign).to_owned(),
    }
}
