"""The published JSON Schema of `.keelway.yml`, for editors: draft 2020-12, from the models that do the checking."""

import re
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pipelines.language.schema import HOLDERS, Pipeline

SCHEMA_ID = "urn:keelway:schema:pipeline"


class _ForEditors(GenerateJsonSchema):
    """A key may be left out but not be null, and defaults stand in the descriptions: so neither is generated."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        return super().dict_schema(schema) | {"additionalProperties": False}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def pipeline_schema(schema_id: str = SCHEMA_ID) -> dict[str, Any]:
    """The schema as JSON data. `schema_id` is its `$id`: the URL where it is published, when there is one.

    It knows shapes, not meanings: a file may satisfy it and still need a job that does not exist."""
    schema = Pipeline.model_json_schema(schema_generator=_ForEditors)
    holders = "|".join(re.escape(prefix).replace(r"\-", "-") for prefix in HOLDERS)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": schema_id,
        **schema,
        "title": "Keelway pipeline",
        "description": "What Keelway runs when this repository changes: the file .keelway.yml.",
        "patternProperties": {f"^({holders})": {"description": "A place for anchors; Keelway does not read it."}},
    }
