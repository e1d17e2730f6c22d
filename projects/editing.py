"""Changing what a project is and who works on it."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Membership, User
from accounts.refusal import Refused
from accounts.roles import Role
from events.bus import emit
from projects.addresses import parse
from projects.credentials import Kind, credential_of, set_credential
from projects.models import Project
from projects.reach import request_reach_check
from projects.refs import is_ref_name

EDITABLE = ("name", "git_url", "default_branch")


def edit(project: Project, *, by: User, **changes: str) -> None:
    """Set some of EDITABLE; ValidationError by field. The slug stays: webhooks at forges and links rely on it.

    A credential was given for one host. When the URL moves to another, it is removed rather than sent there.
    """
    with transaction.atomic():
        before = Project.objects.select_for_update().get(pk=project.pk)
        changed = [name for name in EDITABLE if name in changes and changes[name] != getattr(before, name)]
        for name in changed:
            setattr(project, name, changes[name])
        project.full_clean(validate_unique=False)
        check_branch(project.default_branch)
        if not changed:
            return
        project.save(update_fields=changed)
        emit(
            "projects.project.edited",
            subject=project.topic,
            data={"fields": changed, "by": by.username},
            topics=["dashboard", project.topic],
        )
        if "git_url" not in changed:
            return
        if parse(before.git_url) != parse(project.git_url) and credential_of(project).kind != Kind.NONE:
            set_credential(project, kind=Kind.NONE, by=by)
        else:
            request_reach_check(project)


def check_branch(name: str) -> None:
    if not is_ref_name(name):
        raise ValidationError({"default_branch": "Git allows no branch of this name."})


def set_role(project: Project, person: User, role: Role, *, by: User) -> Membership:
    """Make `person` a member with `role`, or change the role. Safe to repeat. Refused for the only maintainer."""
    with transaction.atomic():
        if role != Role.MAINTAINER:
            _keep_a_maintainer(project, person)
        membership, _ = Membership.objects.update_or_create(scope=project.scope, user=person, defaults={"role": role})
        emit(
            "projects.project.member_changed",
            subject=project.topic,
            data={"member": person.username, "role": role, "by": by.username},
            topics=[project.topic],
        )
    return membership


def remove_member(project: Project, person: User, *, by: User) -> bool:
    """True when there was such a member. Refused for the only maintainer."""
    with transaction.atomic():
        _keep_a_maintainer(project, person)
        gone, _ = Membership.objects.filter(scope=project.scope, user=person).delete()
        if gone:
            emit(
                "projects.project.member_removed",
                subject=project.topic,
                data={"member": person.username, "by": by.username},
                topics=[project.topic],
            )
    return gone > 0


def _keep_a_maintainer(project: Project, person: User) -> None:
    """Refused when `person` is the only one. In the transaction of the change, so that two people cannot take the role
    from each other at the same moment."""
    maintainers = Membership.objects.select_for_update().filter(scope=project.scope, role=Role.MAINTAINER)
    names = list(maintainers.values_list("user_id", flat=True))
    if names == [person.pk]:
        raise Refused(f"{person.username} is the only maintainer: make someone else one first.")
