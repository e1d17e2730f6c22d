"""From what Git says when it fails to what people should read."""

import re
from urllib.parse import urlsplit

from projects.access import Kind


class GitFailed(Exception):
    """Git could not do it. `reason` is a sentence for people, `remedy` what they can do, `detail` Git's own words
    without credentials. `transient`: trying again later may help. `corrupt`: our copy is broken, not theirs."""

    def __init__(
        self, reason: str, remedy: str = "", detail: str = "", *, transient: bool = False, corrupt: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.detail = detail
        self.transient = transient
        self.corrupt = corrupt

    def __str__(self) -> str:
        return f"{self.reason} {self.remedy}".strip()


def explain(said: str, url: str, kind: Kind) -> GitFailed:
    """The failure that Git's error output `said` tells of. `url` is the repository's, `kind` how we signed in."""
    host = host_of(url)
    for pattern, reason, remedy, transient in _FAULTS:
        if re.search(pattern, said, re.IGNORECASE):
            wanted = remedy or _sign_in(url, kind)
            return GitFailed(reason.format(host=host), wanted.format(host=host), last_words(said), transient=transient)
    if re.search(_CORRUPT, said, re.IGNORECASE | re.MULTILINE):
        return GitFailed(
            "The server's copy of the repository is damaged.",
            "It will be made anew; try again.",
            last_words(said),
            transient=True,
            corrupt=True,
        )
    return GitFailed(f"Git said: {last_words(said) or 'nothing'}", "", last_words(said))


def last_words(said: str) -> str:
    """The line that matters most of Git's error output, at most 300 characters."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "remote:"))]
    return (telling or lines or [""])[-1][:300]


def host_of(url: str) -> str:
    if "://" not in url and "@" in url:
        return url.partition("@")[2].partition(":")[0]
    return urlsplit(url).hostname or "the server"


def _sign_in(url: str, kind: Kind) -> str:
    """What to do when we were not let in."""
    if url.startswith("https://"):
        if kind == Kind.PASSWORD:
            return "Check the user name and the token: it may have expired or lack the right to read this repository."
        return "If it is private, give a user name and an access token in the project's settings."
    if kind == Kind.SSH_KEY:
        return "Add the project's public key to the repository at {host} as a deploy key with read access."
    return "Give the project an SSH key in its settings, and add its public half at {host} as a deploy key."


_NO_ROUTE = "Check the host in the Git URL, and that this server may reach it (DNS, proxy, firewall)."

# What Git, ssh and curl say with LC_ALL=C: a pattern, the reason, the remedy (empty: how to sign in), and whether it
# may pass by itself. The first that matches counts, so what tells most stands first.
_FAULTS: tuple[tuple[str, str, str, bool], ...] = (
    (
        r"host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED",
        "The SSH host key of {host} is not the one that it had before.",
        "If the host was really replaced, remove its line from known_hosts in the server's state folder and try again.",
        False,
    ),
    (
        r"could not resolve host|name or service not known|temporary failure in name resolution",
        "The host {host} was not found.",
        _NO_ROUTE,
        True,
    ),
    (r"connection refused", "{host} refused the connection.", _NO_ROUTE, True),
    (r"timed out|operation too slow", "{host} did not answer in time.", _NO_ROUTE, True),
    (
        r"no route to host|network is unreachable|failed to connect|couldn't connect",
        "{host} cannot be reached from here.",
        _NO_ROUTE,
        True,
    ),
    (
        r"SSL certificate|certificate verif|server certificate|gnutls_handshake|SSL_connect|self.signed",
        "The certificate of {host} is not trusted by this server.",
        "Install the authority's certificate on the server, or name its file in SSL_CERT_FILE.",
        False,
    ),
    (
        r"could not read Username|authentication failed|invalid username or|permission denied \(|"
        r"requested URL returned error: 40[13]|access denied",
        "{host} did not let us in.",
        "",
        False,
    ),
    (
        r"requested URL returned error: (5\d\d|429)",
        "{host} has a fault of its own at the moment.",
        "Try again later.",
        True,
    ),
    (
        r"transport '\w*' not allowed",
        "This kind of Git URL is not allowed on this server.",
        "Use https or ssh. The operator can allow repositories on this server's disk with KEELWAY_ALLOW_LOCAL_GIT=1.",
        False,
    ),
    (
        r"not our ref|couldn't find remote ref|unadvertised object",
        "The repository does not have what was asked for.",
        "Was the branch removed, or its history rewritten?",
        False,
    ),
    (
        r"repository .*not found|does not exist|does not appear to be a git repository|not a git repository|"
        r"requested URL returned error: 404|project you were looking for could not be found|not valid: is this a git",
        "There is no repository at this address, or it is hidden from us.",
        "Check the path in the Git URL, and the credentials if it is private.",
        False,
    ),
    (
        r"connection reset|connection closed|unexpected disconnect|early eof|hung up unexpectedly",
        "The connection to {host} broke.",
        "Try again later.",
        True,
    ),
    (
        r"no space left on device|disk quota exceeded",
        "The server's disk is full.",
        "Free some space, or give the state folder (KEELWAY_VAR) a larger disk.",
        True,
    ),
)

_CORRUPT = (
    r"^(?!remote:).*(object file .* is empty|loose object .* is corrupt|is corrupted|inflate: data stream error|"
    r"bad config|invalid sha1 pointer|missing blob|missing tree|unable to read|packfile .* (cannot|index)|bad object|"
    r"broken ref|reference broken|invalid index-pack|index file .* is too small)"
)
