from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from accounts.models import SignInLink, User


class Command(BaseCommand):
    help = "Make the administrator when there is none, and print a link that signs in once. Safe to repeat."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--username", default="admin")
        parser.add_argument("--again", action="store_true", help="print a new link although the administrator has one")

    def handle(self, *args: Any, username: str, again: bool, **options: Any) -> None:
        admin = User.objects.filter(is_superuser=True, is_active=True).order_by("id").first()
        if admin is None:
            admin = User.objects.create_superuser(username=username)
            admin.set_unusable_password()
            admin.save(update_fields=["password"])
        if admin.has_usable_password() and not again:
            return
        link = settings.PUBLIC_URL + reverse("accounts:sign_in_once", args=[SignInLink.issue(admin)])
        self.stdout.write(f"Sign in as {admin.username} (works once, for 24 hours):\n  {link}")
