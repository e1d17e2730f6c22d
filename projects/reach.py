"""Whether a project's repository can be reached, and if not, why not and what to do."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from events.bus import emit
from events.doorbell import ring
from projects import addresses, git
from projects.credentials import credential_of
from projects.faults import GitFailed
from projects.mirror import listed
from projects.models import Project

TIMEOUT = 40.0
RING_AGAIN = timedelta(seconds=60)


def request_reach_check(project: Project) -> None:
    """Have it checked soon by a worker of the queue `default`; the project's page is told of the answer."""
    from projects.tasks import check_reach

    with transaction.atomic():
        now = timezone.now()
        Project.objects.filter(pk=project.pk).update(
            reach=Project.Reach.CHECKING, reach_detail="", reach_checked_at=now
        )
        _tell(project, "reach_requested", Project.Reach.CHECKING)
        ring(check_reach, project.pk)
    project.reach, project.reach_detail, project.reach_checked_at = Project.Reach.CHECKING, "", now


def check(project: Project) -> None:
    """Ask the repository now and note the answer."""
    try:
        reach, detail = Project.Reach.REACHED, _missing(project, _heads(project))
    except GitFailed as failure:
        reach, detail = Project.Reach.FAILED, str(failure)
    with transaction.atomic():
        # A check of an address that was changed meanwhile says nothing.
        same = Project.objects.filter(pk=project.pk, git_url=project.git_url, default_branch=project.default_branch)
        if same.update(reach=reach, reach_detail=detail, reach_checked_at=timezone.now()):
            _tell(project, "reach_checked", reach)


def sweep() -> None:
    """Ring again for checks whose message was lost."""
    from projects.tasks import check_reach

    now = timezone.now()
    lost = Project.objects.active().filter(
        Q(reach_checked_at=None) | Q(reach_checked_at__lt=now - RING_AGAIN), reach=Project.Reach.CHECKING
    )
    for project_id in lost.values_list("pk", flat=True)[:20]:
        Project.objects.filter(pk=project_id).update(reach_checked_at=now)
        ring(check_reach, project_id)


def _heads(project: Project) -> list[str]:
    """The names of the branches that the repository has, as its server tells them."""
    try:
        addresses.parse(project.git_url)
    except ValidationError as error:
        raise GitFailed(error.messages[0]) from None
    output = git.run(
        ["ls-remote", "--quiet", "--heads", "--end-of-options", project.git_url],
        url=project.git_url,
        credential=credential_of(project),
        timeout=TIMEOUT,
    )
    refs = [line.partition("\t")[2] for line in output.decode(errors="replace").splitlines()]
    return [ref.removeprefix("refs/heads/") for ref in refs if ref.startswith("refs/heads/")]


def _missing(project: Project, branches: list[str]) -> str:
    """What a repository that did answer lacks; empty when it has all."""
    if project.default_branch in branches:
        return ""
    if not branches:
        return "It is empty: push a first commit."
    return (
        f"It has no branch “{project.default_branch}”. {listed('branch', branches)} "
        "Choose another default branch in the project's settings."
    )


def _tell(project: Project, what: str, reach: Project.Reach) -> None:
    emit(
        f"projects.project.{what}",
        subject=project.topic,
        data={"reach": reach},
        topics=[project.topic, "dashboard"],
    )
