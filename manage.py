#!/usr/bin/env python3
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    import config  # noqa: F401  (first of all: it makes the room `secrets/` importable)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
