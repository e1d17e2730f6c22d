import ast
import sys
from pathlib import Path

import pytest

from cli.terminal import log_text, plain
from tests.cli.conftest import Terminal

CLI = Path(__file__).parent.parent.parent / "cli"


def test_it_needs_nothing_but_the_standard_library() -> None:
    imported = set()
    for path in CLI.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])

    assert imported <= {*sys.stdlib_module_names, "cli"}


def test_help_names_every_exit_code(nobody: Terminal) -> None:
    done = nobody.types("--help")

    assert done.returncode == 0
    for code in ("0  done", "1  the build", "2  the command", "3  the server refused", "4  the server cannot", "130"):
        assert code in done.stdout


@pytest.mark.parametrize("words", [["frobnicate"], [], ["builds"], ["builds", "../x"], ["log", "1", "--from", "0"]])
def test_what_is_not_understood_is_exit_code_2(words: list[str], nobody: Terminal) -> None:
    assert nobody.types(*words).returncode == 2


def test_not_signed_in_is_said_with_a_remedy(nobody: Terminal) -> None:
    done = nobody.types("projects")

    assert done.returncode == 3
    assert "keelway login" in done.stderr


def test_a_server_that_does_not_answer_is_exit_code_4(nobody: Terminal, nowhere: str) -> None:
    nobody.env = {"KEELWAY_URL": nowhere, "KEELWAY_TOKEN": "kw_x"}

    done = nobody.types("projects")

    assert done.returncode == 4
    assert nowhere in done.stderr
    assert "Is the server running" in done.stderr


@pytest.mark.parametrize("url", ["ci.example.com", "ftp://x", "https://user:password@x", "https://"])
def test_what_is_no_address_is_not_called(url: str, nobody: Terminal) -> None:
    nobody.env = {"KEELWAY_URL": url, "KEELWAY_TOKEN": "kw_x"}

    assert nobody.types("me").returncode == 2


def test_a_broken_login_file_is_said(nobody: Terminal) -> None:
    kept = nobody.home / ".config/keelway/login.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{")

    assert "cannot be read" in nobody.types("me").stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
        ("\x1b[?1049hx\x1b[6n", "x"),
        ("\x9b31mx", "31mx"),
        ("\x1bPpayload\x1b\\x", "x"),
        ("a\x08b\x00c", "abc"),
        ("unfinished \x1b[", "unfinished "),
    ],
)
def test_text_from_elsewhere_cannot_drive_the_terminal(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert log_text(text) == shown
