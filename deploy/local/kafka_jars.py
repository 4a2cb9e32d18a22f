"""The archives that Kafka runs from: a fixed list, fetched side by side into the user's Maven cache and checked.

An archive is downloaded beside the cache and moved into it whole and verified, so that an interrupted download never
leaves a broken file there, and a broken file found there is replaced.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from jgo.constants import default_maven_repo
from jgo.maven import MavenContext

from deploy.local.errors import JarRefused, JarUnavailable, LocalRunError

_LIST = Path(__file__).with_name("kafka_jars.txt")
_SIDE_BY_SIDE = 8
_TRIES = 4
_FIRST_PAUSE_SECONDS = 0.5

Progress = Callable[[int, int], None]
"""Called with the number of archives in place and the number wanted."""


@dataclass(frozen=True)
class Jar:
    """One archive: group, artifact and version as Maven names them, and the SHA-256 of the file in hexadecimal."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def coordinate(self) -> str:
        """``group:artifact:version``."""
        return f"{self.group}:{self.artifact}:{self.version}"

    def path_in(self, repository: Path) -> Path:
        """Where a Maven cache keeps it."""
        return repository.joinpath(
            *self.group.split("."), self.artifact, self.version, f"{self.artifact}-{self.version}.jar"
        )


def read_jars(text: str) -> tuple[Jar, ...]:
    """Read a list of archives; ValueError on a line that is not ``group:artifact:version sha256``."""
    jars: list[Jar] = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        coordinate, sha256 = line.split()
        group, artifact, version = coordinate.split(":")
        if len(bytes.fromhex(sha256)) != hashlib.sha256().digest_size:
            raise ValueError(f"not a SHA-256: {line}")
        jars.append(Jar(group, artifact, version, sha256))
    return tuple(jars)


KAFKA_JARS = read_jars(_LIST.read_text())
KAFKA_VERSION = next(jar.version for jar in KAFKA_JARS if jar.artifact.startswith("kafka_"))


def maven_cache() -> Path:
    """The user's Maven cache (``M2_REPO``, else ``~/.m2/repository``)."""
    return Path(os.environ.get("M2_REPO") or default_maven_repo())


def fetch_jars(
    jars: Sequence[Jar] = KAFKA_JARS,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> list[Path]:
    """Bring every archive into the cache and return the paths, in the order of ``jars``.

    Raises JarRefused if a downloaded file has another hash, JarUnavailable if it cannot be had, LocalRunError if
    ``stop`` is set meanwhile. Blocks; at most eight downloads run at a time.
    """
    repository = cache or maven_cache()
    repository.mkdir(parents=True, exist_ok=True)
    stop = stop or threading.Event()
    done = 0
    with (
        TemporaryDirectory(prefix=".fetching-", dir=repository, ignore_cleanup_errors=True) as staging,
        ThreadPoolExecutor(_SIDE_BY_SIDE, "jars") as pool,
    ):
        futures = [pool.submit(_fetch, jar, repository, Path(staging), stop) for jar in jars]
        try:
            for future in as_completed(futures):
                future.result()
                done += 1
                if progress is not None:
                    progress(done, len(jars))
        except BaseException:
            stop.set()
            raise
    return [jar.path_in(repository) for jar in jars]


def _fetch(jar: Jar, repository: Path, staging: Path, stop: threading.Event) -> None:
    target = jar.path_in(repository)
    if target.is_file() and _sha256(target) == jar.sha256:
        return
    downloaded = _download(jar, staging, stop)
    if (actual := _sha256(downloaded)) != jar.sha256:
        raise JarRefused(f"{jar.coordinate} has SHA-256 {actual} instead of {jar.sha256}; it is not used")
    target.parent.mkdir(parents=True, exist_ok=True)
    downloaded.replace(target)


def _download(jar: Jar, staging: Path, stop: threading.Event) -> Path:
    pause_seconds = _FIRST_PAUSE_SECONDS
    problem: Exception | None = None
    for attempt in range(_TRIES):
        if attempt:
            stop.wait(pause_seconds)
            pause_seconds *= 2
        if stop.is_set():
            raise LocalRunError("the download was stopped")
        room = staging / f"{jar.artifact}-{attempt}"
        try:
            return MavenContext(repo_cache=room).create_dependency(jar.coordinate).artifact.resolve()
        except (requests.RequestException, RuntimeError, OSError) as error:
            problem = error
            shutil.rmtree(room, ignore_errors=True)
    raise JarUnavailable(f"{jar.coordinate} could not be downloaded in {_TRIES} tries: {problem}") from problem


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
