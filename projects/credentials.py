"""How a project signs in to its repository: one encrypted secret of its scope."""

import json

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from events.bus import emit
from projects.access import NOBODY, Credential, Kind
from projects.faults import GitFailed
from projects.models import Project
from vault.crypto import CannotOpen
from vault.models import Secret

NAME = "git.credential"

__all__ = ["Credential", "Kind", "credential_of", "public_key", "set_credential"]


def credential_of(project: Project) -> Credential:
    """The credential in force; `NOBODY` when there is none. GitFailed when this server's key does not open it."""
    try:
        kept = Secret.value_of(project.scope, NAME)
    except CannotOpen as error:
        remedy = "Enter the credential again in the project's settings."
        raise GitFailed(f"The project's credential does not open: {error}.", remedy) from None
    if kept is None:
        return NOBODY
    fields = json.loads(kept)
    return Credential(**(fields | {"kind": Kind(fields["kind"])}))


def public_key(project: Project) -> str:
    """The line to paste at the forge as a deploy key; empty when the project has no SSH key."""
    return credential_of(project).public_key


def set_credential(
    project: Project, *, kind: str, by: User, username: str = "", password: str = "", private_key: str = ""
) -> Credential:
    """Put another credential in force and check at once whether the repository can be reached with it.

    `none` takes nothing, `password` both a user name and a password or token. `ssh_key` takes a private key without
    a passphrase, or none: then an Ed25519 key is made. ValidationError names the field that is wrong.
    """
    from projects.reach import request_reach_check

    credential = _made(kind, username.strip(), password, private_key)
    with transaction.atomic():
        if credential.kind == Kind.NONE:
            Secret.remove(project.scope, NAME)
        else:
            Secret.put(project.scope, NAME, _as_json(credential), by=by)
        emit(
            "projects.project.credential_changed",
            subject=project.topic,
            data={"kind": credential.kind, "by": by.username},
            topics=[project.topic],
        )
        request_reach_check(project)
    return credential


def _as_json(credential: Credential) -> str:
    names = ("kind", "username", "password", "private_key", "public_key")
    return json.dumps({name: getattr(credential, name) for name in names})


def _made(kind: str, username: str, password: str, private_key: str) -> Credential:
    if kind == Kind.NONE:
        return NOBODY
    if kind == Kind.PASSWORD:
        for name, value in (("username", username), ("password", password)):
            if not value:
                raise ValidationError({name: "Give both a user name and a password or token."})
            if not value.isprintable() or len(value) > 2000:
                raise ValidationError({name: "This has a line end or another character that cannot be sent."})
        return Credential(Kind.PASSWORD, username=username, password=password)
    if kind == Kind.SSH_KEY:
        key = _read_key(private_key) if private_key.strip() else Ed25519PrivateKey.generate()
        private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption()).decode()
        public = key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode()
        return Credential(Kind.SSH_KEY, private_key=private, public_key=f"{public} keelway")
    raise ValidationError({"kind": f"Choose one of {', '.join(Kind)}."})


def _read_key(text: str) -> PrivateKeyTypes:
    if "PUBLIC KEY" in text or text.lstrip().startswith(("ssh-", "ecdsa-")):
        raise ValidationError({"private_key": "This is a public key. Paste the private one, or let Keelway make one."})
    raw = ("\n".join(line.strip() for line in text.strip().splitlines()) + "\n").encode()
    read = form.load_ssh_private_key if b"OPENSSH PRIVATE KEY" in raw else form.load_pem_private_key
    try:
        return read(raw, password=None)
    except TypeError:
        raise ValidationError(
            {"private_key": "This key has a passphrase, which nobody could type in here. Use one without."}
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValidationError(
            {"private_key": "This is not a private key that can be read. It begins with “-----BEGIN”."}
        ) from None
