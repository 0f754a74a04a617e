//! A user's credentials: what a request gives, what is kept, what is shown.

use serde_json::{Map, Value, json};

use crate::org::document::Document;
use crate::org::imported_password::Hash;
use crate::wire::ApiError;

/// What a request says about credentials.
#[derive(Debug, Default)]
pub(super) struct Given {
    password: Option<String>,
    /// A hash that was imported, or a hook that is asked at the first sign-in.
    imported: Option<Value>,
    question: Option<(String, String)>,
    provider: Option<Value>,
}

impl Given {
    /// Reads the member `credentials` of a request.
    pub(super) fn read(credentials: Option<&Value>) -> Result<Self, ApiError> {
        let Some(credentials) = credentials else { return Ok(Self::default()) };
        let text = |pointer: &str| {
            let text = credentials.pointer(pointer).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let question = match (text("/recovery_question/question"), text("/recovery_question/answer")) {
            (Some(question), Some(answer)) => Some((question, checked_answer(answer)?)),
            (Some(_), None) => {
                let cause = "recovery_question.answer: The field cannot be left blank";
                return Err(ApiError::invalid("recovery_question", cause));
            }
            (None, _) => None,
        };
        let imported =
            |name: &str| credentials.pointer(&format!("/password/{name}")).filter(|one| one.is_object());
        let hash = imported("hash");
        if let Some(hash) = hash {
            Hash::read(hash).map_err(|unusable| ApiError::invalid("password", unusable.to_string()))?;
        }
        Ok(Self {
            password: text("/password/value"),
            imported: hash.or_else(|| imported("hook")).cloned(),
            question,
            provider: credentials.get("provider").filter(|provider| provider.is_object()).cloned(),
        })
    }

    /// Whether the password comes from somewhere else.
    pub(super) fn is_imported(&self) -> bool {
        self.imported.is_some()
    }

    /// Whether it sets a password.
    pub(super) fn has_password(&self) -> bool {
        self.password.is_some() || self.imported.is_some()
    }
}

/// An answer has at least four characters.
pub(super) fn checked_answer(answer: String) -> Result<String, ApiError> {
    if answer.chars().count() < 4 {
        let cause = "The security question answer must be at least 4 characters in length";
        return Err(ApiError::invalid("recovery_question", cause));
    }
    Ok(answer)
}

/// What is kept of a user's credentials.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    password: Option<String>,
    imported: Option<Value>,
    question: Option<String>,
    answer: Option<String>,
    provider: Option<Value>,
}

impl Credentials {
    /// A user's.
    pub(super) fn of(user: &Document) -> Self {
        let hidden = |name: &str| user.hidden.get(name).filter(|value| !value.is_null());
        let text = |name: &str| hidden(name).and_then(Value::as_str).map(str::to_owned);
        let value = user.value();
        Self {
            password: text("password"),
            imported: hidden("imported").cloned(),
            question: user.text("/credentials/recovery_question/question").map(|text| text.into_owned()),
            answer: text("answer"),
            provider: value.pointer("/credentials/provider").cloned(),
        }
    }

    /// Takes over what a request gives. The password must be good enough for the profile's owner.
    pub(super) fn take(&mut self, given: &Given, profile: &Map<String, Value>) -> Result<(), ApiError> {
        if let Some(password) = &given.password {
            check_password(password, profile)?;
            self.password = Some(password.clone());
            self.imported = None;
        } else if let Some(imported) = &given.imported {
            self.imported = Some(imported.clone());
            self.password = None;
        }
        if let Some((question, answer)) = &given.question {
            self.question = Some(question.clone());
            self.answer = Some(answer.clone());
        }
        if let Some(provider) = &given.provider {
            self.provider = Some(provider.clone());
        }
        Ok(())
    }

    /// Sets the password.
    pub(super) fn set_password(
        &mut self,
        password: &str,
        profile: &Map<String, Value>,
    ) -> Result<(), ApiError> {
        check_password(password, profile)?;
        self.force_password(password);
        Ok(())
    }

    /// Sets a password that the org made.
    pub(super) fn force_password(&mut self, password: &str) {
        self.password = Some(password.to_owned());
        self.imported = None;
    }

    /// Sets the recovery question.
    pub(super) fn set_question(&mut self, question: &str, answer: &str) {
        self.question = Some(question.to_owned());
        self.answer = Some(answer.to_owned());
    }

    /// Whether there is a password.
    pub(super) fn has_password(&self) -> bool {
        self.password.is_some() || self.imported.is_some()
    }

    /// Whether a password is the user's.
    pub(super) fn is_password(&self, given: &str) -> bool {
        let imported = || self.imported.as_ref().and_then(|imported| Hash::read(imported).ok());
        match &self.password {
            Some(own) => own == given,
            None => imported().is_some_and(|hash| hash.fits(given)),
        }
    }

    /// Whether this is the answer to the recovery question; none when there is no question.
    pub(super) fn is_answer(&self, given: &str) -> Option<bool> {
        self.answer.as_deref().map(|own| own.eq_ignore_ascii_case(given))
    }

    /// Whether somebody else signs the user in.
    pub(super) fn is_foreign(&self) -> bool {
        let kind = self.provider.as_ref().and_then(|provider| provider.get("type")).and_then(Value::as_str);
        matches!(kind, Some("FEDERATION" | "SOCIAL" | "ACTIVE_DIRECTORY" | "LDAP"))
    }

    /// The member `credentials` as it is shown.
    pub(super) fn shown(&self, profile: &Map<String, Value>) -> Value {
        let mut shown = Map::new();
        if self.has_password() {
            shown.insert("password".into(), json!({}));
            let email = profile.get("email").cloned().unwrap_or_default();
            let emails = json!([{ "value": email, "status": "VERIFIED", "type": "PRIMARY" }]);
            shown.insert("emails".into(), emails);
        }
        if let Some(question) = &self.question {
            shown.insert("recovery_question".into(), json!({ "question": question }));
        }
        let provider = self.provider.clone().unwrap_or_else(|| json!({ "type": "OKTA", "name": "OKTA" }));
        shown.insert("provider".into(), provider);
        Value::Object(shown)
    }

    /// Puts what is never shown into the hidden part.
    pub(super) fn hide(&self, hidden: &mut Value) {
        hidden["password"] = json!(self.password);
        hidden["imported"] = json!(self.imported);
        hidden["answer"] = json!(self.answer);
    }
}

/// The password policy of a new org: eight characters, of three kinds, no part of the login.
fn check_password(password: &str, profile: &Map<String, Value>) -> Result<(), ApiError> {
    const RULES: &str = "Password requirements were not met. Password requirements: at least 8 characters, a \
                         lowercase letter, an uppercase letter, a number, no parts of your username.";
    let login = profile.get("login").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let lower = password.to_lowercase();
    let parts = login.split(['@', '.', '-', '_', ',', '#']).filter(|part| part.chars().count() >= 4);
    let good = password.chars().count() >= 8
        && password.chars().any(char::is_lowercase)
        && password.chars().any(char::is_uppercase)
        && password.chars().any(|one| one.is_ascii_digit())
        && !parts.into_iter().any(|part| lower.contains(part));
    if good { Ok(()) } else { Err(ApiError::invalid("password", RULES)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_follow_the_policy() {
        let Value::Object(profile) = json!({ "login": "ada.lovelace@example.com" }) else { return };
        for (password, good) in [
            ("Password150kta", true),
            ("Abcd1234", true),
            ("Abcd123", false),
            ("abcd1234", false),
            ("ABCD1234", false),
            ("Abcdefgh", false),
            ("Lovelace1843", false),
        ] {
            assert_eq!(check_password(password, &profile).is_ok(), good, "{password}");
        }
    }
}
