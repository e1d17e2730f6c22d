from builds.graph import Standing, decide
from builds.states import State
from tests.builds.plans import job, plan

S = State
CHAIN = plan(job("lint"), job("test", needs=("lint",)), job("ship", needs=("test",)))


def standings(**states: State) -> dict[str, Standing]:
    return {name: Standing(state) for name, state in states.items()}


def test_a_job_without_needs_is_ready_at_once() -> None:
    assert decide(CHAIN, standings(lint=S.PENDING, test=S.PENDING, ship=S.PENDING)).ready == ("lint",)


def test_a_job_is_ready_when_all_that_it_needs_has_ended_well() -> None:
    assert decide(CHAIN, standings(lint=S.SUCCESS, test=S.PENDING, ship=S.PENDING)).ready == ("test",)


def test_what_follows_a_failure_is_skipped_to_the_end_of_the_chain_with_its_reason() -> None:
    decision = decide(CHAIN, standings(lint=S.FAILURE, test=S.PENDING, ship=S.PENDING))

    assert decision.ready == ()
    assert decision.skip == {
        "test": "It needs “lint”, which failed.",
        "ship": "It needs “test”, which was skipped.",
    }


def test_a_job_that_still_runs_holds_its_dependents_back() -> None:
    decision = decide(CHAIN, standings(lint=S.RUNNING, test=S.PENDING, ship=S.PENDING))

    assert decision.ready == ()
    assert not decision.skip


def test_a_failure_that_is_allowed_lets_dependents_run() -> None:
    now = standings(test=S.PENDING, ship=S.PENDING) | {"lint": Standing(S.FAILURE, allow_failure=True)}

    assert decide(CHAIN, now).ready == ("test",)


def test_dependents_are_found_through_others() -> None:
    assert [found.name for found in CHAIN.dependents({"lint"})] == ["test", "ship"]
    assert [found.name for found in CHAIN.dependents({"test"})] == ["ship"]
