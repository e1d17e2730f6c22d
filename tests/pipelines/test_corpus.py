"""Good files compile and satisfy the published schema; broken ones are answered exactly as written beside them.

After a wording is changed on purpose: KEELWAY_ACCEPT=1 pytest tests/pipelines/test_corpus.py, then read the diff.
"""

import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pipelines.language import PipelineInvalid, compile_pipeline, pipeline_schema
from tests.pipelines.interpreted import interpreted

CORPUS = Path(__file__).parent / "corpus"
GOOD = sorted((CORPUS / "good").glob("*.yml"))
BROKEN = sorted((CORPUS / "broken").glob("*.yml"))

# Mistakes of shape alone; the others need to know what names mean or how the text was written.
WRONG_SHAPE = {"jobs-missing", "no-jobs", "not-yet", "nothing-to-do", "unknown-keys", "wrong-names", "wrong-types"}


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_a_good_file_compiles(path: Path) -> None:
    assert compile_pipeline(path.read_bytes()).jobs


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_a_good_file_satisfies_the_published_schema(path: Path) -> None:
    Draft202012Validator(pipeline_schema()).validate(interpreted(path.read_text("utf-8")))


@pytest.mark.parametrize("path", [path for path in BROKEN if path.stem in WRONG_SHAPE], ids=name)
def test_an_editor_sees_mistakes_of_shape_too(path: Path) -> None:
    assert not Draft202012Validator(pipeline_schema()).is_valid(interpreted(path.read_text("utf-8")))


@pytest.mark.parametrize("path", BROKEN, ids=name)
def test_a_broken_file_is_answered_as_written_beside_it(path: Path) -> None:
    expected = path.with_suffix(".txt")

    with pytest.raises(PipelineInvalid) as caught:
        compile_pipeline(path.read_bytes(), path=path.name)

    if os.environ.get("KEELWAY_ACCEPT"):
        expected.write_text(f"{caught.value}\n", "utf-8")
    assert str(caught.value) == expected.read_text("utf-8").strip()


def test_every_answer_in_the_corpus_has_its_file() -> None:
    assert {path.stem for path in (CORPUS / "broken").glob("*.txt")} == {path.stem for path in BROKEN}


def test_the_published_schema_is_itself_valid() -> None:
    schema = pipeline_schema("https://keelway.example.com/schema/pipeline.json")

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "https://keelway.example.com/schema/pipeline.json"
    assert all(table["additionalProperties"] is False for table in [schema, *schema["$defs"].values()])
