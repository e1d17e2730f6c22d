"""Which Git URLs a project may have, decided on the text alone."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

# user@host:path, as `git clone` takes it; the path may not look like an option or hold white space.
_SCP = re.compile(r"^(?P<user>[A-Za-z0-9_][A-Za-z0-9._-]*)@(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?P<path>[^\s-][^\s]*)$")
_FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Address:
    """protocol is `https`, `ssh` or `file`; host is empty for `file`."""

    protocol: str
    host: str


def parse(url: str) -> Address:
    """What `url` speaks and to whom. ValidationError says what is wrong and what would be right."""
    if _FORBIDDEN.search(url):
        raise ValidationError("A Git URL has no spaces or control characters.", code="invalid")
    if url.startswith(("/", "file://")):
        if not settings.ALLOW_LOCAL_GIT:
            raise ValidationError(
                "Repositories on this server's own disk are not allowed. The operator can allow them with "
                "KEELWAY_ALLOW_LOCAL_GIT=1.",
                code="local",
            )
        path = url.removeprefix("file://")
        if not path.startswith("/") or "/../" in f"{path}/":
            raise ValidationError("A local repository needs an absolute path, as in file:///srv/git/shop.git.")
        return Address("file", "")
    scp = _SCP.match(url)
    if scp and "://" not in url:
        return Address("ssh", scp["host"].lower())
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise ValidationError("This is not a URL that Git can read.", code="invalid") from None
    if parts.scheme not in {"https", "ssh"}:
        raise ValidationError(
            "Use https://host/path.git, ssh://git@host/path.git or git@host:path.git.", code="protocol"
        )
    if not host or host.startswith("-") or len(parts.path.strip("/")) == 0:
        raise ValidationError("The URL names no host or no repository, as in https://host/team/shop.git.")
    if parts.password is not None or (parts.scheme == "https" and parts.username):
        raise ValidationError(
            "Leave user name and password out of the URL: they are kept encrypted in the fields below.",
            code="credentials",
        )
    return Address(parts.scheme, host.lower())


def check_git_url(url: str) -> None:
    """Validator of `Project.git_url`."""
    parse(url)
