import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from pipelines.language import PipelineInvalid, compile_pipeline, render
from pipelines.language.document import MAX_BYTES


class Command(BaseCommand):
    help = "Check pipeline files without running them. Ends with status 1 when one of them is wrong."
    requires_system_checks: list[str] = []  # Reads files, nothing else: works before there is a database.

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", default=[".keelway.yml"], metavar="FILE", help='"-" is standard input')
        parser.add_argument("--short", action="store_true", help="one line per problem, without the source")

    def handle(self, *args: Any, files: list[str], short: bool, **options: Any) -> None:
        if not all([self.check_file(name, short) for name in files]):  # noqa: C419 - check every file
            sys.exit(1)

    def check_file(self, name: str, short: bool) -> bool:
        try:
            raw = _read(name)
        except OSError as error:
            self.stderr.write(f"{name}: {error.strerror}")
            return False
        try:
            plan = compile_pipeline(raw, path=name)
        except PipelineInvalid as invalid:
            self.stderr.write(render(invalid.problems, omitted=invalid.omitted, excerpts=not short))
            return False
        jobs, stages = len(plan.jobs), len(plan.stages)
        self.stdout.write(f"{name}: {jobs} job{'s'[: jobs > 1]} in {stages} stage{'s'[: stages > 1]}, no problems")
        return True


def _read(name: str) -> bytes:
    # One byte more than allowed is enough to be told that it is too much.
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MAX_BYTES + 1)
