"""The dashboard and the project page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from builds.models import Build
from builds.states import State
from projects.models import Project
from tests.scene import end_build, make_build, shop_plan

pytestmark = pytest.mark.django_db

ONE_JOB = shop_plan((("test", "test", (), ("pytest",)),))


@pytest.fixture
def hers(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def ended(project: Project, state: State, **facts: str) -> Build:
    return end_build(make_build(project, plan=ONE_JOB, **facts), state, reason="" if state == State.SUCCESS else "no")


def test_the_dashboard_shows_a_red_main_and_not_a_red_branch(hers: Client, project: Project) -> None:
    red = ended(project, State.FAILURE)
    ended(project, State.FAILURE, branch="feature")

    assert hers.get("/").context["failing"] == [red]


def test_a_green_main_needs_nobody(hers: Client, project: Project) -> None:
    ended(project, State.FAILURE)
    ended(project, State.SUCCESS)

    assert hers.get("/").context["failing"] == []


def test_a_pull_request_from_a_branch_of_the_same_name_says_nothing_about_main(hers: Client, project: Project) -> None:
    ended(project, State.FAILURE, pull_request="7")

    assert hers.get("/").context["failing"] == []


def test_an_outsider_sees_neither_projects_nor_builds(client: Client, project: Project, charlie: User) -> None:
    ended(project, State.FAILURE)
    client.force_login(charlie)

    page = client.get("/")

    assert b"You are not a member of any project yet" in page.content
    assert page.context["failing"] == page.context["running"] == []


def test_an_administrator_without_projects_is_shown_how_to_begin(client: Client, admin: User) -> None:
    client.force_login(admin)

    page = client.get("/").content

    assert b"bin/up --demo" in page
    assert b"/projects/new/" in page


def test_the_dashboard_costs_the_same_for_many(
    hers: Client, alice: User, project: Project, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        other = Project.create(by=alice, name=f"P{number:02}", slug=f"p{number}", git_url="https://h.example/x.git")
        for _ in range(3):
            make_build(other, plan=ONE_JOB)

    with django_assert_max_num_queries(10):
        page = hers.get("/")

    assert len(page.context["rows"]) == 30
    rest = hers.get(f"/?after={page.context['after']}").context["rows"]
    names = [row[0].name for row in page.context["rows"] + rest]
    assert names == sorted(names)
    assert len(names) == 41


def test_bars_are_the_last_thirty_builds_the_longest_the_tallest(hers: Client, project: Project) -> None:
    for number in range(33):
        end_build(make_build(project, plan=ONE_JOB), State.SUCCESS, took=timedelta(seconds=10 + number))

    _, bars, last = hers.get("/").context["rows"][0]

    assert [bar.build.number for bar in bars] == list(range(4, 34))
    assert bars[-1].height == 28
    assert last.number == 33


def test_the_project_page_names_what_broke_main_and_the_last_green(hers: Client, project: Project) -> None:
    green = ended(project, State.SUCCESS)
    broke = ended(project, State.FAILURE, message="Break it", author_name="Bob Stone")
    ended(project, State.FAILURE)

    page = hers.get("/projects/shop/")

    assert (page.context["main"]["green"], page.context["main"]["broke"]) == (green, broke)
    assert b"Break it" in page.content


def test_builds_are_filtered_and_paged(hers: Client, project: Project, django_assert_max_num_queries: Any) -> None:
    for number in range(60):
        ended(project, State.SUCCESS if number % 2 else State.FAILURE, branch="main" if number < 58 else "fix")

    with django_assert_max_num_queries(14):
        page = hers.get("/projects/shop/?status=failure&branch=main")

    rows = page.context["page"].rows
    assert len(rows) == 25
    assert {row.status for row in rows} == {"failure"}
    older = hers.get(f"/projects/shop/?status=failure&branch=main&before={page.context['page'].before}")
    assert [row.number for row in older.context["page"].rows] == [7, 5, 3, 1]


def test_an_empty_project_shows_a_pipeline_to_begin_with(hers: Client, project: Project) -> None:
    page = hers.get("/projects/shop/").content.decode()

    assert ".keelway.yml" in page
    assert "/projects/shop/deliveries/last/" in page


def test_running_a_branch_by_hand(hers: Client, project: Project) -> None:
    answer = hers.post("/projects/shop/run/", {"branch": "release/2"})

    build = Build.objects.get()
    assert build.branch == "release/2"
    assert answer.headers["Location"] == build.get_absolute_url()


def test_a_branch_that_cannot_be_is_refused_in_words(hers: Client, project: Project) -> None:
    answer = hers.post("/projects/shop/run/", {"branch": "--upload-pack=x"}, follow=True)

    assert "Expected the name of a branch" in answer.content.decode()
    assert not Build.objects.exists()
