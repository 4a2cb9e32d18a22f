"""Prometheus metrics of a process. Labels are templates, codes and partitions: never ids, never anything personal."""

import time
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

REGISTRY = CollectorRegistry(auto_describe=True)
CONTENT_TYPE = CONTENT_TYPE_LATEST
ProcessCollector(registry=REGISTRY)

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
_standing = Gauge(
    "skill_voucher_standing", "Cases by life cycle and state.", ["life_cycle", "state"], registry=REGISTRY
)
_standing_held = Gauge(
    "skill_voucher_standing_held", "Those of them that have an open hold.", ["life_cycle", "state"], registry=REGISTRY
)
_standing_oldest = Gauge(
    "skill_voucher_standing_oldest_seconds",
    "How long the oldest case has been in a state that it must leave, business seconds.",
    ["life_cycle", "state"],
    registry=REGISTRY,
)
_timer_turn = Gauge(
    "skill_voucher_timer_turn_timestamp_seconds",
    "When a timer ended its last turn without a failure, Unix seconds.",
    ["timer"],
    registry=REGISTRY,
)
_timer_failures = Counter("skill_voucher_timer_failures", "Turns that failed.", ["timer"], registry=REGISTRY)
_part_turn = Gauge(
    "skill_voucher_worker_turn_timestamp_seconds",
    "When a part of the worker process last got through its turn, Unix seconds.",
    ["part"],
    registry=REGISTRY,
)
_pool = Gauge(
    "skill_voucher_pool_connections", "The database connections that this process may open.", registry=REGISTRY
)
_pool_used = Gauge("skill_voucher_pool_connections_used", "Those of them that are at work.", registry=REGISTRY)
_behind = Gauge(
    "skill_voucher_database_behind_aggregates",
    "Aggregates of which the service's topic has later events than its database: it was restored from before.",
    registry=REGISTRY,
)
_build = Info("skill_voucher_build", "What runs here.", registry=REGISTRY)
_sent = Counter("skill_voucher_relay_events", "Events sent to the broker.", registry=REGISTRY)
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


def set_standing(life_cycle: str, state: str, count: int, held: int, oldest_s: float | None) -> None:
    """How many cases stand in a state, how many of them held, and since when the oldest has to leave it, seconds."""
    _standing.labels(life_cycle, state).set(count)
    _standing_held.labels(life_cycle, state).set(held)
    if oldest_s is not None:
        _standing_oldest.labels(life_cycle, state).set(oldest_s)


def count_sent(count: int) -> None:
    """The broker has taken this many events."""
    _sent.inc(count)


def timer_turned(timer: str) -> None:
    """A timer has had its turn, here or in another process, whether anything was due or not."""
    _timer_turn.labels(timer).set_to_current_time()


def part_turned(part: str) -> None:
    """The relay, the consumer or the timers of this process have got through a turn, whatever there was to do."""
    _part_turn.labels(part).set_to_current_time()


def late_parts(limit_s: float) -> list[str]:
    """The parts of this process that have had no turn for `limit_s` seconds; [] in a process that has none."""
    now_s = time.time()
    turns = {sample.labels["part"]: sample.value for metric in _part_turn.collect() for sample in metric.samples}
    return sorted(part for part, at_s in turns.items() if now_s - at_s >= limit_s)


def expect_parts(*parts: str) -> None:
    """These parts, and no others, make up this process: none of them has had a turn yet."""
    _part_turn.clear()
    for part in parts:
        _part_turn.labels(part).set(0)


def watch_pool(size: int, used: Callable[[], int]) -> None:
    """This process may open `size` connections; `used` says at each scrape how many are at work."""
    _pool.set(size)
    _pool_used.set_function(used)


def set_behind(aggregates: int) -> None:
    """Of so many of the newest aggregates the service has said more than its database knows."""
    _behind.set(aggregates)


def set_build(service: str, version: str) -> None:
    """Which service this process is of, and in which version."""
    _build.info({"service": service, "version": version})


def count_timer_failure(timer: str) -> None:
    """A timer's turn failed; the next one tries again."""
    _timer_failures.labels(timer).inc()


def count_timer_rows(timer: str, rows: int) -> None:
    """A timer moved this many rows."""
    _timer_rows.labels(timer).inc(rows)


def count_business(what: str, count: int = 1) -> None:
    """Something of the loop happened (`voucher.claimed`, `payout.paid`), named as its event is."""
    _business.labels(what).inc(count)


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
