//! Okta's expression language as far as group rules, claims and filters of event hooks use it: attributes of the user, `==`, `AND`, `OR`, `!`, the
//! functions of `String`, `Arrays` and `Convert`, and membership in groups; of events their fields and targets.

mod evaluate;
mod event;
mod functions;
mod lex;
mod methods;
mod parse;

use serde_json::Value;

pub use event::EventFilter;
use parse::About;

/// A condition that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression(Node);

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ExpressionError(String);

/// What an expression asks about a user.
pub trait Subject {
    /// An attribute of the profile; null for one that the user has not.
    fn attribute(&self, name: &str) -> Value;
    /// The user's groups: ids and names.
    fn groups(&self) -> Vec<(String, String)>;
    /// What stands behind a name that is no attribute of the user: `app.clientId` in a claim.
    fn named(&self, _: &str) -> Value {
        Value::Null
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Literal(Value),
    /// An attribute of the user.
    Attribute(String),
    /// Another name, in a claim.
    Name(String),
    /// A list: `{"a", "b"}`.
    List(Vec<Node>),
    Call(String, Vec<Node>),
    Not(Box<Node>),
    Both(Box<Node>, Box<Node>),
    Either(Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    /// Adds numbers, joins texts.
    Plus(Box<Node>, Box<Node>),
    If(Box<Node>, Box<Node>, Box<Node>),
    /// Those of a list of which something holds: `event.target.?[type eq 'User']`.
    Select(Box<Node>, Box<Node>),
    /// What a value is asked: `….size()`.
    Method(String, Box<Node>, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Expression {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        parse::parse(text, About::User).map(Self)
    }

    /// Reads the expression of a claim, which may name more than the user: the app, and what the user is to it.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse_claim(text: &str) -> Result<Self, ExpressionError> {
        parse::parse(text, About::Claim).map(Self)
    }

    /// What it comes to; a number without a fraction is a whole one.
    pub fn value(&self, subject: &dyn Subject) -> Value {
        match evaluate::evaluate(&self.0, subject) {
            Value::Number(number) => match number.as_f64() {
                Some(whole) if whole.fract() == 0.0 && whole.abs() < 9e15 => (whole as i64).into(),
                _ => Value::Number(number),
            },
            other => other,
        }
    }

    /// Whether it holds of a user.
    pub fn holds(&self, subject: &dyn Subject) -> bool {
        evaluate::evaluate(&self.0, subject) == Value::Bool(true)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    struct Bob;

    impl Subject for Bob {
        fn attribute(&self, name: &str) -> Value {
            match name {
                "firstName" => json!("Bob"),
                "department" => json!("Engineering"),
                "level" => json!(7),
                "contractor" => json!(false),
                "tags" => json!(["red", "blue"]),
                _ => Value::Null,
            }
        }

        fn groups(&self) -> Vec<(String, String)> {
            vec![("00g1".to_owned(), "West Coast".to_owned()), ("00g2".to_owned(), "Everyone".to_owned())]
        }
    }

    #[test]
    fn claims_have_values_and_name_more_than_the_user() {
        struct Claim;
        impl Subject for Claim {
            fn attribute(&self, name: &str) -> Value {
                Bob.attribute(name)
            }
            fn groups(&self) -> Vec<(String, String)> {
                Bob.groups()
            }
            fn named(&self, name: &str) -> Value {
                if name == "appuser" { json!({}) } else { json!(name) }
            }
        }
        let value = |text: &str| Expression::parse_claim(text).unwrap().value(&Claim);
        for (text, expected) in [
            ("(appuser != null) ? appuser.userName : app.clientId", json!("appuser.userName")),
            ("user.level + 1", json!(8)),
            ("user.firstName + ' ' + user.level", json!("Bob 7")),
            ("\"driving!\"", json!("driving!")),
            ("user.nickName", Value::Null),
            ("user.tags", json!(["red", "blue"])),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
        assert!(Expression::parse("app.clientId == 'x'").is_err(), "a group rule is about users");
    }

    #[test]
    fn conditions_of_group_rules() {
        for (text, holds) in [
            ("user.firstName == \"Bob\"", true),
            ("user.firstName==\"bob\"", false),
            ("user.profile.firstName == 'Bob'", true),
            ("user.firstName != \"Bob\"", false),
            ("user.nothing == null", true),
            ("user.nothing == \"x\"", false),
            ("user.level >= 7 AND user.level < 8", true),
            ("user.level > 7 OR user.department == \"Engineering\"", true),
            ("user.level > 7 || user.department == \"Sales\"", false),
            ("!(user.contractor) && true", true),
            ("not user.contractor and user.firstName eq 'Bob'", true),
            ("NOT user.contractor", true),
            ("String.startsWith(user.firstName,\"Bo\")", true),
            ("String.startsWith(user.firstName,String.toLowerCase(\"BO\"))", false),
            ("String.startsWith(String.toLowerCase(user.firstName), \"bo\")", true),
            ("String.stringContains(user.department, \"gin\")", true),
            ("String.len(user.firstName) == 3", true),
            ("String.substring(user.department, 0, 3) == \"Eng\"", true),
            ("String.substringAfter(\"a@b\", \"@\") == \"b\"", true),
            ("String.substringBefore(\"a@b\", \"@\") == \"a\"", true),
            ("String.append(user.firstName, \"by\") == \"Bobby\"", true),
            ("String.join(\",\", \"a\", \"b\") == \"a,b\"", true),
            ("String.removeSpaces(\" a b \") == \"ab\"", true),
            ("String.replace(\"aa\", \"a\", \"b\") == \"bb\"", true),
            ("String.replaceFirst(\"aa\", \"a\", \"b\") == \"ba\"", true),
            ("String.toUpperCase(user.firstName) == \"BOB\"", true),
            ("String.stringSwitch(user.department, \"none\", \"Eng\", \"E\") == \"E\"", true),
            ("user.firstName + \"x\" == \"Bobx\"", true),
            ("Arrays.contains(user.tags, \"red\")", true),
            ("Arrays.contains({\"a\", \"b\"}, \"c\")", false),
            ("Arrays.isEmpty(user.nothing)", true),
            ("Arrays.size(user.tags) == 2", true),
            ("Convert.toInt(\"5\") == 5", true),
            ("user.level == 7 ? user.firstName == \"Bob\" : false", true),
            ("isMemberOfAnyGroup(\"00g9\", \"00g1\")", true),
            ("isMemberOfAnyGroup(\"00g9\")", false),
            ("isMemberOfGroup(\"00g2\")", true),
            ("isMemberOfGroupName(\"West Coast\")", true),
            ("isMemberOfGroupNameStartsWith(\"West\")", true),
            ("isMemberOfGroupNameContains(\"Coast\")", true),
            ("user.level", false),
        ] {
            let expression = Expression::parse(text).unwrap();
            assert_eq!(expression.holds(&Bob), holds, "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused_in_words() {
        for (text, why) in [
            ("", "the expression ends too early"),
            ("user.firstName ==", "the expression ends too early"),
            ("user.firstName == \"Bob", "a text has no end"),
            ("user.firstName \"Bob\"", "\"Bob\" is not expected"),
            ("String.startWith(user.firstName, \"B\")", "String.startWith is no function"),
            ("String.len()", "String.len takes 1 argument(s), not 0"),
            ("app.name == 1", "app.name is no attribute of the user"),
            ("(user.level == 1", "the expression ends too early"),
            ("user.level # 1", "# is not expected"),
        ] {
            assert_eq!(Expression::parse(text).unwrap_err().to_string(), why, "{text}");
        }
        let deep = "(".repeat(500);
        assert!(Expression::parse(&deep).unwrap_err().to_string().contains("nested too deep"));
        assert!(Expression::parse(&"!".repeat(500)).is_err());
        let long = vec!["true"; 600].join(" AND ");
        assert!(Expression::parse(&long).unwrap_err().to_string().contains("too long"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-zA-Z.()\"'!&|=<>+?:{}, 0-9\u{e9}]{0,60}") {
            if let Ok(expression) = Expression::parse(&text) {
                expression.holds(&Bob);
            }
        }
    }
}
