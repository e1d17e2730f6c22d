"""Which processes make up an installation, and how supervisor is told to run them. Decides only; runs nothing."""

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from house.installation import ROOT, Installation

WATCHED = ["accounts", "builds", "config", "events", "monitoring", "pipelines", "projects", "secrets", "templates"]


@dataclass(frozen=True)
class Program:
    """One supervised process. They start in the order of `rank` and stop in the reverse order, one after the other."""

    name: str
    argv: Sequence[str]
    rank: int
    patience: int = 10
    """Seconds between asking it to stop and killing it."""
    stop_signal: str = "TERM"
    user: str = ""
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    quiet: bool = False
    """Its log is kept, and not shown beside the others'."""


def keelway(installation: Installation) -> list[Program]:
    """web, scheduler and worker. The worker stops first: what it runs may need all the others."""
    web = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", installation.host]
    web += [
        "--port",
        str(installation.port),
        "--no-access-log",
        "--lifespan",
        "off",
        "--timeout-graceful-shutdown",
        "5",
    ]
    if installation.reloading:
        web += ["--reload", *(part for room in WATCHED for part in ("--reload-dir", str(ROOT / room)))]
    return [
        Program("web", web, rank=40),
        Program("scheduler", _celery(installation, "scheduler", "default", 4), rank=50),
        Program("worker", _celery(installation, "jobs", "jobs", installation.slots), rank=60, patience=30),
    ]


def _celery(installation: Installation, name: str, queue: str, threads: int) -> list[str]:
    argv = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker", "-P", "threads", "-c", str(threads)]
    argv += ["-Q", queue, "-n", f"{name}@%h", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    if installation.reloading:
        folders = [str(ROOT / room) for room in WATCHED]
        return [sys.executable, "-m", "watchfiles", "--filter", "python", shlex.join(argv), *folders]
    return argv


def render(programs: Sequence[Program], var: Path, *, name: str) -> str:
    """The configuration file of the supervisor called `name`. Its log and pid file, and the programs' logs, lie below
    `var`."""
    sections = [
        _section(
            "supervisord",
            **({"user": "root"} if os.geteuid() == 0 else {}),  # told to stay what it is, it does not warn of it
            nodaemon="true",
            silent="true",
            logfile=var / "log" / f"{name}-supervisor.log",
            logfile_maxbytes="5MB",
            logfile_backups=1,
            pidfile=var / "run" / f"{name}-supervisor.pid",
        ),
        _section(
            "eventlistener:logs",
            command=shlex.join([sys.executable, "-P", str(Path(__file__).with_name("prefix.py"))]),
            directory=ROOT,
            events="PROCESS_LOG,PROCESS_STATE",
            buffer_size=10_000,
            # Its standard output speaks supervisor's protocol, so what people read goes to standard error,
            # and from there to the standard output of supervisord itself.
            stderr_logfile="/dev/fd/1",
            stderr_logfile_maxbytes=0,
            stdout_logfile="NONE",
        ),
    ]
    for program in programs:
        sections.append(
            _section(
                f"program:{program.name}",
                command=shlex.join([*dies_with_parent(), *program.argv]),
                directory=program.folder,
                priority=program.rank,
                autorestart="true",
                startsecs=2,
                startretries=3,
                stopsignal=program.stop_signal,
                stopwaitsecs=program.patience,
                killasgroup="true",
                redirect_stderr="true",
                stdout_logfile=var / "log" / f"{program.name}.log",
                stdout_logfile_maxbytes="10MB",
                stdout_logfile_backups=2,
                stdout_events_enabled=str(not program.quiet).lower(),
                **({"user": program.user} if program.user else {}),
                **({"environment": _environment(program.environment)} if program.environment else {}),
            )
        )
    return "\n".join(sections)


def dies_with_parent() -> list[str]:
    """A supervisor that is killed cannot stop its children: the kernel does it then."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


def _section(title: str, **values: object) -> str:
    # A per cent sign would begin an expansion.
    lines = [f"{name} = {str(value).replace('%', '%%')}" for name, value in values.items()]
    return "\n".join([f"[{title}]", *lines, ""])


def _environment(values: dict[str, str]) -> str:
    return ",".join(f'{name}="{value}"' for name, value in values.items())
