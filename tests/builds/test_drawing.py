from builds.drawing import Drawing, draw
from builds.plan import JobPlan, Plan


def drawn(*jobs: tuple[str, str, tuple[str, ...]]) -> Drawing:
    made = [JobPlan(name=name, stage=stage, image="i", steps=(), needs=needs) for name, stage, needs in jobs]
    return draw(Plan(stages=tuple(dict.fromkeys(job.stage for job in made)), jobs=tuple(made)))


def ends(drawing: Drawing) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in drawing.edges}


def test_stages_are_columns() -> None:
    drawing = drawn(("lint", "check", ()), ("unit", "check", ()), ("image", "build", ("lint",)))

    assert [(column.title, column.jobs) for column in drawing.columns] == [
        ("check", ("lint", "unit")),
        ("build", ("image",)),
    ]


def test_a_job_that_needs_one_of_its_own_stage_stands_right_of_it() -> None:
    drawing = drawn(("a", "test", ()), ("b", "test", ("a",)), ("c", "test", ()))

    assert [(column.title, column.jobs) for column in drawing.columns] == [("test", ("a", "c")), ("", ("b",))]


def test_a_line_that_follows_from_others_is_not_drawn() -> None:
    drawing = drawn(("a", "1", ()), ("b", "2", ("a",)), ("c", "3", ("a", "b")))

    assert ends(drawing) == {("a", "b"), ("b", "c")}


def test_where_all_need_all_the_lines_meet_in_one_point() -> None:
    first = [(f"a{n}", "1", ()) for n in range(4)]
    needs = tuple(name for name, _, _ in first)
    second = [(f"b{n}", "2", needs) for n in range(3)]

    drawing = drawn(*first, *second)

    assert len(drawing.edges) == 4 + 3
    assert ends(drawing) == {(name, "") for name in needs} | {("", name) for name, _, _ in second}


def test_a_chain_of_a_thousand_jobs_can_be_drawn() -> None:
    jobs = [("job-0", "s", ())] + [(f"job-{n}", "s", (f"job-{n - 1}",)) for n in range(1, 1000)]

    assert len(drawn(*jobs).columns) == len(drawn(*reversed(jobs)).columns) == 1000
