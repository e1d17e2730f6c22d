"""Loaded as a pytest plugin before Django reads its settings: tests never touch the state of an installation.

`bin/test` brings Redis and PostgreSQL. Pytest run by itself has SQLite, and a Redis that is started here.
"""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile


def _own_redis() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", os.environ["KEELWAY_VAR"]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    atexit.register(server.terminate)
    return f"redis://127.0.0.1:{port}/0"


os.environ["KEELWAY_VAR"] = tempfile.mkdtemp(prefix="keelway-test-")
atexit.register(shutil.rmtree, os.environ["KEELWAY_VAR"], ignore_errors=True)
os.environ["KEELWAY_ALLOW_LOCAL_GIT"] = "1"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's synchronous interface runs a loop of its own
if "REDIS_URL" not in os.environ:
    os.environ["REDIS_URL"] = _own_redis()
