"""What the keys of a file become in its Plan."""

import pytest

from builds.plan import JobPlan, Plan, Resources
from pipelines.language import PipelineInvalid, compile_pipeline


def job(keys: str, top: str = "") -> JobPlan:
    plan = compile_pipeline(f"{top}\njobs:\n  a: {{image: alpine, steps: ['true'], {keys}}}")
    return plan.jobs[0]


def test_what_is_not_said_has_a_default() -> None:
    built = job("")

    assert (built.stage, built.timeout, built.allow_failure) == ("test", 3600, False)
    assert built.resources == Resources()
    assert built.env == {}


def test_the_nearest_variable_wins() -> None:
    built = job(
        "env: {C: job, D: job}", "env: {A: file, B: file, C: file}\ndefaults: {env: {B: defaults, C: defaults}}"
    )

    assert built.env == {"A": "file", "B": "defaults", "C": "job", "D": "job"}


def test_a_job_replaces_defaults_and_limits_one_by_one() -> None:
    top = "defaults: {image: x, timeout: 5m, allow_failure: true, resources: {cpus: 1, memory: 1GiB}}"
    built = job("timeout: 10m, allow_failure: false, resources: {cpus: 4}", top)

    assert (built.image, built.timeout, built.allow_failure) == ("alpine", 600, False)
    assert built.resources == Resources(cpus=4, memory=1024**3)
    assert job("", top).allow_failure is True


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("3.10", "3.10"),
        ("on", "on"),
        ("yes", "yes"),
        ("True", "True"),
        ("0755", "0755"),
        ("1e3", "1e3"),
        ("12:30", "12:30"),
        ("2026-11-23", "2026-11-23"),
        ('""', ""),
        ("'~'", "~"),
        ("!!str 5", "5"),
    ],
)
def test_a_value_stays_as_it_was_written(written: str, text: str) -> None:
    assert job(f"env: {{A: {written}}}").env == {"A": text}


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90", 90), ("90s", 90), ("30m", 1800), ("1h30m", 5400), ("1d", 86400), ('"45"', 45), ("1h0m5s", 3605)],
)
def test_a_duration_becomes_seconds(written: str, seconds: int) -> None:
    assert job(f"timeout: {written}").timeout == seconds


@pytest.mark.parametrize(
    ("written", "size"),
    [("512MiB", 512 * 1024**2), ("1GiB", 1024**3), ("1.5 GiB", 1536 * 1024**2), ("1GB", 10**9), ("10000000", 10**7)],
)
def test_an_amount_of_memory_becomes_bytes(written: str, size: int) -> None:
    assert job(f"resources: {{memory: {written}}}").resources.memory == size


def test_a_step_without_a_name_is_called_by_its_first_line() -> None:
    plan = compile_pipeline(
        "jobs:\n  a:\n    image: alpine\n    steps:\n"
        "    - |\n\n      make test\n      make more\n"
        f"    - echo {'x' * 200}\n"
        "    - {name: Named, run: 'true', env: {A: 1}}\n"
    )
    first, second, third = plan.jobs[0].steps

    assert first.name == "make test"
    assert first.run == "\nmake test\nmake more\n"
    assert len(second.name) == 80
    assert second.name.endswith("…")
    assert (third.name, third.env) == ("Named", {"A": "1"})


def test_merging_is_won_by_what_is_written_and_by_the_first_source() -> None:
    plan = compile_pipeline(
        ".a: &a {image: first, timeout: 1m}\n.b: &b {image: second, allow_failure: true}\n"
        "jobs:\n  x: {timeout: 2m, <<: [*a, *b], steps: ['true']}\n"
    )

    assert (plan.jobs[0].image, plan.jobs[0].timeout, plan.jobs[0].allow_failure) == ("first", 120, True)


def test_a_plan_survives_being_stored() -> None:
    plan = compile_pipeline("jobs: {a: {image: alpine, steps: ['true']}}")

    assert Plan.model_validate_json(plan.model_dump_json()) == plan


def test_an_escaped_nul_never_reaches_a_plan() -> None:
    with pytest.raises(PipelineInvalid, match=r"U\+0000"):
        compile_pipeline('jobs: {a: {image: alpine, steps: ["a\\0b"]}}')
