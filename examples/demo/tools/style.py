"""A small linter: long lines, white space at line ends, tabs, and names that are imported and never used."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST = 120


def problems(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST:
            yield number, f"is longer than {LONGEST} characters"
        if line != line.rstrip():
            yield number, "ends in white space"
        if "\t" in line:
            yield number, "holds a tab"
    tree = ast.parse(text)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = (alias.asname or alias.name).partition(".")[0]
                if name not in used:
                    yield node.lineno, f"imports {name}, which nothing uses"


def main(folders: list[str]) -> None:
    found = files = 0
    for path in sorted(path for folder in folders for path in Path(folder).rglob("*.py")):
        files += 1
        for line, problem in sorted(problems(path.read_text())):
            found += 1
            print(f"\x1b[31m{path}:{line}\x1b[0m {problem}")
    if found:
        print(f"{found} {'problem' if found == 1 else 'problems'} in {files} files")
    else:
        print(f"\x1b[32m{files} files, no problems\x1b[0m")
    sys.exit(bool(found))


if __name__ == "__main__":
    main(sys.argv[1:])
