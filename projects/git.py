"""The one way to run Git."""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from projects.access import NOBODY, Credential, environment
from projects.faults import GitFailed, explain

log = structlog.get_logger()

MOST_OUTPUT = 32 * 1024**2
"""Bytes of standard output that a run may make; a server may answer anything."""

_KEPT_ERRORS = 16 * 1024
_GRACE = 2.0


class Stopped(Exception):
    """The caller's `stop` was set while Git ran."""


def run(
    arguments: Sequence[str],
    *,
    at: Path | None = None,
    url: str = "",
    credential: Credential = NOBODY,
    protocols: tuple[str, ...] = (),
    timeout: float = 60,
    stop: threading.Event | None = None,
    umask: int = 0o077,
    keep_open: Sequence[int] = (),
    most: int = MOST_OUTPUT,
    **settings: str,
) -> bytes:
    """Run `git ARGUMENTS` on the repository `at` and return its standard output.

    `url` and `credential` are for runs that speak to a server. `timeout` is in seconds; at its end, or when `stop` is
    set, Git and all that it started are killed. `keep_open` are descriptors for it to inherit. `settings` are
    configuration, `section__key` for `section.key`. Raises GitFailed, and Stopped when `stop` was set.

    Names and ids among the arguments are the caller's to check with `projects.refs`.
    """
    command = ["git", *([f"--git-dir={at}"] if at else []), *arguments]
    with environment(credential, url=url, protocols=protocols, **settings) as env:
        try:
            process = subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                umask=umask,
                pass_fds=tuple(keep_open),
            )
        except OSError as error:
            raise GitFailed("Git could not be started.", "Install Git on the server.", str(error)) from error
        try:
            output, errors = _follow(process, time.monotonic() + timeout, stop, most)
        except BaseException as error:
            end(process)
            if not isinstance(error, TimeoutError):
                raise
            raise GitFailed(
                f"Git did not finish within {timeout:.0f} seconds.",
                "The repository's server may be slow or far away. Try again.",
                transient=True,
            ) from None
        finally:
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
    if process.returncode == 0:
        return output
    said = without_credentials(errors.decode(errors="replace"), credential)
    if said.strip():  # some questions are answered by the exit code alone
        log.info("git.failed", arguments=list(arguments[:2]), code=process.returncode, said=said[-500:])
    raise explain(said, url, credential.kind)


def _follow(
    process: subprocess.Popen[bytes], deadline: float, stop: threading.Event | None, most: int
) -> tuple[bytes, bytes]:
    output, errors = bytearray(), bytearray()
    with selectors.DefaultSelector() as waiting:
        for stream in (process.stdout, process.stderr):
            if stream:
                waiting.register(stream, selectors.EVENT_READ)
        while waiting.get_map() or process.poll() is None:
            if stop is not None and stop.is_set():
                raise Stopped
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if not waiting.get_map():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(min(left, 0.1))
                continue
            for ready, _ in waiting.select(min(left, 0.1 if stop is not None else left)):
                piece = os.read(ready.fd, 65536)
                if not piece:
                    waiting.unregister(ready.fileobj)
                elif ready.fileobj is process.stdout:
                    output += piece
                else:
                    errors += piece
                    del errors[:-_KEPT_ERRORS]
            if len(output) > most:
                raise GitFailed(f"Git's answer is larger than {most:,} bytes.", "This repository is too large to read.")
    return bytes(output), bytes(errors)


def end(process: subprocess.Popen[bytes]) -> None:
    """End `process` and everything in its session; Git gets a moment to remove its own lock files."""
    _signal(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    # Also when Git itself is gone: an ssh that it started may ignore the first signal.
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def without_credentials(text: str, credential: Credential) -> str:
    """`text` without the password, and without what stands between `//` and `@` in any URL."""
    if credential.password:
        text = text.replace(credential.password, "***")
    return re.sub(r"(?<=://)[^/\s@]+@", "", text)
