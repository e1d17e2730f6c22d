"""Projects as JSON, and what may be said about them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from rest_framework import serializers

from accounts.models import Membership, User
from accounts.rest import Input, roles_on
from accounts.roles import Role, allows
from projects.access import Kind
from projects.addresses import check_git_url
from projects.models import SLUG, Project
from projects.refs import is_ref_name
from vault.models import Secret


def branch_name(value: str) -> None:
    if not is_ref_name(value):
        raise ValidationError("Git allows no branch of this name.")


class ProjectSerializer(serializers.ModelSerializer[Project]):
    webhook_url = serializers.CharField(read_only=True)
    webhook_secret = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = [
            "slug",
            "name",
            "git_url",
            "default_branch",
            "webhook_url",
            "webhook_secret",
            "reach",
            "reach_detail",
            "reach_checked_at",
            "archived_at",
            "created_at",
        ]
        read_only_fields = fields

    def get_webhook_secret(self, project: Project) -> str | None:
        """For maintainers only; null for others."""
        secrets: dict[int, str] = self.context["webhook_secrets"]
        return secrets.get(project.scope_id)


def shown(projects: list[Project], user: User) -> Any:
    """The projects as `user` may see them, each loaded with its scope."""
    roles = roles_on(user, [project.scope for project in projects])
    allowed = [scope_id for scope_id, role in roles.items() if allows(role, "project.webhook")]
    context = {"webhook_secrets": Secret.values_of(allowed, "webhook.secret")}
    return ProjectSerializer(projects, many=True, context=context).data


class NewProject(Input):
    slug = serializers.CharField(
        max_length=63, validators=[RegexValidator(rf"^{SLUG}\Z", "Use lower-case letters, digits and hyphens.")]
    )
    name = serializers.CharField(max_length=100, required=False, help_text="By default the slug.")
    git_url = serializers.CharField(max_length=500, validators=[check_git_url])
    default_branch = serializers.CharField(max_length=200, required=False, default="main", validators=[branch_name])


class ProjectChanges(Input):
    name = serializers.CharField(max_length=100, required=False)
    git_url = serializers.CharField(max_length=500, required=False, validators=[check_git_url])
    default_branch = serializers.CharField(max_length=200, required=False, validators=[branch_name])


class CredentialSerializer(serializers.Serializer[Any]):
    """How a project signs in to its repository. What is secret of it is never given back."""

    kind = serializers.ChoiceField([kind.value for kind in Kind])
    username = serializers.CharField(allow_blank=True)
    public_key = serializers.CharField(allow_blank=True, help_text="What the forge is given as a deploy key.")


class NewCredential(Input):
    kind = serializers.ChoiceField([kind.value for kind in Kind])
    username = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    password = serializers.CharField(
        required=False, allow_blank=True, default="", trim_whitespace=False, max_length=2000, write_only=True
    )
    private_key = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        trim_whitespace=False,
        max_length=20_000,
        write_only=True,
        help_text="Without a passphrase. When empty, an Ed25519 key is made.",
    )


class MemberSerializer(serializers.ModelSerializer[Membership]):
    username = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = Membership
        fields = ["username", "role", "created_at"]
        read_only_fields = fields


class NewRole(Input):
    role = serializers.ChoiceField(Role.choices)
