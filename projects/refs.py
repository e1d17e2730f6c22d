"""Which names and ids Git may be given, decided on the text alone."""

import re

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
"""A full object id, SHA-1 or SHA-256."""

PART_OF_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z")

# What `git check-ref-format` refuses anywhere in a name.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")


def is_commit(text: str) -> bool:
    return COMMIT.match(text) is not None


def is_nothing(commit: str) -> bool:
    """Whether `commit` is the id of all zeros, with which Git says that a ref was not there, or is gone."""
    return is_commit(commit) and not commit.strip("0")


def is_ref_name(name: str) -> bool:
    """Whether `name`, such as `release/1.2` or `refs/heads/main`, follows the rules of `git check-ref-format`, is at
    most 250 characters long and cannot be taken for an option."""
    if not 0 < len(name) <= 250 or name == "@" or _FORBIDDEN.search(name):
        return False
    if name.startswith(("-", "/")) or name.endswith(("/", ".")):
        return False
    return not any(part.startswith(".") or part.endswith(".lock") for part in name.split("/"))
