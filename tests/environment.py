"""Loaded as a pytest plugin before Django reads its settings: tests never touch the state of an installation."""

import os
import tempfile

if "PYTEST_XDIST_WORKER" not in os.environ or "KEELWAY_VAR" not in os.environ:
    os.environ["KEELWAY_VAR"] = tempfile.mkdtemp(prefix="keelway-test-")
os.environ["KEELWAY_ALLOW_LOCAL_GIT"] = "1"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's synchronous interface runs a loop of its own
