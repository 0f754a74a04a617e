//! An OpenAPI document, and the references inside it.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::keywords::{OPERATION, PATH_ITEM};

/// An OpenAPI 3.0 document.
pub(crate) struct Document(Value);

/// An operation as the document has it.
pub(crate) struct Operation<'d> {
    pub(crate) id: &'d str,
    pub(crate) method: String,
    pub(crate) path: &'d str,
    pub(crate) object: &'d Map<String, Value>,
    /// The parameters that all operations of the path share.
    pub(crate) shared: &'d Value,
    pub(crate) place: String,
}

impl Document {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let document: Value = serde_saphyr::from_str(text)?;
        match document["openapi"].as_str() {
            Some(version) if version.starts_with("3.0.") => Ok(Self(document)),
            version => bail!("openapi: {version:?} where 3.0.x is understood"),
        }
    }

    /// The operations, in the order of the document.
    pub(crate) fn operations(&self) -> Result<Vec<Operation<'_>>> {
        let mut found = Vec::new();
        for (path, item) in object(&self.0["paths"], "paths")? {
            let item = object(item, path)?;
            PATH_ITEM.check(item, path)?;
            let shared = item.get("parameters").unwrap_or(&Value::Null);
            for (method, operation) in item {
                if !PATH_ITEM.takes(method) {
                    continue;
                }
                let method = method.to_ascii_uppercase();
                let place = format!("{method} {path}");
                let object = object(operation, &place)?;
                OPERATION.check(object, &place)?;
                let id =
                    object["operationId"].as_str().with_context(|| format!("{place} has no operationId"))?;
                found.push(Operation { id, method, path, object, shared, place });
            }
        }
        Ok(found)
    }

    /// A named schema.
    pub(crate) fn schema(&self, name: &str, place: &str) -> Result<&Map<String, Value>> {
        let schema = &self.0["components"]["schemas"][name];
        schema.as_object().with_context(|| format!("{place}: there is no schema {name}"))
    }

    /// An object or, where it is a reference, what it refers to.
    pub(crate) fn resolve<'d>(&'d self, value: &'d Value, place: &str) -> Result<&'d Map<String, Value>> {
        let found = match value["$ref"].as_str() {
            Some(reference) => reference
                .strip_prefix('#')
                .and_then(|pointer| self.0.pointer(pointer))
                .with_context(|| format!("{place}: there is no {reference}"))?,
            None => value,
        };
        object(found, place)
    }
}

/// The name of the schema that a reference means.
pub(crate) fn schema_name<'r>(reference: &'r str, place: &str) -> Result<&'r str> {
    reference
        .strip_prefix("#/components/schemas/")
        .with_context(|| format!("{place}: {reference} is no reference to a schema"))
}

pub(crate) fn object<'v>(value: &'v Value, place: &str) -> Result<&'v Map<String, Value>> {
    value.as_object().with_context(|| format!("{place} is no object"))
}
