"""Prometheus metrics of a process. Labels are templates, codes and partitions: never ids, never anything personal."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

REGISTRY = CollectorRegistry(auto_describe=True)
CONTENT_TYPE = CONTENT_TYPE_LATEST

_LATENCY_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

_requests = Counter(
    "skill_voucher_http_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY
)
_latency = Histogram(
    "skill_voucher_http_request_seconds",
    "From the request's head to the answer's last byte, seconds.",
    ["method", "route"],
    buckets=_LATENCY_BUCKETS_S,
    registry=REGISTRY,
)
_refusals = Counter("skill_voucher_refusals", "Refusals by code.", ["code"], registry=REGISTRY)
_outbox_depth = Gauge("skill_voucher_outbox_events", "Events written and not yet sent.", registry=REGISTRY)
_outbox_age = Gauge(
    "skill_voucher_outbox_oldest_seconds", "Age of the oldest event not yet sent, seconds.", registry=REGISTRY
)
_lag = Gauge(
    "skill_voucher_consumer_lag_events",
    "Events not yet consumed.",
    ["consumer", "topic", "partition"],
    registry=REGISTRY,
)
_parked = Gauge(
    "skill_voucher_parked_events",
    "Events parked by the code that says why, waiting for somebody; each holds the money it is about.",
    ["consumer", "code"],
    registry=REGISTRY,
)
_consumed = Counter(
    "skill_voucher_consumed_events", "Events consumed, by outcome.", ["consumer", "type", "outcome"], registry=REGISTRY
)
_overdue = Gauge(
    "skill_voucher_overdue", "What people should have decided by now, by what it is.", ["what"], registry=REGISTRY
)
_timer_rows = Counter("skill_voucher_timer_rows", "Rows moved by timers.", ["timer"], registry=REGISTRY)
_business = Counter("skill_voucher_business", "Things that happened, by name.", ["what"], registry=REGISTRY)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """One request was answered; `route` is the template (`/v1/vouchers/{id}`)."""
    _requests.labels(method, route, str(status)).inc()
    _latency.labels(method, route).observe(seconds)


def count_refusal(code: str) -> None:
    """One request or one bulk row was refused with `code`."""
    _refusals.labels(code).inc()


def set_outbox(depth: int, oldest_age_s: float) -> None:
    """How many events wait in the outbox, and how long the oldest has (0 when there is none), seconds."""
    _outbox_depth.set(depth)
    _outbox_age.set(oldest_age_s)


def set_consumer_lag(consumer: str, topic: str, lag_by_partition: Mapping[int, int]) -> None:
    """How many events of each partition are not yet consumed."""
    for partition, lag in lag_by_partition.items():
        _lag.labels(consumer, topic, str(partition)).set(lag)


def set_parked_events(consumer: str, counts: Mapping[str, int]) -> None:
    """How many events are parked, by code; there is always a figure for `gap`, a version that is missing."""
    _parked.clear()
    for code, count in {"gap": 0, **counts}.items():
        _parked.labels(consumer, code).set(count)


def set_overdue(counts: Mapping[str, int]) -> None:
    """How many wait beyond their day, by what they are (`objection`, `class_filed`)."""
    for what, count in counts.items():
        _overdue.labels(what).set(count)


def count_consumed(consumer: str, event_type: str, outcome: str, count: int = 1) -> None:
    """Events consumed; `outcome` is `applied`, `duplicate` or `parked`; `missing` records were never brought, and those
    `recovered` somebody else had passed over in the group's name.
    """
    _consumed.labels(consumer, event_type, outcome).inc(count)


def count_timer_rows(timer: str, rows: int) -> None:
    """A timer moved this many rows."""
    _timer_rows.labels(timer).inc(rows)


def count_business(what: str, count: int = 1) -> None:
    """Something of the loop happened (`voucher.claimed`, `payout.paid`), named as its event is."""
    _business.labels(what).inc(count)


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
