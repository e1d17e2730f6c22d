"""A delivery can be gone through again, and what a vanished worker left is rung for again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from builds.models import Build
from builds.states import Refused
from events.models import Event
from pipelines import building, processing
from pipelines.building import replay, request_build
from pipelines.models import Delivery
from pipelines.tasks import process_delivery
from projects.models import Project
from tests.pipelines.senders import push, send
from tests.pipelines.senders import shop as shop_at
from tests.repositories import Repository

pytestmark = pytest.mark.django_db


def test_a_replay_builds_the_same_commit_again(
    client: Client, shop: Project, repository: Repository, bob: User
) -> None:
    send(client, shop, push(after=repository.commit_pipeline()))
    first = Delivery.objects.get()
    process_delivery(first.pk)

    again = replay(first, by=bob)
    process_delivery(again.pk)

    again.refresh_from_db()
    assert (again.verdict, again.replay_of) == ("built", first)
    assert [build.commit for build in Build.objects.all()] == [first.builds.get().commit] * 2
    assert Event.objects.filter(subject=f"delivery:{again.pk}", data__by="bob").exists()


def test_a_replay_is_judged_anew(client: Client, project: Project, repository: Repository, bob: User) -> None:
    commit = repository.commit_pipeline()
    send(client, project, push(after=commit) | {"repository": shop_at("github", "team/other")})
    misdirected = Delivery.objects.get()
    Project.objects.update(git_url=repository.url)

    again = replay(misdirected, by=bob)
    process_delivery(again.pk)

    again.refresh_from_db()
    assert (misdirected.verdict, again.verdict) == ("rejected", "built")


def test_what_was_never_shown_to_be_genuine_is_not_replayed(client: Client, project: Project, bob: User) -> None:
    send(client, project, push(), secret="wrong")

    with pytest.raises(Refused, match="body was not kept"):
        replay(Delivery.objects.get(), by=bob)


def test_nothing_is_replayed_in_an_archived_project(client: Client, project: Project, alice: User) -> None:
    send(client, project, push())
    project.archive(by=alice)

    with pytest.raises(Refused, match="archived"):
        replay(Delivery.objects.get(), by=alice)


def test_a_lost_delivery_is_rung_for_again_less_and_less_often(client: Client, project: Project) -> None:
    send(client, project, push())
    now = timezone.now()

    def rung(received: int, last: int) -> bool:
        """Whether the sweep rings for one that came `received` seconds ago and was rung for `last` seconds ago."""
        before = now - timedelta(seconds=last)
        Delivery.objects.update(received_at=now - timedelta(seconds=received), rung_at=before)
        processing.sweep()
        return Delivery.objects.get().rung_at != before

    assert not rung(5, 5)
    assert rung(15, 15)
    assert not rung(100, 20)
    assert rung(100, 55)


def test_a_lost_build_is_rung_for_again(
    shop: Project, bob: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    build = request_build(shop, by=bob)
    Build.objects.update(created_at=timezone.now() - timedelta(minutes=1))

    with django_capture_on_commit_callbacks() as rings:
        building.sweep()
        building.sweep()

    assert len(rings) == 1
    assert build.plan_data is None
