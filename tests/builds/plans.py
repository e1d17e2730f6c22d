"""Plans for tests, in a line."""

from builds.plan import JobPlan, Plan, StepPlan

IMAGE = "keelway-test/busybox"


def job(name: str, *runs: str, needs: tuple[str, ...] = (), **facts: object) -> JobPlan:
    """A job whose steps are called step 1, step 2 …"""
    steps = tuple(StepPlan(name=f"step {n}", run=run) for n, run in enumerate(runs or ("true",), start=1))
    return JobPlan.model_validate(
        {
            "name": name,
            "stage": "test",
            "image": IMAGE,
            "steps": [s.model_dump() for s in steps],
            "needs": needs,
            **facts,
        }
    )


def plan(*jobs: JobPlan) -> Plan:
    return Plan(stages=("test",), jobs=jobs)
