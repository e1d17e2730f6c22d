"""What Git is given so that it can get at a repository: protocols, credentials, and nothing of the server's own.

The environment is built from nothing, so that no configuration, key or password of the account that runs the server
reaches a repository that a user chose.
"""

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings


class Kind(StrEnum):
    NONE = "none"
    PASSWORD = "password"  # noqa: S105  the name of a kind
    SSH_KEY = "ssh_key"


@dataclass(frozen=True)
class Credential:
    """Who we are to a repository. `password` is also a token; `private_key` is in OpenSSH's format and ends in a line
    end; `public_key` is the line that the forge is given."""

    kind: Kind = Kind.NONE
    username: str = ""
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    public_key: str = ""


NOBODY = Credential()

# A proxy and the certificates to trust are the machine's; all else of the environment stays out.
_PASSED_ON = (
    *("PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"),
    *("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "all_proxy", "no_proxy"),
)

# The password stays in the environment of Git's own processes: arguments can be read by everyone on the machine.
_HELPER = (
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" '
    '"$KEELWAY_GIT_USERNAME" "$KEELWAY_GIT_PASSWORD"; }; f'
)

_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    # A collection that went on by itself would outlive the time limit and the lock on the mirror.
    "gc.autoDetach": "false",
    "maintenance.autoDetach": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
    "advice.detachedHead": "false",
}


@contextmanager
def environment(
    credential: Credential = NOBODY, *, url: str = "", protocols: tuple[str, ...] = (), **extra: str
) -> Iterator[dict[str, str]]:
    """The whole environment of one run of Git, with `credential` for the host of `url` and no other.

    protocols: which transports may be used; by default those that a project's URL may have.
    extra: configuration, `section__key` for `section.key`.
    """
    allowed = protocols or (("https", "ssh", "file") if settings.ALLOW_LOCAL_GIT else ("https", "ssh"))
    env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    env |= {
        "HOME": os.devnull,  # where a .netrc would be looked for
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(_global_config()),
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": ":".join(allowed),
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
    }
    config = [*_SETTINGS.items(), *((name.replace("__", "."), value) for name, value in extra.items())]
    if credential.kind == Kind.PASSWORD and url.startswith("https://"):
        # Bound to the host: a server that redirects elsewhere does not get the password sent there.
        config.append((f"credential.https://{urlsplit(url).netloc}.helper", _HELPER))
        env |= {"KEELWAY_GIT_USERNAME": credential.username, "KEELWAY_GIT_PASSWORD": credential.password}
    env["GIT_CONFIG_COUNT"] = str(len(config))
    for number, (name, value) in enumerate(config):
        env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    with _key_file(credential) as key:
        env["GIT_SSH_COMMAND"] = shlex.join(ssh_command(key))
        env["GIT_SSH_VARIANT"] = "ssh"
        yield env


def ssh_command(key: Path | None) -> list[str]:
    """How Git calls ssh: with `key` or with no key at all, never asking, and remembering hosts on first sight."""
    known_hosts = settings.VAR / "known_hosts"
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "accept-new",
        "UserKnownHostsFile": f'"{known_hosts}"',
        "GlobalKnownHostsFile": os.devnull,
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "PubkeyAuthentication": "yes" if key else "no",
        "ConnectTimeout": "15",
        "ServerAliveInterval": "15",
        "ServerAliveCountMax": "4",
        "LogLevel": "ERROR",
    }
    given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    return ["ssh", "-F", os.devnull, *(["-i", str(key)] if key else []), *given]


def _global_config() -> Path:
    """A configuration file of our own. What the process that serves a local repository must know goes here: it does
    not see the configuration that is given by the environment."""
    path: Path = settings.VAR / "git.config"
    # The operator who allows local repositories also means those that belong to another account.
    wanted = "[safe]\n\tdirectory = *\n" if settings.ALLOW_LOCAL_GIT else ""
    if not path.exists() or path.read_text() != wanted:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as new:
            new.write(wanted)
        os.replace(new.name, path)
    return path


@contextmanager
def _key_file(credential: Credential) -> Iterator[Path | None]:
    """The private key as ssh wants it, in memory where there is such a place, for as long as it is used."""
    if credential.kind != Kind.SSH_KEY:
        yield None
        return
    memory = Path("/dev/shm")  # noqa: S108  mkdtemp makes a folder of our own in it
    folder = Path(tempfile.mkdtemp(prefix="keelway-", dir=memory if os.access(memory, os.W_OK) else settings.VAR))
    try:
        path = folder / "key"
        path.touch(mode=0o600)
        path.write_text(credential.private_key)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)
