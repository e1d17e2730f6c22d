from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import IdempotencyKey, User
from builds.models import Build
from projects.models import Project
from tests.api.client import Script

KEY = "0b1f7c9e-0001"


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(bobs: Script, project: Project) -> None:
    first = bobs.post("projects/shop/builds", {"branch": "main"}, Idempotency_Key=KEY)
    again = bobs.post("projects/shop/builds/", {"branch": "main"}, Idempotency_Key=KEY)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Build.objects.count() == 1


def test_without_a_key_each_request_counts(bobs: Script, project: Project) -> None:
    for _ in range(2):
        bobs.post("projects/shop/builds", {"branch": "main"})

    assert Build.objects.count() == 2


def test_a_key_for_another_request_is_refused(bobs: Script, project: Project) -> None:
    bobs.post("projects/shop/builds", {"branch": "main"}, Idempotency_Key=KEY)

    other = bobs.post("projects/shop/builds", {"branch": "next"}, Idempotency_Key=KEY)

    assert other.status_code == 422
    assert other.json()["type"].endswith(":idempotency-key-reused")
    assert Build.objects.count() == 1


def test_keys_of_two_people_have_nothing_to_do_with_each_other(bobs: Script, alices: Script, project: Project) -> None:
    bobs.post("projects/shop/builds", {"branch": "main"}, Idempotency_Key=KEY)

    assert alices.post("projects/shop/builds", {"branch": "next"}, Idempotency_Key=KEY).status_code == 201


def test_a_request_under_way_is_not_started_again(bob: User, bobs: Script, project: Project) -> None:
    bobs.post("projects/shop/builds", {"branch": "main"}, Idempotency_Key=KEY)
    IdempotencyKey.objects.update(status=None, answer=None)

    answer = bobs.post("projects/shop/builds", {"branch": "main"}, Idempotency_Key=KEY)

    assert answer.status_code == 409
    assert answer.json()["type"].endswith(":idempotency-key-in-progress")


def test_a_request_whose_process_died_is_taken_over(bobs: Script, project: Project) -> None:
    bobs.post("projects/shop/builds", {"branch": "main"}, Idempotency_Key=KEY)
    IdempotencyKey.objects.update(status=None, answer=None)

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        answer = bobs.post("projects/shop/builds", {"branch": "main"}, Idempotency_Key=KEY)

    assert answer.status_code == 201
    assert IdempotencyKey.objects.get().status == 201


def test_who_lost_the_request_to_another_keeps_no_answer(bob: User) -> None:
    mine = IdempotencyKey.begin(bob, KEY, "f")
    IdempotencyKey.objects.update(claim="taken over")

    assert not mine.finish(201, {}, "")


def test_a_refused_request_frees_its_key(bobs: Script, project: Project) -> None:
    assert bobs.post("projects/shop/builds", {"branch": "a b"}, Idempotency_Key=KEY).status_code == 400

    assert bobs.post("projects/shop/builds", {"branch": "main"}, Idempotency_Key=KEY).status_code == 201


def test_a_key_is_forgotten_after_a_day(bobs: Script, project: Project) -> None:
    bobs.post("projects/shop/builds", {"branch": "main"}, Idempotency_Key=KEY)

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert bobs.post("projects/shop/builds", {"branch": "next"}, Idempotency_Key=KEY).status_code == 201

    assert Build.objects.count() == 2
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.parametrize("key", ["", "with space", "x" * 201])
def test_a_key_that_cannot_be_one_is_refused(key: str, bobs: Script, project: Project) -> None:
    assert bobs.post("projects/shop/builds", {}, Idempotency_Key=key).status_code == 400


def test_retrying_a_build_twice_makes_one_attempt(bobs: Script, a_build: Callable[..., Build], bob: User) -> None:
    build = a_build()
    build.cancel(by=bob)

    for _ in range(2):
        answer = bobs.post(f"builds/{build.pk}/retry", {"failed_only": True}, Idempotency_Key=KEY)
        assert answer.status_code == 202

    assert set(build.jobs.values_list("attempt", flat=True)) == {1, 2}
