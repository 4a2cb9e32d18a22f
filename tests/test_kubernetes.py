"""The cluster runs what the local run runs: the overlays, rendered by kustomize itself, held against the code."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import shared
from deploy.compose import cluster_secrets, make_secrets
from deploy.local.environment import PREFIX, SERVICES, Process
from deploy.local.keys import Keys
from deploy.local.topics import Kind, rights
from shared.messaging.topics import CONSUMES, PARTITIONS, topic_of
from shared.settings import Settings

PROJECT = Path(__file__).resolve().parents[1]
KUBERNETES = PROJECT / "deploy" / "kubernetes"
OVERLAYS = ["development", "staging", "production"]
WORKLOADS = {"Deployment", "StatefulSet", "Job", "CronJob"}
MADE_BY_OPERATORS = {"kafka-cluster-ca-cert", *(f"{service}-database-ca" for service in SERVICES), *SERVICES}
"""Secrets that Strimzi and CloudNativePG write: authorities, and the passwords of principals of Kafka."""
MADE_BY_THE_CITY = {"gateway-tls", "backup-store"}
OF_THE_DRIVER = {"PGSSLMODE", "PGSSLROOTCERT"}

Manifest = dict[str, Any]


def tool(name: str) -> str | None:
    """A program that `make cluster-tools` built, or that is there anyway."""
    built = PROJECT / ".local" / "bin" / name
    return str(built) if built.exists() else shutil.which(name)


@cache
def rendered(overlay: str) -> list[Manifest]:
    """What `kubectl apply --kustomize` would send."""
    kustomize = tool("kustomize")
    if kustomize is None:
        pytest.skip("no kustomize here: `make cluster-tools` builds it where Go is")
    ran = subprocess.run(  # noqa: S603  # our own manifests
        [kustomize, "build", str(KUBERNETES / "overlays" / overlay)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return list(yaml.safe_load_all(ran.stdout))


@pytest.fixture(params=OVERLAYS)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    """Each overlay in turn."""
    return rendered(request.param)


def workloads(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Every workload's name with its pod, labels in `labels`."""
    for manifest in manifests:
        if manifest["kind"] in WORKLOADS:
            spec = manifest["spec"]
            template = spec["jobTemplate"]["spec"]["template"] if manifest["kind"] == "CronJob" else spec["template"]
            yield manifest["metadata"]["name"], {**template["spec"], "labels": template["metadata"]["labels"]}


def of_kind(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    """The manifests of a kind, by name."""
    return {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest["kind"] == kind}


def containers(pod: Manifest) -> list[Manifest]:
    """Every container of a pod, those before the start too."""
    return [*pod.get("initContainers", []), *pod["containers"]]


def test_every_pod_keeps_to_the_restricted_standard(manifests: list[Manifest]) -> None:
    namespace = of_kind(manifests, "Namespace")["skill-voucher"]
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, pod in workloads(manifests):
        security = pod["securityContext"]
        assert (security["runAsNonRoot"], security["seccompProfile"]) == (True, {"type": "RuntimeDefault"}), name
        assert security["runAsUser"] >= 10_000
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False, "variables named after services would be settings that nobody knows"
        for container in containers(pod):
            own = container["securityContext"]
            assert (own["allowPrivilegeEscalation"], own["readOnlyRootFilesystem"]) == (False, True), name
            assert own["capabilities"] == {"drop": ["ALL"]}
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]
    accounts = of_kind(manifests, "ServiceAccount")
    assert {pod["serviceAccountName"] for _, pod in workloads(manifests)} == set(accounts)
    assert all(account["automountServiceAccountToken"] is False for account in accounts.values())


def test_every_process_of_every_service_is_there_with_its_command(manifests: list[Manifest]) -> None:
    release = shared.__version__.replace(".", "-")
    commands = {name: pod["containers"][0]["command"] for name, pod in workloads(manifests)}
    for service in SERVICES:
        for process in Process:
            name = f"{service}-{process}" + (f"-{release}" if process is Process.MIGRATE else "")
            assert commands[name] == ["python", "-m", f"services.{service}", str(process)]
    for name, pod in workloads(manifests):
        if name.endswith(("-api", "-worker")):
            (first,) = pod["initContainers"]
            assert first["command"] == [*commands[name][:3], "await-schema"]
            assert first["image"] == pod["containers"][0]["image"]


def test_once_a_day_what_never_came_is_found(manifests: list[Manifest]) -> None:
    """Each consumer compares the rows of exactly those whose topics it reads (ADR 24)."""
    steps = dict(workloads(manifests))["reconcile"]
    scripts = {step["name"]: step["command"][-1] for step in containers(steps)}
    emitting = [service for service in SERVICES if service != "audit"]
    for service in emitting:
        assert scripts.pop(f"{service}-versions") == f"python -m services.{service} versions > /versions/{service}"
    for consumer, sources in CONSUMES.items():
        script = scripts.pop(f"{consumer}-reconcile")
        assert re.findall(r"/versions/(\w+)", script.partition("|")[0]) == [
            source for source in sources if source in emitting
        ]
        assert f"python -m services.{consumer} reconcile" in script
    assert scripts == {}
    for step in containers(steps):
        service = step["name"].partition("-")[0]
        assert step["image"].partition("@")[0].partition(":")[0].endswith(f"skill-voucher/{service}")
        assert f"//{service}_worker:" in str(step["env"])
        assert f"{service}-database-worker" in str(step["env"]), "its own rights and nobody else's"


def test_what_runs_on_is_probed_and_can_be_moved(manifests: list[Manifest]) -> None:
    for kind in ("Deployment", "StatefulSet"):
        for name, manifest in of_kind(manifests, kind).items():
            (container,) = manifest["spec"]["template"]["spec"]["containers"]
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = container[probe]["httpGet"]["port"]
                assert asked in {port["name"] for port in container["ports"]}, f"{name}: {probe}"
            assert container["livenessProbe"]["httpGet"]["path"] == "/livez" or name in {"bank", "issuer"}
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    budgets = {budget["spec"]["maxUnavailable"] for budget in of_kind(manifests, "PodDisruptionBudget").values()}
    assert budgets == {1}
    scaled = {
        scaler["spec"]["scaleTargetRef"]["name"] for scaler in of_kind(manifests, "HorizontalPodAutoscaler").values()
    }
    assert scaled == {f"{service}-api" for service in SERVICES}


def test_every_selector_selects_pods_of_this_system(manifests: list[Manifest]) -> None:
    database = [{"app.kubernetes.io/name": service, "app.kubernetes.io/component": "database",
                 "cnpg.io/cluster": f"{service}-database"} for service in SERVICES]  # fmt: skip
    kafka = [{"strimzi.io/cluster": "kafka", "strimzi.io/kind": "Kafka"}]
    pods = [pod["labels"] for _, pod in workloads(manifests)] + database + kafka
    for manifest in manifests:
        for wanted in _selectors(manifest):
            assert any(wanted.items() <= labels.items() for labels in pods), f"{manifest['metadata']['name']}: {wanted}"


def _selectors(manifest: Manifest) -> Iterator[dict[str, str]]:
    spec = manifest.get("spec", {})
    if manifest["kind"] == "Service":
        yield spec["selector"]
    if manifest["kind"] in {"Deployment", "StatefulSet", "PodDisruptionBudget"}:
        yield spec["selector"]["matchLabels"]
    if manifest["kind"] == "NetworkPolicy":
        if "matchLabels" in spec["podSelector"]:
            yield spec["podSelector"]["matchLabels"]
        ends = [end for way, key in (("ingress", "from"), ("egress", "to")) for rule in spec.get(way, [])
                for end in rule.get(key, [])]  # fmt: skip
        yield from (end["podSelector"]["matchLabels"] for end in ends if "matchLabels" in end.get("podSelector", {}))


def test_nobody_reaches_anybody_but_by_a_wire_of_the_architecture(manifests: list[Manifest]) -> None:
    policies = of_kind(manifests, "NetworkPolicy")
    assert policies["deny-all"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    outward = {name: policy["spec"].get("egress", []) for name, policy in policies.items()}
    for service in SERVICES:
        for process in Process:
            (rule,) = outward[f"{service}-{process}"]
            (end,) = rule["to"]
            assert end["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == service, "its own database alone"
            assert rule["ports"] == [{"port": 5432, "protocol": "TCP"}]
    to_kafka = policies["workers-to-kafka"]["spec"]["podSelector"]["matchLabels"]
    assert to_kafka["app.kubernetes.io/component"] == "worker"
    to_bank = policies["payout-bank"]["spec"]["podSelector"]["matchLabels"]
    assert (to_bank["app.kubernetes.io/name"], to_bank["app.kubernetes.io/component"]) == ("payout", "worker")


def test_brokers_are_admitted_by_the_namespace_and_admit_workers_alone(manifests: list[Manifest]) -> None:
    """What operators add by themselves is less strict than what the namespace and the policies ask for."""
    kafka = of_kind(manifests, "Kafka")["kafka"]["spec"]
    templates = [pool["spec"]["template"]["kafkaContainer"] for pool in of_kind(manifests, "KafkaNodePool").values()]
    templates += kafka["entityOperator"]["template"].values()
    for container in templates:
        security = container["securityContext"]
        assert (security["allowPrivilegeEscalation"], security["runAsNonRoot"]) == (False, True)
        assert security["capabilities"] == {"drop": ["ALL"]}
    (listener,) = kafka["kafka"]["listeners"]
    (peer,) = listener["networkPolicyPeers"]
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "worker"
    for cluster in of_kind(manifests, "Cluster").values():
        assert cluster["spec"]["postgresql"]["pg_hba"][-1] == "host all all all reject"


def test_topics_and_rights_are_those_of_the_local_run(manifests: list[Manifest]) -> None:
    topics = of_kind(manifests, "KafkaTopic")
    assert set(topics) == {topic_of(service) for service in SERVICES}
    assert {topic["spec"]["partitions"] for topic in topics.values()} == {PARTITIONS}
    granted = {
        (name, rule["resource"]["type"], rule["resource"]["name"], operation)
        for name, user in of_kind(manifests, "KafkaUser").items()
        for rule in user["spec"]["authorization"]["acls"]
        for operation in rule["operations"]
        if operation != "Describe"
    }
    assert granted == {
        (right.principal, Kind(right.kind).name.lower(), right.name, right.operation.name.capitalize())
        for right in rights()
        if right.principal in SERVICES
    }


def test_every_setting_appears_exactly_once_and_can_be_started_with(
    manifests: list[Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    (common,) = (found for name, found in of_kind(manifests, "ConfigMap").items() if name.startswith("settings-"))
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    in_pods = {
        entry["name"]
        for _, pod in workloads(manifests)
        if pod["labels"]["app.kubernetes.io/component"] != "outside"
        for container in containers(pod)
        for entry in container["env"]
        if entry["name"].startswith(PREFIX)
    }
    assert set(common["data"]) & in_pods == set(), "said twice"
    assert (set(common["data"]) | in_pods) - OF_THE_DRIVER == known
    for name, value in common["data"].items():
        monkeypatch.setenv(name, value)
    for name in in_pods - {PREFIX + "WORKER_ORDINAL"}:
        monkeypatch.setenv(name, "given")
    assert Settings.from_environment().metrics_port == 9000


def test_every_secret_is_named_and_none_contained(manifests: list[Manifest], tmp_path: Path) -> None:
    assert of_kind(manifests, "Secret") == {}
    make_secrets(tmp_path)
    given = cluster_secrets(Keys(tmp_path / "keys"), yaml.safe_load((tmp_path / "passwords.json").read_text()))
    entries = {secret["metadata"]["name"]: set(secret.get("stringData") or secret["data"]) for secret in given}
    for name, pod in workloads(manifests):
        volumes = pod["volumes"]
        projected = [source for volume in volumes for source in volume.get("projected", {}).get("sources", [])]
        named = {next(iter(source.values()))["name"] for source in projected}
        named |= {volume["secret"]["secretName"] for volume in volumes if "secret" in volume}
        env = [
            entry["valueFrom"] for container in containers(pod) for entry in container["env"] if "valueFrom" in entry
        ]
        named |= {entry["secretKeyRef"]["name"] for entry in env if "secretKeyRef" in entry}
        assert named <= set(entries) | MADE_BY_OPERATORS, name
        files = {entry for source in named for entry in entries.get(source, ())}
        if name.endswith(("-api", "-worker")):
            assert {"events.jwk", "metrics-token", "tokens.jwks"} <= files
            assert ("presence.jwk" in files) == (name == "voucher-api"), "the API alone signs with it"
            assert ("certificates.jwk" in files) == (name == "evaluation-api")
            assert ("tree-heads.jwk" in files) == (name == "audit-worker")
    for cluster in of_kind(manifests, "Cluster").values():
        roles = [cluster["spec"]["bootstrap"]["initdb"]["secret"]["name"]]
        roles += [role["passwordSecret"]["name"] for role in cluster["spec"]["managed"]["roles"]]
        assert set(roles) <= set(entries)


def test_the_example_of_a_vault_lists_every_secret_that_is_named() -> None:
    listed = {
        example["metadata"]["name"]
        for example in yaml.safe_load_all(
            (KUBERNETES / "examples" / "external-secrets.yaml").read_text(encoding="utf-8")
        )
        if example
    }
    text = yaml.safe_dump_all(rendered("production"))
    secrets = {name for name in listed if name not in text}
    assert secrets == set(), "listed and named by nobody"
    named = set(
        re.findall(
            r"(?:secretName|secretKeyRef|passwordSecret|secret|credentials):\s+(?:key: \S+\s+)?name: (\S+)", text
        )
    )
    assert named <= listed | MADE_BY_OPERATORS | MADE_BY_THE_CITY


def test_names_are_short_enough_and_labelled(manifests: list[Manifest]) -> None:
    for manifest in manifests:
        metadata = manifest["metadata"]
        assert len(metadata["name"]) <= 63
        if manifest["kind"] not in {"Namespace", "PriorityClass", "ConfigMap"}:
            assert metadata["namespace"] == "skill-voucher"
    assert all(pod["labels"]["app.kubernetes.io/part-of"] == "skill-voucher" for _, pod in workloads(manifests))


def test_in_production_an_image_is_what_it_was_when_it_was_tried() -> None:
    images = {container["image"] for _, pod in workloads(rendered("production")) for container in containers(pod)}
    assert len(images) == len(SERVICES)
    assert all("@sha256:" in image for image in images)
    for cluster in of_kind(rendered("production"), "Cluster").values():
        assert cluster["spec"]["postgresql"]["synchronous"]["dataDurability"] == "required"
        assert cluster["spec"]["instances"] >= 3
