"""No file makes the compiler crash, hang, or build something huge."""

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipelines.language import PipelineInvalid, compile_pipeline, pipeline_schema
from pipelines.language.document import MAX_BYTES
from tests.pipelines.interpreted import interpreted

SCHEMA = Draft202012Validator(pipeline_schema())
JOBS = "jobs: {a: {image: x, steps: [y]}}\n"


def many_jobs(count: int, keys: Callable[[int], str]) -> str:
    return "jobs:\n" + "".join(f"  j{n}: {{image: x, steps: [y], {keys(n)}}}\n" for n in range(count))


def answer(text: str | bytes) -> str:
    with pytest.raises(PipelineInvalid) as caught:
        compile_pipeline(text)
    return str(caught.value)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "a: [", "&a [", "!!seq ["])
def test_nesting_without_end_is_refused(opening: str) -> None:
    text = opening * (400_000 // len(opening))

    assert "levels deep" in answer(text) or "not valid YAML" in answer(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#" * (MAX_BYTES + 1), "larger than 512 kB"),
        (".t: &t " + "x" * 90_000 + "\njobs: {a: {image: x, steps: [" + "*t, " * 400 + "]}}", "too large"),
        (
            ".m: &m {" + ", ".join(f"k{n}: 1" for n in range(5000)) + "}\n.n: {<<: [" + "*m, " * 40_000 + "]}",
            "too large",
        ),
        (many_jobs(1001, lambda n: ""), "found 1,001 jobs"),
        (
            "env: {" + ", ".join(f"k{n}: {'x' * 300}" for n in range(1000)) + "}\n" + many_jobs(900, lambda n: ""),
            "8 MB",
        ),
        ("jobs: {a: {image: x, steps: [" + "y, " * 90_000 + "]}}", "found 90,000 steps"),
        ("jobs: {a: {image: x, steps: [" + "y" * 100_001 + "]}}", "found 100,001 bytes"),
        ("[" + "*b," * 50_000 + "]", "no anchor &b"),
        ("{" + "a: 1," * 50_000 + "}", "stands here twice"),
        ("stages: [" + "a," * 60_000 + "]", "found 60,000 stages"),
        ("jobs: {a: {image: x, steps: [y], timeout: " + "9" * 5000 + "}}", "expected a duration"),
        ("jobs: {a: {steps: [y], image: " + "a" * 300_000 + "}}", "is not the name of an image"),
        ("jobs: {a: {steps: [y], image: '" + "a__" * 133 + "'}}", "is not the name of an image"),
    ],
    ids=lambda value: value[:24] if len(value) > 60 else value,
)
def test_what_is_too_much_is_refused_by_name(text: str, said: str) -> None:
    assert said in answer(text)


def test_a_thousand_jobs_compile_however_they_wait_for_each_other() -> None:
    assert len(compile_pipeline(many_jobs(1000, lambda n: f"stage: s{n}")).jobs) == 1000
    assert len(compile_pipeline(many_jobs(1000, lambda n: f"stage: s{n // 500}")).jobs) == 1000
    assert "j0 → j1 → " in answer(many_jobs(1000, lambda n: f"needs: [j{(n + 1) % 1000}]"))


def test_a_thousand_misspelt_names_are_answered() -> None:
    assert "did you mean" in answer(many_jobs(1000, lambda n: f"needs: [jj{n}x], imgae: x"))


def check(text: str | bytes) -> None:
    """Either a Plan, whose file then also satisfies the schema, or problems with places."""
    try:
        plan = compile_pipeline(text)
    except PipelineInvalid as error:
        problems = error.problems
        str(error).encode()
    else:
        problems = ()
        SCHEMA.validate(interpreted(text if isinstance(text, str) else text.decode()))
        assert plan.jobs
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_answered(text: str | bytes) -> None:
    check(text)


WORDS = "jobs image steps needs stage stages run env [ ] { } *a # \" ' a b 1.5 true ~ ?".split()  # noqa: SIM905 - one line is easier to read
PIECES = st.sampled_from(
    [*WORDS, ": ", "- ", "\n", "  ", "    ", ", ", "&a ", "<<: *a", "|\n", "!!str ", "\t", "---\n"]
)


@settings(max_examples=250, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
@example("? : ")
@example("{? a}")
@example("<<: *a")
@example("&a : *a")
def test_any_jumble_of_yaml_is_answered(text: str) -> None:
    check(text)


SCALARS = st.sampled_from(
    ["a", "b", "true", "~", "3.10", "1h", "0", '""', "1GiB", "[]", "{}", "[a]", "{a: b}", "alpine"]
)
JOB_KEYS = ["image", "steps", "stage", "needs", "env", "timeout", "allow_failure", "resources", "matrix", "imge"]


@settings(max_examples=250, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c.d"]), st.dictionaries(st.sampled_from(JOB_KEYS), SCALARS, max_size=6), max_size=3
    ),
    st.dictionaries(st.sampled_from(["stages", "defaults", "env", "on", ".x"]), SCALARS, max_size=3),
)
def test_any_file_of_our_keys_is_answered(jobs: dict[str, dict[str, str]], top: dict[str, str]) -> None:
    shown = "".join(
        f"  {name}: {{"
        + ", ".join(f"{key}: {value}" for key, value in {"image": "x", "steps": "[y]", **job}.items())
        + "}\n"
        for name, job in jobs.items()
    )

    check("".join(f"{key}: {value}\n" for key, value in top.items()) + "jobs:\n" + shown)
