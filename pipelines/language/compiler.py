"""From the text of a pipeline file to a Plan.

The text is read into a tree with places (`document`), the tree is held against the models (`shape`), its jobs are put
in order (`order`), and only a file without a single finding becomes a Plan. Pure: no database, no clock, no settings.
"""

from builds.plan import DEFAULT_TIMEOUT, JobPlan, Plan, Resources, StepPlan
from pipelines.language.document import read_document
from pipelines.language.nodes import Mapping, Unknown, found
from pipelines.language.order import Order, read_order
from pipelines.language.problems import Findings, Place
from pipelines.language.schema import MAX_JOBS, Defaults, Job, Limits, Pipeline, Step
from pipelines.language.shape import excused, read_pipeline

FILE_NAME = ".keelway.yml"
MAX_STEP_NAME = 80
MAX_PLAN = 8 * 1024 * 1024
"""Characters in a Plan, roughly: shared variables count once per job, since each job carries its own copy."""


def compile_pipeline(text: str | bytes, *, path: str = FILE_NAME) -> Plan:
    """The Plan that `text` describes. Bytes are taken as UTF-8. `path` is the file's name in what is reported.

    Raises PipelineInvalid with everything that is wrong."""
    if isinstance(text, bytes):
        text = _decode(text, path)
    findings = Findings(text, path)
    root = read_document(text, findings)
    if root is None and not findings:
        findings.add(Place(1, 1), (), "the file is empty; expected jobs")
    if not isinstance(root, Mapping):
        if root is not None and not isinstance(root, Unknown):
            findings.add(root, (), f"found {found(root)}; expected a mapping with the key jobs")
        raise findings.invalid()
    jobs = root.get("jobs")
    if isinstance(jobs, Mapping) and len(jobs.entries) > MAX_JOBS:
        message = f"found {len(jobs.entries):,} jobs; expected at most {MAX_JOBS:,}"
        findings.add(root.entries["jobs"].key, ("jobs",), message)
        raise findings.invalid()
    pipeline = read_pipeline(root, findings)
    order = read_order(root, findings)
    _check_images(root, findings)
    if pipeline is None or findings:
        raise findings.invalid()
    needs = _all_needs(pipeline, order)
    _check_size(pipeline, needs, root, findings)
    return _plan(pipeline, order, needs)


def _decode(raw: bytes, path: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        findings = Findings(before, path)
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        findings.add(place, (), f"found the byte 0x{raw[error.start]:02x}; expected text in UTF-8")
        raise findings.invalid() from None


def _check_images(root: Mapping, findings: Findings) -> None:
    defaults, jobs = root.get("defaults"), root.get("jobs")
    if isinstance(defaults, Mapping) and ("image" in defaults.entries or excused("image", defaults, Defaults)):
        return
    for name, entry in jobs.entries.items() if isinstance(jobs, Mapping) else ():
        job = entry.value
        if isinstance(job, Mapping) and "image" not in job.entries and not excused("image", job, Job):
            message = "no image: neither the job nor defaults names one"
            findings.add(entry.key, ("jobs", name), message, "write image: name:tag")


def _all_needs(pipeline: Pipeline, order: Order) -> dict[str, tuple[str, ...]]:
    """Stages turned into needs: a job that names none needs all jobs of earlier stages.

    Those that follow from others are left out: when the stage before holds a job that itself waits for everything
    earlier, and cannot fail unnoticed, waiting for that stage is enough. Fewer edges, the same order.
    """
    members: dict[str, list[str]] = {stage: [] for stage in order.stages}
    for name in pipeline.jobs:
        members[order.stage_of[name]].append(name)
    needs: dict[str, tuple[str, ...]] = {}
    earlier: tuple[str, ...] = ()
    for names in members.values():
        for name in names:
            needs[name] = order.needs.get(name, earlier)
        if names:
            covered = any(name not in order.needs and not _may_fail(pipeline, pipeline.jobs[name]) for name in names)
            earlier = tuple(names) if covered else (*earlier, *names)
    return needs


def _may_fail(pipeline: Pipeline, job: Job) -> bool:
    given = pipeline.defaults.allow_failure if job.allow_failure is None else job.allow_failure
    return bool(given)


def _check_size(pipeline: Pipeline, needs: dict[str, tuple[str, ...]], root: Mapping, findings: Findings) -> None:
    shared = _weight(pipeline.env) + _weight(pipeline.defaults.env)
    total = 0
    for name, job in pipeline.jobs.items():
        total += shared + _weight(job.env) + sum(len(need) + 4 for need in needs[name])
        total += sum(len(step.run) + _weight(step.env) for step in job.steps)
        if total > MAX_PLAN:
            message = f"the pipeline is too large: more than {MAX_PLAN // 1024**2} MB of scripts, variables and needs"
            hint = "variables under env and defaults count once for each job"
            findings.add(root.entries["jobs"].key, ("jobs",), message, hint)
            raise findings.invalid()


def _weight(env: dict[str, str]) -> int:
    return sum(len(name) + len(value) + 8 for name, value in env.items())


def _plan(pipeline: Pipeline, order: Order, needs: dict[str, tuple[str, ...]]) -> Plan:
    jobs = tuple(_job(name, job, pipeline, order.stage_of[name], needs[name]) for name, job in pipeline.jobs.items())
    used = {job.stage for job in jobs}
    return Plan(stages=tuple(stage for stage in order.stages if stage in used), jobs=jobs)


def _job(name: str, job: Job, pipeline: Pipeline, stage: str, needs: tuple[str, ...]) -> JobPlan:
    defaults = pipeline.defaults
    return JobPlan(
        name=name,
        stage=stage,
        image=job.image or defaults.image or "",
        steps=tuple(_step(step) for step in job.steps),
        needs=needs,
        env=pipeline.env | defaults.env | job.env,
        timeout=job.timeout or defaults.timeout or DEFAULT_TIMEOUT,
        allow_failure=_may_fail(pipeline, job),
        resources=_resources(defaults.resources, job.resources),
    )


def _step(step: Step) -> StepPlan:
    return StepPlan(name=step.name or _first_line(step.run), run=step.run, env=step.env)


def _first_line(script: str) -> str:
    line = next(line.strip() for line in script.splitlines() if line.strip())
    shown = "".join(char if char.isprintable() else " " for char in line)
    return shown if len(shown) <= MAX_STEP_NAME else shown[: MAX_STEP_NAME - 1] + "…"


def _resources(*layers: Limits) -> Resources:
    """Later layers win, limit by limit."""
    given: dict[str, float] = {}
    for limits in layers:
        given |= limits.model_dump(exclude_none=True)
    return Resources.model_validate(given)
