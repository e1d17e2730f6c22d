from django.test import Client
from jsonschema import Draft202012Validator

from pipelines.language import pipeline_schema


def test_editors_fetch_the_schema_without_a_sign_in() -> None:
    answer = Client().get("/schema/pipeline.json")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/schema+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    schema = answer.json()
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith("/schema/pipeline.json")
    assert schema["properties"] == pipeline_schema()["properties"]
