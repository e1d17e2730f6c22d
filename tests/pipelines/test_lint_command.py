"""`manage.py lint FILE`: the compiler at the command line."""

from pathlib import Path

import pytest
from django.core.management import call_command


def test_a_good_file_is_said_to_be_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "good.yml"
    file.write_text("jobs: {a: {image: alpine, steps: ['true']}}\n")

    call_command("lint", str(file))

    assert capsys.readouterr().out == f"{file}: 1 job in 1 stage, no problems\n"


def test_a_broken_file_is_shown_with_its_lines_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "broken.yml"
    file.write_text("jobs:\n  a: {imge: alpine, steps: ['true']}\n")

    with pytest.raises(SystemExit) as stopped:
        call_command("lint", str(file))

    assert stopped.value.code == 1
    assert capsys.readouterr().err.splitlines() == [
        f'{file}:2:7: jobs.a.imge: unknown key "imge"; did you mean "image"?',
        "     2 |   a: {imge: alpine, steps: ['true']}",
        "       |       ^",
    ]


def test_every_file_is_checked_though_the_first_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = tmp_path / "good.yml"
    good.write_text("jobs: {a: {image: alpine, steps: ['true']}}\n")

    with pytest.raises(SystemExit):
        call_command("lint", str(tmp_path / "missing.yml"), str(good))

    shown = capsys.readouterr()
    assert "missing.yml: No such file or directory" in shown.err
    assert "no problems" in shown.out
