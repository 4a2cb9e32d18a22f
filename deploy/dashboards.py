"""Grafana's dashboards, described by what they show; `make docs` writes them into deploy/kubernetes/monitoring."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT = 24, 8
"""Grafana's grid: columns of a row, and the rows of a panel."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: PromQL by legend. `unit` is Grafana's (`s`, `short`, `reqps`); `kind` its panel's."""

    title: str
    queries: Sequence[tuple[str, str]]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    about: str = ""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One page. `choices` are its variables: name, and the query for its values."""

    uid: str
    title: str
    panels: Sequence[Panel]
    choices: Sequence[tuple[str, str]] = ()


def _rate(metric: str, by: str, where: str = "") -> str:
    return f"sum by ({by}) (rate({metric}{where}[5m]))"


def _standing(life_cycle: str) -> str:
    return f'max by (state) (skill_voucher_standing{{life_cycle="{life_cycle}"}})'


_SERVICE = '{job=~"skill-voucher/$service-.*"}'
_LAG = "max by (consumer, topic, partition) (skill_voucher_consumer_lag_events)"
_BUCKETS = "skill_voucher_http_request_seconds_bucket"

DASHBOARDS = [
    Dashboard(
        "skill-voucher-overview",
        "Overview",
        [
            Panel(
                "Processes that do not answer",
                [('count(up{job=~"skill-voucher/.*"} == 0) or vector(0)', "")],
                kind="stat",
                width=4,
            ),
            Panel(
                "Parts of workers without a turn for a minute",
                [("count(time() - skill_voucher_worker_turn_timestamp_seconds > 60) or vector(0)", "")],
                kind="stat",
                width=4,
            ),
            Panel(
                "Parked events",
                [("sum(max by (consumer, code) (skill_voucher_parked_events))", "")],
                kind="stat",
                width=4,
            ),
            Panel("Oldest unsent event", [("max(skill_voucher_outbox_oldest_seconds)", "")], "s", "stat", 4),
            Panel("Work beyond its day", [("sum(max by (what) (skill_voucher_overdue))", "")], kind="stat", width=4),
            Panel(
                "Payments without an answer",
                [('max(skill_voucher_standing{life_cycle="payout",state="unknown"})', "")],
                kind="stat",
                width=4,
            ),
            Panel(
                "Requests by service",
                [(_rate("skill_voucher_http_requests_total", "job"), "{{job}}")],
                "reqps",
                width=12,
            ),
            Panel(
                "Answers by status",
                [(_rate("skill_voucher_http_requests_total", "status"), "{{status}}")],
                "reqps",
                width=12,
            ),
            Panel(
                "99th percentile by service",
                [(f"histogram_quantile(0.99, sum by (job, le) (rate({_BUCKETS}[5m])))", "{{job}}")],
                "s",
                width=12,
            ),
            Panel(
                "CPU by process",
                [('sum by (job) (rate(process_cpu_seconds_total{job=~"skill-voucher/.*"}[5m]))', "{{job}}")],
                "short",
                width=12,
                about="Cores.",
            ),
            Panel(
                "Releases",
                [("count by (service, version) (skill_voucher_build_info)", "{{service}} {{version}}")],
                kind="table",
                width=24,
            ),
        ],
    ),
    Dashboard(
        "skill-voucher-loop",
        "The loop",
        [
            Panel("Vouchers by state", [(_standing("voucher"), "{{state}}")], width=12),
            Panel("Enrolments by state", [(_standing("enrolment"), "{{state}}")], width=12),
            Panel("Candidates by state", [(_standing("candidate"), "{{state}}")], width=12),
            Panel("Certificates by state", [(_standing("certificate"), "{{state}}")], width=12),
            Panel("Payouts by state", [(_standing("payout"), "{{state}}")], width=12),
            Panel(
                "Refusals by code",
                [(f"topk(12, {_rate('skill_voucher_refusals_total', 'code')})", "{{code}}")],
                "ops",
                width=12,
            ),
            Panel(
                "Held",
                [
                    (
                        "max by (life_cycle) (sum by (life_cycle, pod) (skill_voucher_standing_held)) > 0",
                        "{{life_cycle}}",
                    )
                ],
                width=12,
            ),
            Panel(
                "Beyond its day, by what it is", [("max by (what) (skill_voucher_overdue) > 0", "{{what}}")], width=12
            ),
        ],
    ),
    Dashboard(
        "skill-voucher-service",
        "One service",
        [
            Panel(
                "Requests by route",
                [(_rate("skill_voucher_http_requests_total", "method, route", _SERVICE), "{{method}} {{route}}")],
                "reqps",
                width=12,
            ),
            Panel(
                "Answers by status",
                [(_rate("skill_voucher_http_requests_total", "status", _SERVICE), "{{status}}")],
                "reqps",
                width=12,
            ),
            Panel(
                "Seconds: median, 99th percentile",
                [
                    (f"histogram_quantile({share}, sum by (le) (rate({_BUCKETS}{_SERVICE}[5m])))", label)
                    for share, label in (("0.5", "median"), ("0.99", "99th"))
                ],
                "s",
                width=12,
            ),
            Panel(
                "Database connections at work",
                [(f"skill_voucher_pool_connections_used{_SERVICE}", "{{pod}}")],
                width=12,
            ),
            Panel("CPU by process", [(f"rate(process_cpu_seconds_total{_SERVICE}[5m])", "{{pod}}")], width=12),
            Panel("Memory by process", [(f"process_resident_memory_bytes{_SERVICE}", "{{pod}}")], "bytes", width=12),
            Panel(
                "Rows that timers moved",
                [(_rate("skill_voucher_timer_rows_total", "timer", _SERVICE), "{{timer}}")],
                "ops",
                width=12,
            ),
            Panel(
                "Since a timer's last turn",
                [(f"time() - max by (timer) (skill_voucher_timer_turn_timestamp_seconds{_SERVICE})", "{{timer}}")],
                "s",
                width=12,
            ),
        ],
        [("service", "label_values(skill_voucher_build_info, service)")],
    ),
    Dashboard(
        "skill-voucher-events",
        "Kafka and outbox",
        [
            Panel("Events waiting in the outbox", [("skill_voucher_outbox_events", "{{pod}}")]),
            Panel("Age of the oldest", [("skill_voucher_outbox_oldest_seconds", "{{pod}}")], "s"),
            Panel("Sent", [(_rate("skill_voucher_relay_events_total", "job"), "{{job}}")], "ops"),
            Panel(
                "Consumed by outcome",
                [(_rate("skill_voucher_consumed_events_total", "consumer, outcome"), "{{consumer}} {{outcome}}")],
                "ops",
                width=12,
            ),
            Panel("Behind, by consumer", [(f"sum by (consumer) ({_LAG})", "{{consumer}}")], width=12),
            Panel(
                "Parked by code",
                [("max by (consumer, code) (skill_voucher_parked_events)", "{{consumer}} {{code}}")],
                width=12,
            ),
            Panel(
                "Since the last turn of a worker's parts",
                [("time() - skill_voucher_worker_turn_timestamp_seconds", "{{pod}} {{part}}")],
                "s",
                width=12,
            ),
        ],
    ),
    Dashboard(
        "skill-voucher-money",
        "Money",
        [
            Panel("Payouts by state", [(_standing("payout"), "{{state}}")], width=12),
            Panel(
                "How long the oldest has been in its state",
                [('max by (state) (skill_voucher_standing_oldest_seconds{life_cycle="payout"})', "{{state}}")],
                "s",
                width=12,
            ),
            Panel(
                "Held payouts by state",
                [('max by (state) (skill_voucher_standing_held{life_cycle="payout"})', "{{state}}")],
                width=12,
            ),
            Panel("Clawback cases by state", [(_standing("clawback"), "{{state}}")], width=12),
            Panel(
                "Turns in which payouts queued for money",
                [('sum(rate(skill_voucher_business_total{what="payout_shortage"}[5m]))', "a second")],
                "ops",
                width=12,
            ),
            Panel(
                "Batches and bank reports by state",
                [
                    (
                        'max by (life_cycle, state) (skill_voucher_standing{life_cycle=~"payment_batch|bank_report"})',
                        "{{life_cycle}} {{state}}",
                    )
                ],
                width=12,
            ),
            Panel(
                "Work of officers beyond its day",
                [('max by (what) (skill_voucher_overdue{what=~"payout.*|objection.*"})', "{{what}}")],
                width=24,
            ),
        ],
    ),
]


def render(dashboard: Dashboard) -> str:
    """The dashboard as Grafana reads it, JSON."""
    variables: list[dict[str, Any]] = [
        {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"},
        *(
            {"name": name, "type": "query", "datasource": PROMETHEUS, "query": query, "refresh": 2, "sort": 1}
            for name, query in dashboard.choices
        ),
    ]
    document = {
        "uid": dashboard.uid,
        "title": f"skill-voucher: {dashboard.title}",
        "tags": ["skill-voucher"],
        "schemaVersion": 41,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": variables},
        "panels": list(_placed(dashboard.panels)),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _placed(panels: Sequence[Panel]) -> Iterator[dict[str, Any]]:
    x = y = 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > WIDTH:
            x, y = 0, y + HEIGHT
        yield {
            "id": number,
            "title": panel.title,
            "description": panel.about,
            "type": panel.kind,
            "datasource": PROMETHEUS,
            "gridPos": {"x": x, "y": y, "w": panel.width, "h": HEIGHT},
            "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
            "targets": [
                {"refId": chr(ord("A") + place), "datasource": PROMETHEUS, "expr": query, "legendFormat": legend}
                for place, (query, legend) in enumerate(panel.queries)
            ],
        }
        x += panel.width
