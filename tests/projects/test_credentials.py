"""How a project signs in is kept encrypted, and nobody is ever shown more than the public half."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.core.exceptions import ValidationError

from accounts.models import User
from events.models import Event
from projects.access import NOBODY
from projects.credentials import credential_of, public_key, set_credential
from projects.models import Project
from vault.models import SecretVersion

pytestmark = pytest.mark.django_db


def test_a_project_has_none_at_first(project: Project) -> None:
    assert credential_of(project) == NOBODY
    assert public_key(project) == ""


def test_a_password_is_kept_encrypted_and_in_no_event(project: Project, alice: User) -> None:
    set_credential(project, kind="password", username="ci", password="tok-123456", by=alice)

    assert credential_of(project).password == "tok-123456"
    assert not any(b"tok-123456" in bytes(version.ciphertext) for version in SecretVersion.objects.all())
    assert "tok-123456" not in str([event.data for event in Event.objects.all()])


def test_a_key_is_made_when_none_is_given(project: Project, alice: User, tmp_path: Path) -> None:
    set_credential(project, kind="ssh_key", by=alice)

    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(credential_of(project).private_key)
    derived = subprocess.run(["ssh-keygen", "-y", "-f", str(path)], capture_output=True, text=True, check=True).stdout
    assert derived.split()[:2] == public_key(project).split()[:2]
    assert public_key(project).startswith("ssh-ed25519 ")


def test_a_pasted_key_may_have_another_format_and_line_ends(project: Project, alice: User) -> None:
    key = generate_private_key(65537, 2048)
    old = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption()).decode()

    set_credential(project, kind="ssh_key", private_key=old.replace("\n", "\r\n").strip(), by=alice)

    assert public_key(project).startswith("ssh-rsa ")
    assert "\r" not in credential_of(project).private_key


def test_a_key_that_cannot_be_used_is_refused_with_the_reason(project: Project, alice: User) -> None:
    key = generate_private_key(65537, 2048)
    locked = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"pass"))

    for text, reason in [
        (locked.decode(), "has a passphrase"),
        ("ssh-ed25519 AAAA", "is a public key"),
        ("hello", "not a private key"),
    ]:
        with pytest.raises(ValidationError, match=reason):
            set_credential(project, kind="ssh_key", private_key=text, by=alice)


def test_a_password_without_its_user_name_is_refused(project: Project, alice: User) -> None:
    with pytest.raises(ValidationError, match="both"):
        set_credential(project, kind="password", password="x", by=alice)
    with pytest.raises(ValidationError, match="line end"):
        set_credential(project, kind="password", username="a", password="x\nhost=evil.example", by=alice)


def test_it_can_be_taken_away(project: Project, alice: User) -> None:
    set_credential(project, kind="ssh_key", by=alice)
    set_credential(project, kind="none", by=alice)

    assert credential_of(project) == NOBODY


def test_a_new_credential_is_tried_at_once(project: Project, alice: User) -> None:
    set_credential(project, kind="ssh_key", by=alice)

    project.refresh_from_db()
    assert project.reach == Project.Reach.CHECKING
