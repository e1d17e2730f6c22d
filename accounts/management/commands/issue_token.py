from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import ApiToken, User


class Command(BaseCommand):
    help = "Print a new API token of USER. It is shown this once."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("user")
        parser.add_argument("--name", default="from the command line")
        parser.add_argument("--read-only", action="store_true")
        parser.add_argument("--days", type=int, help="how long it lasts; without this it does not expire")

    def handle(self, *args: Any, user: str, name: str, read_only: bool, days: int | None, **options: Any) -> None:
        person = User.objects.filter(username=user, is_active=True).first()
        if person is None:
            known = ", ".join(User.objects.filter(is_active=True).values_list("username", flat=True)[:10])
            raise CommandError(f"There is no active user “{user}”. There are: {known or 'none; run first_run'}.")
        access = ApiToken.Access.READ if read_only else ApiToken.Access.WRITE
        _, key = ApiToken.issue(person, name, access, timedelta(days=days) if days else None)
        self.stdout.write(key)
