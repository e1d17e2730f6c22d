"""How mistakes are told."""

import json

import pytest

from pipelines.language import PipelineInvalid, Problem, compile_pipeline, render


def invalid(text: str | bytes) -> PipelineInvalid:
    with pytest.raises(PipelineInvalid) as caught:
        compile_pipeline(text)
    return caught.value


def test_a_problem_says_where_what_and_what_to_do() -> None:
    (problem,) = invalid("jobs:\n  test:\n    imge: python:3.12\n    steps: [pytest]\n").problems

    assert problem == Problem(
        file=".keelway.yml",
        line=3,
        column=5,
        path="jobs.test.imge",
        message='unknown key "imge"',
        hint='did you mean "image"?',
        source="    imge: python:3.12",
    )
    assert Problem(**json.loads(json.dumps(problem.as_dict()))) == problem


def test_an_excerpt_points_at_the_place_through_tabs() -> None:
    problem = Problem("f", 3, 4, "a", "wrong", source="\t\t b: c")

    assert render([problem], excerpts=True).splitlines() == ["f:3:4: a: wrong", "     3 | \t\t b: c", "       | \t\t ^"]


def test_problems_stand_in_the_order_of_their_places() -> None:
    problems = invalid("zzz: 1\njobs: {b: {needs: [x]}, a: 3}\nyyy: 2\n").problems
    places = [(problem.line, problem.column) for problem in problems]

    assert len(places) == 6
    assert places == sorted(places)


def test_a_hundred_problems_are_told_and_the_rest_counted() -> None:
    error = invalid("jobs: {a: {image: x, steps: [y]}}\n" + "".join(f"k{n}: 1\n" for n in range(250)))

    assert (len(error.problems), error.omitted) == (100, 150)
    assert str(error).endswith("… and 150 more")


def test_columns_count_characters_and_leave_out_the_byte_order_mark() -> None:
    (problem,) = invalid("\ufeff{jobs: {ä: {image: x, steps: [y], 'ö': 1}}}").problems[1:]

    assert (problem.line, problem.column) == (1, 35)
    assert problem.source.startswith("{jobs")


def test_a_report_can_be_stored_whatever_the_file_holds() -> None:
    for text in ("a\0b", "a: \udc80", "jobs: {'\\0': 1}", 'jobs: {"\\0": 1}', b"\xff\xfe\0"):
        for problem in invalid(text).problems:
            stored = json.dumps(problem.as_dict(), ensure_ascii=False).encode()
            assert b"\\u0000" not in stored


def test_names_in_a_path_are_quoted_where_they_would_mislead() -> None:
    (problem,) = invalid("jobs: {my.job: {image: x, steps: [y, {run: z, nmae: 1}]}}").problems

    assert problem.path == 'jobs."my.job".steps[1].nmae'
