from typing import Any

from django.core.management.base import BaseCommand, CommandError

from builds import clean
from builds.engine import EngineError, engine


class Command(BaseCommand):
    help = "Remove what jobs left behind in Docker and on the disk."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
        parser.add_argument(
            "--all",
            action="store_true",
            help="also the containers of running jobs, and the jobs' network: for when Keelway has been stopped",
        )

    def handle(self, *args: Any, dry_run: bool, all: bool, **options: Any) -> None:
        try:
            for leftover in clean.leftovers() if dry_run else clean.clean_up():
                self.stdout.write(f"{leftover.kind} {leftover.name[:80]}: {leftover.reason}")
            if all and not dry_run:
                for container, labels in engine().containers():
                    engine().remove(container)
                    self.stdout.write(f"container {container[:12]}: of job {labels.get('job', '?')}, which was running")
                engine().remove_network()
        except EngineError as error:
            raise CommandError(str(error)) from error
