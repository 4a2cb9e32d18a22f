"""Files of the state directory: written whole or not at all, private where they hold a secret."""

from __future__ import annotations

import json
import os
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644


def write_whole(path: Path, text: str, *, mode: int = PRIVATE) -> None:
    """Write ``text`` to ``path`` with exactly the permissions ``mode``, replacing what is there in one step."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(file, "w") as stream:
        os.fchmod(file, mode)
        stream.write(text)
        stream.flush()
        os.fsync(file)
    unfinished.replace(path)


def write_json(path: Path, content: object, *, mode: int = PRIVATE) -> None:
    """Write ``content`` as JSON, like ``write_whole``."""
    write_whole(path, json.dumps(content, indent=2) + "\n", mode=mode)
