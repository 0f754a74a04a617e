"""Okta's OpenAPI document as JSON Schema, for an independent validator.

Every schema carries its place in the document (`SamlApplication/settings/signOn`) as `x-place`, so that an error can be named.
"""

from datetime import datetime

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.validators import extend

COPIED = (
    "enum", "format", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern", "uniqueItems", "multipleOf",
)
FORMATS = FormatChecker(formats=["email"])


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value):
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value) is not None)


class Document:
    """The success responses of an OpenAPI 3.0 document."""

    def __init__(self, path):
        with open(path) as file:
            self.document = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.schemas = self.document["components"]["schemas"]
        self.families = {
            name
            for name, schema in self.schemas.items()
            if "discriminator" in schema and "mapping" in schema["discriminator"] and "oneOf" not in schema
        }
        self.root = {
            "components": {"schemas": {name: self.converted(schema, name) for name, schema in self.schemas.items()}},
            # A family with its kinds; the plain one is what its kinds inherit.
            "families": {name: self.family(name, self.schemas[name]["discriminator"]) for name in self.families},
        }
        self.responses = {}
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, dict) and "operationId" in operation:
                    self.add_responses(f"{method.upper()} {path}", operation)
        self.validators = {}

    def add_responses(self, name, operation):
        for code, response in operation["responses"].items():
            if "$ref" in response:
                response = self.document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
            for kind, media in response.get("content", {}).items():
                if code.startswith("2") and kind == "application/json" and "schema" in media:
                    # Real orgs answer another success code here and there (mgmt-facts A3): the first one speaks for all.
                    found = (name, self.converted(media["schema"], operation["operationId"]))
                    self.responses.setdefault(operation["operationId"], found)

    def reference(self, pointer, inherited):
        name = pointer.removeprefix("#/components/schemas/")
        return {"$ref": f"#/families/{name}" if name in self.families and not inherited else pointer}

    def family(self, name, discriminator):
        kinds = [
            {
                "if": {"properties": {discriminator["propertyName"]: {"const": value}}, "required": [discriminator["propertyName"]]},
                "then": {"$ref": pointer},
            }
            for value, pointer in discriminator["mapping"].items()
            if not pointer.endswith(f"/{name}")
        ]
        return {"allOf": [{"$ref": f"#/components/schemas/{name}"}, *kinds]}

    def converted(self, schema, place, inherited=False):
        made = {"x-place": place}
        made.update((keyword, schema[keyword]) for keyword in COPIED if keyword in schema)
        if "$ref" in schema:
            made.update(self.reference(schema["$ref"], inherited))
        if "type" in schema:
            made["type"] = schema["type"]
        for name, inner in schema.get("properties", {}).items():
            made.setdefault("properties", {})[name] = self.converted(inner, f"{place}/{name}")
        # What is only written is not in an answer.
        secret = {name for name, inner in schema.get("properties", {}).items() if inner.get("writeOnly")}
        if required := [name for name in schema.get("required", []) if name not in secret]:
            made["required"] = required
        if "items" in schema:
            made["items"] = self.converted(schema["items"], f"{place}/[]")
        if isinstance(schema.get("additionalProperties"), dict):
            made["additionalProperties"] = self.converted(schema["additionalProperties"], f"{place}/*")
        if "allOf" in schema:
            inherits = len(schema["allOf"]) > 1 or place in self.schemas
            made["allOf"] = [self.converted(part, place, inherits) for part in schema["allOf"]]
        # The alternatives of `oneOf` overlap throughout the document: one that fits is enough.
        if options := schema.get("oneOf", []) + schema.get("anyOf", []):
            made["anyOf"] = [self.converted(option, place) for option in options]
        if schema.get("nullable"):
            made = {"x-place": place, "x-nullable": True, "anyOf": [made, {"type": "null"}]}
        return made

    def problems(self, operation, body):
        """What is wrong with the body of a success, as (place, what): `("User/status", "enum")`."""
        if operation not in self.validators:
            schema = {**self.root, **self.responses[operation][1]}
            self.validators[operation] = VALIDATOR(schema, format_checker=FORMATS)
        found = set()
        for error in self.validators[operation].iter_errors(body):
            found.update(named(error))
        return found


def quietly_unknown(_validator, _value, _instance, _schema):
    return ()


VALIDATOR = extend(Draft202012Validator, {"x-place": quietly_unknown, "x-nullable": quietly_unknown})


def named(error):
    """The places of an error; of alternatives, those of the one that fits best."""
    if error.context:
        branches = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        best = 0 if error.schema.get("x-nullable") and 0 in branches else min(branches, key=lambda nth: len(branches[nth]))
        for inner in branches[best]:
            yield from named(inner)
        return
    place = error.schema.get("x-place", "?")
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        yield from ((place, f"lacks {name}") for name in missing)
    elif error.instance is None:
        yield (place, "null")
    else:
        yield (place, error.validator)
