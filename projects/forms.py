from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.roles import Role
from projects.access import Kind
from projects.models import Project

_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class ProjectForm(forms.ModelForm):
    class Meta:
        model = Project
        fields = ("name", "git_url", "default_branch")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "git_url": forms.TextInput(attrs={**_PLAIN, "class": "mono", "placeholder": "https://host/team/shop.git"}),
            "default_branch": forms.TextInput(attrs={**_PLAIN, "class": "mono"}),
        }
        help_texts = {
            "git_url": "As <code>git clone</code> takes it. Credentials go into fields of their own, encrypted."
        }


class NewProjectForm(ProjectForm):
    class Meta(ProjectForm.Meta):
        fields = ("name", "slug", "git_url", "default_branch")  # type: ignore[assignment]
        widgets = ProjectForm.Meta.widgets | {
            "name": forms.TextInput(attrs={"autocomplete": "off", "data-slug-to": "#id_slug", "autofocus": True}),
            "slug": forms.TextInput(attrs={**_PLAIN, "class": "mono"}),
        }
        help_texts = ProjectForm.Meta.help_texts | {"slug": "Its name in addresses. It cannot be changed later."}


class CredentialForm(forms.Form):
    kind = forms.ChoiceField(
        label="Sign in with",
        choices=[
            (Kind.NONE.value, "Nothing: the repository is public or local"),
            (Kind.PASSWORD.value, "A user name and a password or access token (https)"),
            (Kind.SSH_KEY.value, "An SSH key (ssh)"),
        ],
        widget=forms.RadioSelect,
    )
    username = forms.CharField(label="User name", max_length=200, required=False, widget=forms.TextInput(attrs=_PLAIN))
    password = forms.CharField(
        label="Password or token",
        max_length=2000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Kept encrypted, and never shown again.",
    )
    private_key = forms.CharField(
        label="Private key",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        help_text="Leave it empty and Keelway makes a pair: you only paste the public half at the forge.",
    )


class MemberForm(forms.Form):
    username = forms.CharField(label="User name", max_length=150, widget=forms.TextInput(attrs=_PLAIN))
    role = forms.ChoiceField(choices=Role.choices, initial=Role.DEVELOPER)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project

    def clean_username(self) -> User:
        name = str(self.cleaned_data["username"]).strip()
        person = User.objects.filter(username__iexact=name, is_active=True).first()
        if person is None:
            raise ValidationError(f"Nobody here is called “{name}”. An administrator adds people to the server first.")
        if person.memberships.filter(scope=self.project.scope).exists():
            raise ValidationError(f"{person.username} is a member already; change the role in the list.")
        return person
