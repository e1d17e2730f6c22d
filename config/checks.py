"""System checks that name a bad setting and its remedy."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, register

from config import env


@register
def settings_are_readable(**options: Any) -> list[CheckMessage]:
    return [
        checks.Error(
            f"{bad.name} is {bad.found!r}",
            hint=f"Expected {bad.expected}. See docs/configuration.md.",
            id="keelway.E001",
        )
        for bad in env.problems
    ]


@register
def public_url_is_a_url(**options: Any) -> list[CheckMessage]:
    if settings.PUBLIC_URL.startswith(("http://", "https://")):
        return []
    return [
        checks.Error(
            f"KEELWAY_URL is {settings.PUBLIC_URL!r}",
            hint="Give the address under which people reach this server, as in https://ci.example.com.",
            id="keelway.E002",
        )
    ]


@register
def keys_are_private(**options: Any) -> list[CheckMessage]:
    return [
        checks.Warning(
            f"{path} can be read by others on this machine",
            hint=f"chmod 600 {path}",
            id="keelway.W001",
        )
        for path in (settings.VAR / "master.key", settings.VAR / "django.key")
        if path.exists() and path.stat().st_mode & 0o077
    ]
