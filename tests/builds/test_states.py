import itertools

import pytest

from builds.states import BUILD_TRANSITIONS, ENDED, JOB_TRANSITIONS, State, merge

S = State


def test_every_state_says_what_may_follow() -> None:
    assert set(JOB_TRANSITIONS) == set(State)
    assert set(BUILD_TRANSITIONS) == set(State)


def test_every_state_of_a_job_that_has_not_ended_has_a_way_to_each_end() -> None:
    def reachable(state: State) -> set[State]:
        found, edge = {state}, {state}
        while edge:
            edge = {after for before in edge for after in JOB_TRANSITIONS[before]} - found
            found |= edge
        return found

    for state in set(State) - ENDED:
        assert reachable(state) >= ENDED - {S.SKIPPED}


def test_a_job_that_has_ended_stays_so() -> None:
    assert all(not JOB_TRANSITIONS[state] for state in ENDED)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], S.SUCCESS),
        ([S.SUCCESS, S.SUCCESS], S.SUCCESS),
        ([S.SUCCESS, S.SKIPPED], S.SUCCESS),
        ([S.SKIPPED], S.SKIPPED),
        ([S.PENDING, S.PENDING], S.PENDING),
        ([S.SUCCESS, S.PENDING], S.RUNNING),
        ([S.FAILURE, S.RUNNING], S.RUNNING),
        ([S.SUCCESS, S.BLOCKED], S.BLOCKED),
        ([S.FAILURE, S.SKIPPED], S.FAILURE),
        ([S.FAILURE, S.ERROR], S.ERROR),
        ([S.CANCELLED, S.FAILURE], S.FAILURE),
        ([S.CANCELLED, S.SUCCESS], S.CANCELLED),
    ],
)
def test_jobs_make_the_build(states: list[State], expected: State) -> None:
    assert merge((state, False) for state in states) == expected


def test_the_order_of_jobs_does_not_matter() -> None:
    for three in itertools.combinations_with_replacement(State, 3):
        assert len({merge((state, False) for state in order) for order in itertools.permutations(three)}) == 1


def test_an_allowed_failure_counts_as_success() -> None:
    assert merge([(S.FAILURE, True), (S.SUCCESS, False)]) == S.SUCCESS
    assert merge([(S.CANCELLED, True), (S.SUCCESS, False)]) == S.CANCELLED


def test_a_build_has_ended_exactly_when_all_its_jobs_have() -> None:
    for two in itertools.product(State, repeat=2):
        assert (merge((state, False) for state in two) in ENDED) == all(state in ENDED for state in two)
