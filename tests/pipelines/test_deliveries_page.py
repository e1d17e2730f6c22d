import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, User
from accounts.roles import Role
from pipelines.models import Delivery
from projects.models import Project
from tests.scene import make_build

pytestmark = pytest.mark.django_db

PAGE = "/projects/shop/deliveries/"


def deliver(project: Project, number: int = 1, **facts: Any) -> Delivery:
    given = {"verdict": "ignored", "detail": "The branch was deleted.", "body": b'{"ref": "refs/heads/main"}'}
    return Delivery.objects.create(
        project=project, forge="github", delivery_id=f"d{number}", event="push", **(given | facts)
    )


@pytest.fixture
def his(client: Client, bob: User) -> Client:
    client.force_login(bob)
    return client


def test_nothing_yet_shows_the_url_and_how_to_try_it(his: Client, project: Project) -> None:
    page = his.get(PAGE).content.decode()

    assert project.webhook_url in page
    assert "curl -i" in page


def test_each_delivery_has_its_verdict_reason_and_builds(his: Client, project: Project) -> None:
    delivery = deliver(project, verdict="built", detail="Started build #1.")
    delivery.builds.add(make_build(project))

    page = his.get(PAGE).content.decode()

    assert "Started a build" in page
    assert "Started build #1." in page
    assert 'href="/projects/shop/builds/1/"' in page


def test_a_body_is_laid_out_and_cannot_break_out(his: Client, project: Project) -> None:
    body = json.dumps({"message": "</pre><script>alert(1)</script>"}).encode()
    delivery = deliver(project, body=body, headers={"user-agent": "<b>GitHub</b>"})

    page = his.get(delivery.get_absolute_url()).content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "&lt;b&gt;GitHub" in page
    assert "{\n  &quot;message&quot;" in page


def test_a_large_body_is_cut(his: Client, project: Project) -> None:
    delivery = deliver(project, body=b"x" * 300_000, body_bytes=300_000)

    page = his.get(delivery.get_absolute_url())

    assert len(page.content) < 90_000
    assert b"the beginning of it" in page.content


def test_a_delivery_can_be_replayed(his: Client, project: Project) -> None:
    delivery = deliver(project)

    answer = his.post(f"{delivery.get_absolute_url()}replay/")

    again = Delivery.objects.get(replay_of=delivery)
    assert answer.headers["Location"] == again.get_absolute_url()


def test_a_refused_replay_says_why(his: Client, project: Project) -> None:
    delivery = deliver(project, body=b"")

    answer = his.post(f"{delivery.get_absolute_url()}replay/", follow=True)

    assert b"Its body was not kept" in answer.content


def test_a_viewer_sees_no_deliveries(client: Client, project: Project, charlie: User) -> None:
    Membership.objects.create(scope=project.scope, user=charlie, role=Role.VIEWER)
    client.force_login(charlie)

    assert client.get(PAGE).status_code == 403
    assert client.get(deliver(project).get_absolute_url()).status_code == 403
    assert b"Deliveries" not in client.get("/projects/shop/").content


def test_a_delivery_of_another_project_is_not_there(his: Client, admin: User, project: Project) -> None:
    other = Project.create(by=admin, name="Other", slug="other", git_url="https://git.example.com/o.git")

    assert his.get(f"{PAGE}{deliver(other).pk}/").status_code == 404


def test_many_cost_no_more_queries_than_few(his: Client, project: Project, django_assert_max_num_queries: Any) -> None:
    for number in range(60):
        deliver(project, number).builds.add(make_build(project))

    with django_assert_max_num_queries(12):
        page = his.get(PAGE)

    assert page.content.count(b'<tr id="delivery-') == 25
    older = his.get(f"{PAGE}?before={page.context['page'].before}")
    assert older.context["page"].rows[0].pk == page.context["page"].rows[-1].pk - 1
