"""What every forge's module gives: who sent a webhook, whether it is genuine, and what it asks for."""

import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from projects.refs import PART_OF_COMMIT, is_commit, is_nothing, is_ref_name


class Malformed(Exception):
    """The body is not what its forge sends. The text says what is wrong, for whoever set the webhook up."""


@dataclass(frozen=True)
class Incoming:
    """A request as it came. Names of `headers` are in lower case; `body` is raw, for that is what is signed."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """The header `name`, in lower case; empty when it was not sent."""
        return self.headers.get(name, "").strip()


class Signature(StrEnum):
    GOOD = "good"
    MISSING = "missing"
    WRONG = "wrong"


class Kind(StrEnum):
    PUSH = "push"
    TAG = "tag"
    PULL_REQUEST = "pull_request"


@dataclass(frozen=True)
class Push:
    """One thing to build.

    `commit` is a full id, or an annotated tag's; some forges cut a pull request's to 12 characters. `ref` is where it
    can be fetched from when no branch leads to it. `before` is the id that the branch had, empty when unknown.
    `link` is an https page of the commit, or empty. Who wrote it and why is read from Git, which knows best.
    """

    kind: Kind
    commit: str
    ref: str
    branch: str = ""
    tag: str = ""
    pull_request: str = ""
    before: str = ""
    forced: bool = False
    link: str = ""


@dataclass(frozen=True)
class Reading:
    """What a genuine webhook says: what to build, and a sentence for each thing that is not built and why.

    `repositories` are the URLs by which the forge knows the repository; empty when it does not say.
    """

    pushes: tuple[Push, ...] = ()
    notes: tuple[str, ...] = ()
    ping: bool = False
    repositories: tuple[str, ...] = ()


class Forge(ABC):
    """One kind of sender. Stateless; every method is pure."""

    name: str
    """As kept in `Delivery.forge`."""
    title: str
    steps: tuple[str, ...]
    """Where people paste the project's webhook URL and secret, a sentence each."""
    secret_field: str
    """Where the forge keeps the secret, for those who look for what is wrong with it."""

    @abstractmethod
    def claims(self, incoming: Incoming) -> bool:
        """Whether it was this forge that sent it, by its headers."""

    @abstractmethod
    def verify(self, incoming: Incoming, secret: str) -> Signature:
        """Whether who sent it knows `secret`, in a time that does not tell how nearly."""

    @abstractmethod
    def event(self, incoming: Incoming) -> str:
        """The forge's own word for what happened, from its headers."""

    @abstractmethod
    def delivery_id(self, incoming: Incoming) -> str:
        """The forge's id of the delivery, the same when it sends it again; empty when it has none."""

    @abstractmethod
    def read(self, event: str, payload: dict[str, Any]) -> Reading:
        """What `payload` says. Malformed when a field that is needed is missing or not what it should be."""

    def payload(self, incoming: Incoming) -> dict[str, Any]:
        """The JSON object in the body, which may come as the field `payload` of a form."""
        body = incoming.body
        if incoming.header("content-type").lower().startswith("application/x-www-form-urlencoded"):
            try:
                fields = parse_qs(body.decode(), max_num_fields=20)
            except ValueError:
                raise Malformed("The form in the body cannot be read.") from None
            if "payload" not in fields:
                raise Malformed("The form in the body has no field “payload”. Choose JSON as the content type.")
            body = fields["payload"][0].encode()
        try:
            found = json.loads(body)
        except json.JSONDecodeError as error:
            raise Malformed(
                f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
            ) from None
        except (ValueError, RecursionError):
            raise Malformed("The body is not JSON in UTF-8 that can be read.") from None
        if not isinstance(found, dict):
            raise Malformed("The body is JSON, but not an object.")
        return found


# --- signatures ---


def same(given: str, expected: str) -> Signature:
    """Compare in constant time. An empty `expected` is never met, an empty `given` is no signature at all."""
    if not given:
        return Signature.MISSING
    if expected and hmac.compare_digest(given.encode(), expected.encode()):
        return Signature.GOOD
    return Signature.WRONG


def signed(given: str, body: bytes, secret: str, *, prefix: str = "") -> Signature:
    """Whether `given` is `prefix` and the HMAC-SHA256 of `body` in hexadecimal."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return same(given.lower(), prefix + digest if secret else "")


# --- fields of a payload, which may be of any shape ---


def at(node: Any, *path: str) -> Any:
    """What lies at `path`; None when it, or anything on the way, is not there."""
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node


def text(node: Any, *path: str) -> str:
    """A single line of text; empty when there is none, or it holds what has no place in a line (or a database)."""
    found = at(node, *path)
    return found if isinstance(found, str) and found.isprintable() else ""


def number(node: Any, *path: str) -> str:
    """A whole number as text; empty when there is none."""
    found = at(node, *path)
    return str(found) if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 10**18 else ""


def items(node: Any, *path: str) -> list[dict[str, Any]]:
    found = at(node, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def urls(node: Any, *names: str) -> tuple[str, ...]:
    return tuple(url for name in names if (url := text(node, name)))


def https_only(url: str) -> str:
    """`url` if it may stand in a link, else empty."""
    try:
        fine = urlsplit(url).scheme == "https" and url.isprintable() and " " not in url and len(url) <= 1000
    except ValueError:
        return ""
    return url if fine else ""


# --- what a change asks for ---


def moved(ref: str, before: str, after: str, *, commit: str = "", forced: bool = False, link: str = "") -> Push | str:
    """What the move of `ref` from `before` to `after` asks for: a Push, or the sentence why there is nothing to build.

    `commit` is what an annotated tag leads to, where the forge says so.
    """
    if not ref.startswith("refs/") or not is_ref_name(ref):
        raise Malformed(f"“ref” should be the full name of a branch or tag, as in refs/heads/main; found “{ref[:80]}”.")
    if not is_commit(after) or (before and not is_commit(before)):
        raise Malformed("“before” and “after” should be full commit ids of 40 or 64 hexadecimal digits.")
    kind, _, name = ref.removeprefix("refs/").partition("/")
    if kind not in {"heads", "tags"}:
        return f"“{ref}” is neither a branch nor a tag, so nothing was built."
    if is_nothing(after):
        return f"The {'branch' if kind == 'heads' else 'tag'} “{name}” was deleted, so there is nothing to build."
    known = "" if is_nothing(before) else before
    target = commit if is_commit(commit) else after
    link = https_only(link)
    if kind == "tags":
        return Push(Kind.TAG, target, ref, tag=name, before=known, link=link)
    return Push(Kind.PUSH, target, ref, branch=name, before=known, forced=forced, link=link)


def proposed(number: str, commit: str, *, ref: str, branch: str, from_fork: bool, link: str) -> Push | str:
    """What a pull request with new commits asks for: a Push, or the sentence why it is not built."""
    if not number or not PART_OF_COMMIT.match(commit):
        raise Malformed("The pull request lacks its number, or the id of its last commit.")
    if from_fork:
        return (
            f"Pull request #{number} comes from a fork, so anyone may have written it. Such builds need an approval, "
            "which this version does not have yet. To build it now, push its branch to this repository."
        )
    if ref and not is_ref_name(ref):
        raise Malformed("The pull request's ref has no valid name.")
    branch = branch if is_ref_name(branch) else ""
    return Push(Kind.PULL_REQUEST, commit, ref, branch=branch, pull_request=number, link=https_only(link))


def reading(found: list[Push | str], repositories: tuple[str, ...]) -> Reading:
    return Reading(
        pushes=tuple(item for item in found if isinstance(item, Push)),
        notes=tuple(item for item in found if isinstance(item, str)),
        repositories=repositories,
    )


def unknown(event: str, repositories: tuple[str, ...] = ()) -> Reading:
    note = f"Keelway does nothing at “{event[:80]}”. It builds pushes, tags and pull requests."
    return Reading(notes=(note,), repositories=repositories)
