"""The bare copy of a project's repository from which pipeline files are read and jobs are checked out."""

import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from projects import addresses, git
from projects.credentials import credential_of
from projects.faults import GitFailed
from projects.locking import exclusive
from projects.models import Project
from projects.refs import PART_OF_COMMIT, is_commit, is_ref_name

FETCH_TIMEOUT = 1800.0
"""Seconds for one fetch; the first one brings the whole repository."""

EVERYTHING = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")


@dataclass(frozen=True)
class Commit:
    """`message` is whole; `time` is when it was committed, in UTC."""

    sha: str
    author_name: str
    author_email: str
    message: str
    time: datetime


class Mirror:
    """What of `project`'s repository is on this machine. Every method raises GitFailed.

    `fetch` is exclusive between threads and processes; the others read, at any time, what is there. A mirror can be
    deleted whenever nothing uses it: the next fetch makes it again.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        folder = settings.VAR / "mirrors"
        self.path: Path = folder / f"{project.pk}.git"
        self._lock: Path = folder / f"{project.pk}.lock"

    # --- bringing it up to date ---

    def fetch(
        self,
        *,
        wanted: str | None = None,
        ref: str | None = None,
        wait: float = FETCH_TIMEOUT,
        stop: threading.Event | None = None,
    ) -> None:
        """Bring all branches and tags; what is gone there goes here.

        wanted: a full commit id that is needed. Nothing is fetched when it is here already. When no branch or tag
        leads to it, `ref` (such as `refs/pull/12/head`) and then the commit itself are asked for; `has` then says
        whether it came. wait: seconds to wait for another fetch of the same project. `git.Stopped` when `stop` is set.
        """
        for name in (wanted, ref):
            if name and not is_commit(name) and not (name.startswith("refs/") and is_ref_name(name)):
                raise GitFailed(f"“{name[:80]}” cannot be a commit or a ref.")
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with exclusive(self._lock, wait=wait, stop=stop) as held:
                self._prepare()
                if not (wanted and self.has(wanted)):
                    self._fetch(wanted, ref, held, stop)
        except TimeoutError:
            if stop is not None and stop.is_set():
                raise git.Stopped from None
            raise GitFailed(
                "Another fetch of this repository is still running.", "It will be tried again.", transient=True
            ) from None

    def _fetch(self, wanted: str | None, ref: str | None, held: int, stop: threading.Event | None) -> None:
        try:
            self._bring(EVERYTHING, held, stop, prune=True)
        except GitFailed as failure:
            if not failure.corrupt:
                raise
            self._make()
            self._bring(EVERYTHING, held, stop, prune=True)
        if not wanted:
            return
        for name in (ref, wanted):
            if name and not self.has(wanted):
                try:
                    self._bring([name], held, stop)
                except GitFailed as failure:
                    if failure.transient:
                        raise

    def _bring(self, what: Sequence[str], held: int, stop: threading.Event | None, *, prune: bool = False) -> None:
        url = self._url()
        options = ["--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]
        git.run(
            ["fetch", *options, *(["--prune"] if prune else []), "--end-of-options", url, *what],
            at=self.path,
            url=url,
            credential=credential_of(self.project),
            timeout=FETCH_TIMEOUT,
            stop=stop,
            keep_open=[held],
        )

    def _url(self) -> str:
        """The project's URL, looked at again: what the operator allows may have changed since it was saved."""
        try:
            addresses.parse(self.project.git_url)
        except ValidationError as error:
            raise GitFailed(error.messages[0]) from None
        return self.project.git_url

    def _prepare(self) -> None:
        """Make the mirror if it is not there, not whole, or of another repository. The lock is held."""
        try:
            kept = git.run(["config", "--get", "keelway.url"], at=self.path).decode().removesuffix("\n")
        except GitFailed:
            kept = ""
        if kept != self.project.git_url:
            self._make()
        # Nobody else is in here, so a lock file is what a killed Git left behind.
        for left in (*self.path.glob("*.lock"), *(self.path / "refs").rglob("*.lock")):
            left.unlink(missing_ok=True)

    def _make(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        # A HEAD that no fetched branch can be, so that every branch may be pruned.
        git.run(["init", "--quiet", "--bare", "--template=", "--initial-branch=keelway/none", str(self.path)])
        wanted = {
            "uploadpack.allowAnySHA1InWant": "true",
            # What a force push threw away can still be built again for a while.
            "gc.pruneExpire": "90.days.ago",
            "keelway.url": self.project.git_url,
        }
        for name, value in wanted.items():
            git.run(["config", name, value], at=self.path)

    # --- reading ---

    def has(self, commit: str) -> bool:
        """Whether the full commit id (or annotated tag's) `commit` is here."""
        return is_commit(commit) and self._parsed(f"{commit}^{{commit}}") is not None

    def resolve(self, *, branch: str = "", tag: str = "", commit: str = "") -> str:
        """The full id of the commit that one of the three leads to. A commit may be cut down to 7 characters."""
        if commit:
            found = self._parsed(f"{commit}^{{commit}}") if PART_OF_COMMIT.match(commit) else None
            if found:
                return found
            raise GitFailed(
                f"Commit {commit[:64]} is not in the repository.",
                "Was it pushed? A force push may have thrown it away; one that is cut short may be ambiguous.",
            )
        kind, name, folder = ("tag", tag, "tags") if tag else ("branch", branch, "heads")
        found = self._parsed(f"refs/{folder}/{name}^{{commit}}") if is_ref_name(name) else None
        if found:
            return found
        raise GitFailed(f"The repository has no {kind} “{name[:80]}”.", self._others(kind, folder))

    def branches(self) -> list[str]:
        """Names of all branches, the one that changed last first."""
        return self._names("heads")

    def is_ancestor(self, earlier: str, later: str) -> bool:
        """Whether `later` builds on `earlier`; False too when one of them is not here."""
        if not (self.has(earlier) and self.has(later)):
            return False
        try:
            git.run(["merge-base", "--is-ancestor", earlier, later], at=self.path)
        except GitFailed:
            return False
        return True

    def commit(self, commit: str) -> Commit:
        """Who made the commit with the full id `commit`, when, and what was said of it."""
        layout = "--format=%H%x00%an%x00%ae%x00%ct%x00%B"
        output = git.run(["log", "-1", "--no-show-signature", layout, self._full(commit), "--"], at=self.path)
        sha, name, email, seconds, message = output.decode(errors="replace").split("\0", 4)
        return Commit(sha, name, email, message.strip(), datetime.fromtimestamp(int(seconds), UTC))

    def read(self, commit: str, path: str, limit_bytes: int) -> bytes | None:
        """The file `path` at the full id `commit`; None when there is none. GitFailed when it is larger than
        `limit_bytes`, or no regular file."""
        listing = git.run(["--literal-pathspecs", "ls-tree", "-l", "-z", self._full(commit), "--", path], at=self.path)
        if not listing:
            return None
        mode, kind, blob, size = listing.decode(errors="replace").partition("\t")[0].split()
        if kind != "blob" or mode == "120000":
            raise GitFailed(f"{path} is not a regular file.", "Commit it as a file: links and folders are not read.")
        if int(size) > limit_bytes:
            raise GitFailed(f"{path} has {int(size):,} bytes; at most {limit_bytes:,} are read.")
        return git.run(["cat-file", "blob", blob], at=self.path, most=limit_bytes)

    # --- giving a job its own copy ---

    def checkout(
        self, commit: str, into: Path, *, branch: str = "", depth: int = 20, stop: threading.Event | None = None
    ) -> None:
        """A repository of its own in the folder `into` (made if need be), at `commit` with the last `depth` commits.

        Its objects are copies: a job is root in its container, and through a hard link it could write to the mirror.
        HEAD is detached; a local branch `branch` and the remote `origin` exist as after a clone. Everyone may write
        everywhere in it, whoever the container's user is. Nothing of the repository is run: no hook, no filter, no
        submodule. `git.Stopped` when `stop` is set.
        """
        full = self._full(commit)
        here: dict[str, Any] = {"at": into / ".git", "umask": 0, "stop": stop, "timeout": FETCH_TIMEOUT}
        # Lost with the machine, it would only be made again.
        here |= {"core__fsync": "none", "gc__auto": "0", "protocols": ("file",)}
        git.run(["init", "--quiet", "--template=", "--initial-branch=keelway/none", str(into)], umask=0, stop=stop)
        into.chmod(0o777)
        shallow = ["--quiet", "--no-tags", "--no-write-fetch-head", f"--depth={int(depth)}"]
        git.run(["fetch", *shallow, self.path.absolute().as_uri(), full], **here)
        for name, value in (("url", self.project.git_url), ("fetch", "+refs/heads/*:refs/remotes/origin/*")):
            git.run(["config", f"remote.origin.{name}", value], **here)
        if is_ref_name(f"refs/heads/{branch}"):
            for ref in (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"):
                git.run(["update-ref", ref, full], **here)
        git.run([f"--work-tree={into}", "checkout", "--quiet", "--force", "--detach", full], **here)

    # --- Git's words ---

    def _full(self, commit: str) -> str:
        if not is_commit(commit):
            raise GitFailed(f"“{commit[:80]}” is not a full commit id.")
        found = self._parsed(f"{commit}^{{commit}}")
        if found is None:
            raise GitFailed(
                f"Commit {commit} is not in the repository.", "Was it pushed? A force push may have thrown it away."
            )
        return found

    def _parsed(self, revision: str) -> str | None:
        try:
            output = git.run(["rev-parse", "--verify", "--quiet", "--end-of-options", revision], at=self.path)
        except GitFailed:
            return None
        return output.decode().strip() or None

    def _names(self, folder: str) -> list[str]:
        output = git.run(
            ["for-each-ref", "--sort=-committerdate", "--format=%(refname)", f"refs/{folder}"], at=self.path
        )
        return [line.removeprefix(f"refs/{folder}/") for line in output.decode(errors="replace").splitlines()]

    def _others(self, kind: str, folder: str) -> str:
        return listed(kind, self._names(folder))


def listed(kind: str, names: Sequence[str]) -> str:
    """What there is instead: the first ten of `names` (branches or tags) in a sentence."""
    if not names:
        return f"It has no {'branches' if kind == 'branch' else 'tags'} at all yet."
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"It has {', '.join(names[:10])}{more}."
