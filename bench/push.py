"""From `git push` to the first line of the log and to the end, beside the same work done by hand.

    .venv/bin/python -m bench.push [ROUNDS]

By hand: `git clone` of the same repository, then `docker run` of the same script in the same image on the clone.
Ours ends when the API says that the build has ended; its first line counts when a browser shows it. Both in one run, in
turn, so that the ratio holds on a noisy machine.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browsers import FLAGS
from tests.builds.plans import IMAGE
from tests.installation import Installation, Repository, running, wait_for

SCRIPT = "echo first line; ls -l; echo last line"
PIPELINE = f"jobs:\n  test:\n    image: {IMAGE}\n    steps:\n      - {SCRIPT}\n"
FIRST = ".ll >> text=first line"


def by_hand(repository: Repository, folder: Path) -> tuple[float, float]:
    """Seconds to the first line, and to the end."""
    started = time.perf_counter()
    subprocess.run(["git", "clone", "-q", str(repository.bare), str(folder)], check=True)
    run = subprocess.Popen(
        ["docker", "run", "--rm", "-v", f"{folder}:/workspace", "-w", "/workspace", IMAGE, "sh", "-c", SCRIPT],
        stdout=subprocess.PIPE,
    )
    assert run.stdout is not None
    run.stdout.readline()
    first = time.perf_counter() - started
    run.wait()
    return first, time.perf_counter() - started


def ours(installation: Installation, repository: Repository, page: Page, number: int) -> tuple[float, float, float]:
    """Seconds from the start of the push to its end, to the first line in the browser, and to the build's end."""
    page.goto("/projects/bench/")
    started = time.perf_counter()
    commit = repository.push({"round.txt": str(number)}, f"Round {number}")
    pushed = time.perf_counter() - started
    row = page.get_by_role("row").filter(has_text=f"Round {number}")
    row.get_by_role("link").first.click(timeout=20_000)
    page.locator(FIRST).first.wait_for(timeout=20_000)
    seen = time.perf_counter() - started

    def ended() -> dict[str, str] | None:
        build = installation.as_admin("GET", "projects/bench/builds")["results"][0]
        return build if build["commit"] == commit and build["finished_at"] else None

    build = wait_for(ended, 30)
    assert build["status"] == "success", build
    return pushed, seen, _moment(build["finished_at"]) - (time.time() - (time.perf_counter() - started))


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    folder = Path(tempfile.mkdtemp(prefix="keelway-bench-"))
    repository = Repository.make(folder / "git")
    repository.push({".keelway.yml": PIPELINE, **{f"src/file{n}.txt": "text\n" * 20 for n in range(50)}})
    hand: list[tuple[float, float]] = []
    keelway: list[tuple[float, float, float]] = []
    with running(folder / "var") as installation, sync_playwright() as playwright:
        made = installation.as_admin("POST", "projects", name="Bench", slug="bench", git_url=repository.url)
        repository.hook(made["webhook_url"], made["webhook_secret"])
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(base_url=installation.url)
        link = next(word for word in installation.manage("first_run", "--again").split() if word.startswith("http"))
        page.goto(link)
        page.get_by_role("button").last.click()
        for number in range(rounds + 1):
            now = by_hand(repository, folder / f"clone{number}"), ours(installation, repository, page, number + 1)
            if number:  # the first round warms both up
                hand.append(now[0])
                keelway.append(now[1])
        browser.close()
    shutil.rmtree(folder, ignore_errors=True)
    _table(hand, keelway)


def _table(hand: list[tuple[float, float]], keelway: list[tuple[float, float, float]]) -> None:
    rows = {
        "by hand: first line": [first for first, _ in hand],
        "by hand: finished": [end for _, end in hand],
        "keelway: git push returns": [pushed for pushed, _, _ in keelway],
        "keelway: first line in the browser": [seen for _, seen, _ in keelway],
        "keelway: finished": [end for _, _, end in keelway],
    }
    for name, values in rows.items():
        print(f"{name:36} {statistics.median(values):6.2f} s   {min(values):.2f} to {max(values):.2f}")
    ratio = [ours[2] / floor[1] for ours, floor in zip(keelway, hand, strict=True)]
    first = [ours[1] / floor[0] for ours, floor in zip(keelway, hand, strict=True)]
    print(f"ratio, finished:   {statistics.median(ratio):.2f}   {min(ratio):.2f} to {max(ratio):.2f}")
    print(f"ratio, first line: {statistics.median(first):.2f}   {min(first):.2f} to {max(first):.2f}")


if __name__ == "__main__":
    main()
