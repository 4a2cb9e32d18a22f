"""Files of the state directory: private, and written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import IO

PRIVATE = 0o600
PRIVATE_DIRECTORY = 0o700


def private_directory(path: Path) -> None:
    """Make ``path``, and what lacks above it, for its owner alone; what is there is left as it is."""
    if not path.is_dir():
        private_directory(path.parent)
        path.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)


def open_log(path: Path) -> IO[bytes]:
    """Open a log to append to, with its directory; one that is made is for its owner alone."""
    private_directory(path.parent)
    return open(path, "ab", opener=lambda name, flags: os.open(name, flags, PRIVATE))


def write_whole(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` for its owner alone, replacing what is there in one step."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(file, "w") as stream:
        os.fchmod(file, PRIVATE)
        stream.write(text)
        stream.flush()
        os.fsync(file)
    unfinished.replace(path)


def write_json(path: Path, content: object) -> None:
    """Write ``content`` as JSON, like ``write_whole``."""
    write_whole(path, json.dumps(content, indent=2) + "\n")
