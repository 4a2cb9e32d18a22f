"""Alerts: each has a severity, a page that says what to do, series that fire it, and asks for what is exported."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.dashboards import DASHBOARDS, Dashboard
from shared.observability.metrics import REGISTRY, set_build

PROJECT = Path(__file__).resolve().parents[1]
MONITORING = PROJECT / "deploy" / "kubernetes" / "monitoring"
RUNBOOKS = PROJECT / "docs" / "runbooks"
MANIFEST: dict[str, Any] = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))
ALERTS: list[dict[str, Any]] = [rule for group in MANIFEST["spec"]["groups"] for rule in group["rules"]]
PAGES = sorted(page for page in RUNBOOKS.glob("*.md") if page.name != "README.md")
SECTIONS = ["What it means", "Look here", "Do this", "It is over when"]
FROM_THE_SCRAPE = {"job", "pod", "namespace", "instance", "le"}
"""Labels that Prometheus adds, and the bound of a bucket."""

OF_OTHERS = ("kubelet_", "cnpg_", "kafka_server_", "ALERTS")
"""What the platform exports: its names are not ours to check."""

_SELECTOR = re.compile(r"\b([a-z]+(?:_[a-z]+)+|up)\b(?![(=!])(?:\{([^}]*)\})?")
_LABEL = re.compile(r'([a-z_]+)=~?"')
_GROUPING = re.compile(r"by \(([^)]*)\)")


def exported() -> dict[str, set[str]]:
    """By name of a sample as Prometheus sees it, its labels."""
    set_build("probe", "0")
    found: dict[str, set[str]] = {"up": set()}
    for collector, names in REGISTRY._collector_to_names.items():
        labels = set(getattr(collector, "_labelnames", ()))
        found |= dict.fromkeys(names, labels)
    said = [sample for family in REGISTRY.collect() for sample in family.samples]
    return found | {sample.name: set(sample.labels) for sample in said if sample.name not in found or sample.labels}


def check_query(query: str) -> None:
    """Every sample that a query names is exported, with the labels that it asks for and groups by."""
    samples = exported()
    grouped = {label.strip() for by in _GROUPING.findall(query) for label in by.split(",")}
    asked = [found for found in _SELECTOR.findall(_GROUPING.sub("", query)) if not found[0].startswith(OF_OTHERS)]
    for sample, matchers in asked:
        assert sample in samples, f"{sample} is exported by nobody"
        assert set(_LABEL.findall(matchers)) <= samples[sample] | FROM_THE_SCRAPE
    if asked:
        assert grouped <= set.union(*(samples[sample] for sample, _ in asked)) | FROM_THE_SCRAPE


def named(alert: dict[str, Any]) -> str:
    """The alert's name, for the list of tests."""
    return str(alert["alert"])


@pytest.mark.parametrize("alert", ALERTS, ids=named)
def test_an_alert_says_how_bad_it_is_and_where_to_read_on(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"]["summary"].endswith(".")
    page = PROJECT / alert["annotations"]["runbook_url"]
    assert page in PAGES
    assert f"`{alert['alert']}`" in page.read_text(encoding="utf-8").split("## ")[0]


@pytest.mark.parametrize("alert", ALERTS, ids=named)
def test_an_alert_asks_for_what_is_exported(alert: dict[str, Any]) -> None:
    check_query(alert["expr"])


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.uid)
def test_a_panel_asks_for_what_is_exported(dashboard: Dashboard) -> None:
    queries = [query for panel in dashboard.panels for query, _ in panel.queries]
    assert queries
    for query in queries:
        check_query(query)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_to_do_and_stands_in_the_list(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS
    assert f"]({page.name})" in (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([a-z-]+\.md)\)", text)
    assert [link for link in links if not (RUNBOOKS / link).exists()] == []
    alerts = set(re.findall(r"`([A-Za-z]+)`", text.split("## ")[0]))
    assert alerts <= {alert["alert"] for alert in ALERTS}


def test_every_alert_is_fired_and_not_fired() -> None:
    tests = yaml.safe_load((MONITORING / "alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
    expected = {f"{alert['alert']} {how}" for alert in ALERTS for how in ("fires", "does not fire")}
    assert {test["name"] for test in tests} == expected


def test_the_alerts_fire_on_their_series_and_no_others(tmp_path: Path) -> None:
    built = PROJECT / ".local" / "bin" / "promtool"
    promtool = str(built) if built.exists() else shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here: `make cluster-tools` builds it where Go is")
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(MANIFEST["spec"]), encoding="utf-8")
    shutil.copy(MONITORING / "alerts_test.yaml", tmp_path)
    ran = subprocess.run(  # noqa: S603  # our own series
        [promtool, "test", "rules", "alerts_test.yaml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
