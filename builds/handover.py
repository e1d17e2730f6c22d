"""A checkout as an archive, for an engine that does not see the worker's folders."""

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def packed(folder: Path, name: str) -> Iterator[IO[bytes]]:
    """A tar archive, at its beginning, that holds `folder` under `name`, with owners and modes as they are on disk."""
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            tar.add(folder, name)
        file.seek(0)
        yield file
