import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs/configuration.md").read_text()


def test_every_setting_is_on_the_page_for_operators() -> None:
    source = (ROOT / "config/settings.py").read_text() + (ROOT / "config/env.py").read_text()
    read = set(re.findall(r'\b(?:text|secret|flag|integer|choice|names)\("([A-Z_]+)"', source))

    assert len(read) > 20
    for name in read:
        assert f"`{name}`" in PAGE, f"{name} is read and not documented"


def test_secrets_are_said_to_have_a_form_with_a_file() -> None:
    source = (ROOT / "config/settings.py").read_text()

    for name in re.findall(r'env\.secret\("([A-Z_]+)"', source):
        assert f"`{name}` *or `_FILE`*" in PAGE


def test_the_page_names_nothing_that_is_not_read() -> None:
    read_by_us = [
        path.read_text()
        for folder in ("config", "bin", "cli")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in {".py", ".sh", ""}
    ]

    for name in set(re.findall(r"`(KEELWAY_[A-Z_]+)`", PAGE)):
        assert any(name in text for text in read_by_us), f"{name} is documented and read by nothing"


def test_defaults_on_the_page_are_those_of_the_code() -> None:
    source = (ROOT / "config/settings.py").read_text()
    numbers = dict(re.findall(r'env\.integer\("([A-Z_]+)", ([0-9_]+),', source))

    for name, default in numbers.items():
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}`"))
        assert row.split("|")[2].strip().startswith(f"`{int(default)}`"), row
