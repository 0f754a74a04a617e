//! The keywords of an OpenAPI document that are known here, by the kind of object: taken, or left out on purpose.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

/// A kind of object, with the keywords that it may have.
pub(crate) struct Kind {
    name: &'static str,
    /// What ends in the tables.
    taken: &'static [&'static str],
    /// What is left out: prose, examples, what only generators of SDKs need, and limits that the mock does not check.
    left_out: &'static [&'static str],
}

pub(crate) const SCHEMA: Kind = Kind {
    name: "a schema",
    taken: &[
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "discriminator",
        "enum",
        "format",
        "items",
        "maxLength",
        "minLength",
        "nullable",
        "oneOf",
        "properties",
        "readOnly",
        "required",
        "type",
    ],
    left_out: &[
        "default",
        "deprecated",
        "description",
        "example",
        "maxItems",
        "maximum",
        "minItems",
        "minimum",
        "multipleOf",
        "pattern",
        "title",
        "uniqueItems",
        "writeOnly",
        "x-enumDescription",
        "x-enumDescriptions",
        "x-okta-allow-null-property-value-for-updates",
        "x-okta-defined-as",
        "x-okta-extensible",
        "x-okta-ignore-redocly-rules-for-sdk",
        "x-okta-lifecycle",
        "x-okta-operationId",
        "x-tags",
    ],
};

pub(crate) const PATH_ITEM: Kind = Kind {
    name: "a path",
    taken: &["delete", "get", "head", "options", "patch", "post", "put"],
    left_out: &["parameters", "servers", "x-okta-lifecycle"],
};

pub(crate) const OPERATION: Kind = Kind {
    name: "an operation",
    taken: &[
        "deprecated",
        "operationId",
        "parameters",
        "requestBody",
        "responses",
        "security",
        "tags",
        "x-okta-lifecycle",
    ],
    left_out: &[
        "description",
        "servers",
        "summary",
        "x-codegen-request-body-name",
        "x-okta-iam-admin-roles",
        "x-okta-iam-permissions",
        "x-okta-no-scope-required",
    ],
};

pub(crate) const PARAMETER: Kind = Kind {
    name: "a parameter",
    taken: &["in", "name", "required", "schema"],
    left_out: &[
        "description",
        "example",
        "examples",
        "explode",
        "style",
        "x-okta-added-version",
        "x-okta-lifecycle",
    ],
};

pub(crate) const BODY: Kind = Kind {
    name: "a request body",
    taken: &["content", "required"],
    left_out: &["description", "x-okta-lifecycle"],
};

pub(crate) const RESPONSE: Kind =
    Kind { name: "a response", taken: &["content"], left_out: &["description", "headers"] };

pub(crate) const MEDIA: Kind =
    Kind { name: "a media type", taken: &["schema"], left_out: &["encoding", "example", "examples"] };

impl Kind {
    /// Whether a keyword ends in the tables.
    pub(crate) fn takes(&self, keyword: &str) -> bool {
        self.taken.contains(&keyword)
    }

    /// Stops at a keyword that this kind of object is not known to have.
    pub(crate) fn check(&self, object: &Map<String, Value>, place: &str) -> Result<()> {
        let unknown = object
            .keys()
            .find(|key| !self.taken.contains(&key.as_str()) && !self.left_out.contains(&key.as_str()));
        if let Some(keyword) = unknown {
            bail!(
                "{place}: {} has the keyword `{keyword}`, which import/src/keywords.rs does not know; take it or leave \
                 it out there",
                self.name
            );
        }
        Ok(())
    }
}
