//! What a new object looks like: a template, read-only members, what a request must and may carry.

use serde::Deserialize;
use serde_json::Value;

use super::Refusal;
use super::condition::Condition;

/// What objects of a kind look like.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// JSON with placeholders: a new object before the request's members are laid over it.
    #[serde(default)]
    new: Option<String>,
    /// JSON with placeholders: what only the org knows of a new object.
    #[serde(default)]
    hidden: Option<String>,
    /// Other templates for some objects; the first that fits is taken instead of `new`.
    #[serde(default)]
    variants: Vec<Variant>,
    /// JSON pointers of members that a request cannot set.
    #[serde(default)]
    pub read_only: Vec<String>,
    /// JSON pointers of members that a replacement leaves as they are when the request lacks them.
    #[serde(default)]
    pub kept: Vec<String>,
    /// JSON pointers of members that a request may set and no answer shows; they go to the hidden part.
    #[serde(default)]
    pub write_only: Vec<String>,
    /// What a request must carry.
    #[serde(default)]
    pub required: Vec<Required>,
    /// Members that no two objects of a collection share.
    #[serde(default)]
    pub unique: Vec<Unique>,
    /// How many there may be, and what is answered then.
    pub most: Option<Most>,
    #[serde(skip)]
    template: Value,
    #[serde(skip)]
    hidden_template: Value,
}

/// A template for some objects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Of which requests: members of the request (on a replacement also those of the object that it cannot set), and
    /// under `/@parent` those of the object directly above.
    pub when: Condition,
    /// The beginning of the ids of such objects, where it is not the kind's.
    pub id_prefix: Option<String>,
    /// The template.
    new: String,
    #[serde(skip)]
    template: Value,
}

/// A member that a request must carry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Required {
    /// Its JSON pointer.
    pub at: String,
    /// Of which requests.
    #[serde(default)]
    pub when: Condition,
    /// What is answered.
    pub otherwise: Refusal,
}

/// A member that no two objects of a collection share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unique {
    /// Its JSON pointer.
    pub at: String,
    /// What is answered.
    pub otherwise: Refusal,
}

/// How many objects there may be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Most {
    /// The number.
    pub count: usize,
    /// What is answered to one more.
    pub otherwise: Refusal,
}

impl Shape {
    pub(super) fn prepare(&mut self) -> Result<(), String> {
        let parse = |name: &str, text: &str| {
            serde_json::from_str(text).map_err(|error| format!("{name} is no JSON: {error}"))
        };
        self.template = match &self.new {
            Some(text) => parse("new", text)?,
            None => Value::Object(serde_json::Map::new()),
        };
        self.hidden_template = match &self.hidden {
            Some(text) => parse("hidden", text)?,
            None => Value::Null,
        };
        for (nth, variant) in self.variants.iter_mut().enumerate() {
            variant.template = parse(&format!("variants[{nth}].new"), &variant.new)?;
        }
        Ok(())
    }

    /// Whether templates differ.
    pub fn varies(&self) -> bool {
        !self.variants.is_empty()
    }

    /// The row for an object that a request makes.
    pub fn variant(&self, request: &Value) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.when.holds(request))
    }

    /// The template of an object that a request makes.
    pub fn template(&self, request: &Value) -> &Value {
        self.variant(request).map_or(&self.template, |variant| &variant.template)
    }

    /// The template of the hidden part.
    pub fn hidden(&self) -> &Value {
        &self.hidden_template
    }
}
