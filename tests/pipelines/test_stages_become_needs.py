"""Who waits for whom."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from builds.plan import Plan
from pipelines.language import compile_pipeline
from pipelines.language.cycles import cycles


def plan(jobs: str, stages: str = "") -> Plan:
    return compile_pipeline(f"{stages}\ndefaults: {{image: alpine}}\n.s: &s {{steps: ['true']}}\njobs:\n{jobs}")


def test_a_job_waits_for_all_jobs_of_earlier_stages() -> None:
    built = plan(
        """
  deploy: {stage: ship, <<: *s}
  unit: {stage: test, <<: *s}
  lint: {stage: test, <<: *s}
""",
        "stages: [test, ship]",
    )

    assert built.stages == ("test", "ship")
    assert built.job("deploy").needs == ("unit", "lint")
    assert built.job("unit").needs == ()


def test_a_job_with_needs_waits_for_these_alone() -> None:
    built = plan(
        """
  a: {stage: one, <<: *s}
  b: {stage: one, <<: *s}
  c: {stage: two, needs: [b], <<: *s}
  d: {stage: two, needs: [], <<: *s}
  e: {stage: two, needs: [c], <<: *s}
"""
    )

    assert built.job("c").needs == ("b",)
    assert built.job("d").needs == ()
    assert built.job("e").needs == ("c",)


def test_an_edge_that_follows_from_others_is_left_out() -> None:
    built = plan("  a: {stage: one, <<: *s}\n  b: {stage: two, <<: *s}\n  c: {stage: three, <<: *s}\n")

    assert built.job("c").needs == ("b",)


def test_an_edge_stays_where_the_stage_between_does_not_wait_or_may_fail() -> None:
    free = plan("  a: {stage: one, <<: *s}\n  b: {stage: two, needs: [], <<: *s}\n  c: {stage: three, <<: *s}\n")
    lax = plan("  a: {stage: one, <<: *s}\n  b: {stage: two, allow_failure: true, <<: *s}\n  c: {stage: 3, <<: *s}\n")

    assert free.job("c").needs == ("a", "b")
    assert lax.job("c").needs == ("a", "b")


def test_a_stage_without_jobs_is_passed_over() -> None:
    built = plan("  a: {stage: one, <<: *s}\n  c: {stage: three, <<: *s}\n", "stages: [one, two, three]")

    assert built.stages == ("one", "three")
    assert built.job("c").needs == ("a",)


def test_without_stages_they_stand_in_order_of_appearance_and_test_is_the_default() -> None:
    built = plan("  a: {stage: build, <<: *s}\n  b: {<<: *s}\n  c: {stage: build, <<: *s}\n")

    assert built.stages == ("build", "test")
    assert built.job("b").stage == "test"
    assert built.job("b").needs == ("a", "c")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_a_job_without_needs_starts_only_after_every_job_of_an_earlier_stage(
    jobs: list[tuple[int, bool, bool]],
) -> None:
    lines = [
        f"  j{n}: {{stage: s{stage}, allow_failure: {str(lax).lower()}, {'needs: [], ' if free else ''}<<: *s}}\n"
        for n, (stage, free, lax) in enumerate(jobs)
    ]
    built = plan("".join(lines), "stages: [s0, s1, s2, s3, s4]")

    for n, (stage, free, _) in enumerate(jobs):
        # A job that may fail does not vouch for what it waited for.
        surely, pending = set(), list(built.job(f"j{n}").needs)
        while pending:
            name = pending.pop()
            surely.add(name)
            pending += [] if built.job(name).allow_failure else built.job(name).needs
        earlier = {f"j{m}" for m, (other, _, _) in enumerate(jobs) if other < stage}
        assert surely == (set() if free else earlier)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefx"), unique=True, max_size=4)))
def test_a_reported_cycle_is_one_and_without_a_report_there_is_none(graph: dict[str, list[str]]) -> None:
    reported = list(cycles(graph))

    for cycle in reported:
        assert cycle[0] == cycle[-1]
        assert all(after in graph[before] for before, after in pairwise(cycle))
    left = dict(graph)
    while leaves := [name for name, needs in left.items() if not any(need in left for need in needs)]:
        for name in leaves:
            del left[name]
    assert bool(left) == bool(reported)
