"""Runs one job in a process of its own, which a test can kill: `python -m tests.builds.lone_worker JOB_ID`."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

import config  # noqa: F401

django.setup()

from builds import runner  # noqa: E402
from builds.lease import Keeper, worker_name  # noqa: E402

keeper = Keeper(worker_name(), 1)
keeper.start()
print("ready", flush=True)  # noqa: T201
runner.run(int(sys.argv[1]), keeper)
