"""The page, the schema and the compiler say the same."""

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from pipelines.language import PipelineInvalid, compile_pipeline, pipeline_schema
from pipelines.language.schema import Defaults, Job, Limits, Pipeline, Step

PAGE = (Path(__file__).parents[2] / "docs" / "pipelines.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HEADINGS = set(re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.splitlines()[0])
def test_every_example_of_the_page_compiles(example: str) -> None:
    assert compile_pipeline(example).jobs


def test_the_page_shows_what_the_compiler_answers() -> None:
    found = re.findall(r"^```yaml broken\n(.*?)^```$.*?^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    assert found
    for broken, answer in found:
        with pytest.raises(PipelineInvalid) as caught:
            compile_pipeline(broken)
        assert str(caught.value) == answer.strip()


def test_every_key_has_its_heading_and_every_heading_its_key() -> None:
    keys = {
        *Pipeline.model_fields,
        *(f"jobs.<job>.{key}" for key in Job.model_fields),
        *(f"jobs.<job>.resources.{key}" for key in Limits.model_fields),
        *(f"jobs.<job>.steps[].{key}" for key in Step.model_fields),
    }

    assert keys == HEADINGS


def test_every_key_of_defaults_is_named_in_its_section() -> None:
    section = PAGE.split("### `defaults`")[1].split("###")[0]

    assert all(f"`{key}`" in section for key in Defaults.model_fields)


@pytest.mark.parametrize("table", [Pipeline, Defaults, Job, Step])
def test_every_key_that_is_yet_to_come_is_named(table: type[Pipeline]) -> None:
    section = PAGE.split("## Not yet")[1]

    assert table.later
    assert all(f"`{key}`" in section for key in table.later)
    assert not table.later & table.model_fields.keys()


def test_every_example_of_the_schema_is_valid_by_it() -> None:
    schema = pipeline_schema()
    definitions = schema["$defs"]

    for table in [schema, *definitions.values()]:
        for key, described in table["properties"].items():
            assert described["description"], key
            validator = Draft202012Validator({**described, "$defs": definitions})
            for example in described.get("examples", []):
                validator.validate(example)


def test_the_bounds_that_the_page_names_are_those_that_hold() -> None:
    too_many = yaml.safe_dump({"jobs": {f"j{n}": {"image": "a", "steps": ["b"]} for n in range(1001)}})

    with pytest.raises(PipelineInvalid, match="found 1,001 jobs; expected at most 1,000"):
        compile_pipeline(too_many)
