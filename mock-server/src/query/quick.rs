//! `q`: what people type into a box (mgmt-facts §4).

use serde::Deserialize;

use super::ast::{Path, Text};
use super::eval::{self, Case};
use super::lookup::{Lookup, Scalar};

/// What `q` does for a kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct Quick {
    /// What is looked at; one that fits is enough.
    pub fields: Vec<Path>,
    /// How.
    pub mode: Mode,
    /// The limit when none is asked for; that of a plain list when absent.
    pub default: Option<usize>,
    /// The largest limit; that of a plain list when absent.
    pub max: Option<usize>,
    /// Whether the answer has `Link` lines (groups have none, recorded).
    pub links: bool,
    /// Whether there is a next page.
    pub pages: bool,
    /// Whether states that a plain list leaves out are found.
    pub hidden: bool,
}

/// How it stands in the file: the attributes, or a table.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Fields(Vec<Path>),
    Table(Table),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    fields: Vec<Path>,
    #[serde(default)]
    mode: Mode,
    default: Option<usize>,
    max: Option<usize>,
    #[serde(default = "yes")]
    links: bool,
    #[serde(default = "yes")]
    pages: bool,
    #[serde(default)]
    hidden: bool,
}

impl From<Written> for Quick {
    fn from(written: Written) -> Self {
        let table = match written {
            Written::Table(table) => table,
            Written::Fields(fields) => Table {
                fields,
                mode: Mode::default(),
                default: None,
                max: None,
                links: true,
                pages: true,
                hidden: false,
            },
        };
        let Table { fields, mode, default, max, links, pages, hidden } = table;
        Self { fields, mode, default, max, links, pages, hidden }
    }
}

/// How `q` fits a value; never with regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The value begins with it.
    #[default]
    Prefix,
    /// The value contains it.
    Contains,
    /// Each word of it is in some value (System Log: up to 10 words of up to 40 characters).
    Keywords,
}

fn yes() -> bool {
    true
}

impl Quick {
    /// Whether a document fits what was typed.
    pub fn matches<D: Lookup + ?Sized>(&self, typed: &str, document: &D) -> bool {
        let in_some_field = |wanted: &Text, fits: fn(&str, &Text, Case) -> bool| {
            self.fields.iter().any(|field| {
                document.any(
                    field,
                    &mut |value| matches!(value, Scalar::Text(text) if fits(&text, wanted, Case::Insensitive)),
                )
            })
        };
        match self.mode {
            Mode::Prefix => in_some_field(&Text::new(typed), eval::starts_with),
            Mode::Contains => in_some_field(&Text::new(typed), eval::contains),
            Mode::Keywords => {
                typed.split_whitespace().all(|word| in_some_field(&Text::new(word), eval::contains))
            }
        }
    }
}
