"""Typed readers of environment variables.

Each reads `NAME`, or, for secrets, the file that `NAME_FILE` points to. A value that cannot be read does not raise: it
is remembered in `problems` and the default is used, so that `manage.py check` can name every bad setting at once.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class BadSetting:
    name: str
    found: str
    expected: str


problems: list[BadSetting] = []

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def secret(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file named by NAME_FILE without its final newline."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, default)
    try:
        return Path(path).read_text().removesuffix("\n")
    except OSError as error:
        problems.append(BadSetting(f"{name}_FILE", path, f"a readable file ({error.strerror})"))
        return default


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    problems.append(BadSetting(name, value, "one of 1, true, yes, on, 0, false, no, off"))
    return default


def integer(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if least <= number <= most:
        return number
    problems.append(BadSetting(name, value, f"a whole number from {least} to {most}"))
    return default


def choice(name: str, default: str, options: tuple[str, ...]) -> str:
    value = os.environ.get(name, default)
    if value in options:
        return value
    problems.append(BadSetting(name, value, "one of " + ", ".join(options)))
    return default


def names(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def database(url: str, sqlite_default: Path) -> dict[str, object]:
    """Django's settings for the database at `url` (`postgres://user:password@host:port/name`, `sqlite:///path`).

    An empty url means SQLite at `sqlite_default`.
    """
    parts = urlsplit(url)
    if not url or parts.scheme == "sqlite":
        return _sqlite(Path(parts.path) if url else sqlite_default)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        problems.append(BadSetting("DATABASE_URL", f"{parts.scheme}://…", "postgres://user:password@host:port/name"))
        return _sqlite(sqlite_default)
    try:
        port = str(parts.port or "")
    except ValueError:
        problems.append(BadSetting("DATABASE_URL", f"{parts.scheme}://…", "a port from 1 to 65535"))
        port = ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": port,
        # Threads that keep a connection each would starve the server: a pool lends them out instead.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": integer("KEELWAY_DB_POOL", 16, least=2, most=200)}},
    }


def _sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # In a file, as it will be: in memory, threads would share one connection and lock each other out.
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
        "OPTIONS": {
            # A deferred transaction that reads and then writes fails at once when another wrote in between.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
        },
    }
