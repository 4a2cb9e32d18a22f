"""The envelope: what is written is read again, and what cannot be read says so."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given

from shared.contracts import EVENT_TYPES
from shared.contracts.envelope import Envelope, EventUnreadable
from shared.contracts.voucher import VoucherRedeemedV1
from shared.kernel.ids import uuid7
from tests.databases import TESTER
from tests.shared.contracts.nonsense import NONSENSE, spoilt

AT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)


def redeemed() -> VoucherRedeemedV1:
    row = SimpleNamespace(id=uuid7(), version=6, payout_id=uuid7())
    return VoucherRedeemedV1.of(row, business_at=AT, actor=TESTER)


def test_written_and_read() -> None:
    envelope = Envelope.around(redeemed(), AT)
    document = json.loads(envelope.to_json())
    assert document["type"] == "cn.skillvoucher.voucher.voucher.redeemed.v1"
    assert document["subject"] == str(envelope.event.id)
    assert EVENT_TYPES.read(envelope.to_json().encode()) == envelope


def test_of_prefers_what_is_given() -> None:
    payout_id = uuid7()
    row = SimpleNamespace(id=uuid7(), version=6, payout_id=uuid7(), business_at=AT, actor=TESTER)
    assert VoucherRedeemedV1.of(row, payout_id=payout_id).payout_id == payout_id


def test_of_demands_every_field() -> None:
    with pytest.raises(AttributeError, match="payout_id"):
        VoucherRedeemedV1.of(SimpleNamespace(id=uuid7(), version=6), business_at=AT, actor=TESTER)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "cn.skillvoucher.voucher.voucher.eaten.v1"}, "eaten"),
        ({"data": {}}, "ValidationError"),
        ({"id": "not a uuid"}, "ValueError"),
        ({"time": "yesterday"}, "ValueError"),
        ({"type": None}, "None"),
    ],
)
def test_unreadable(change: dict[str, object], reason: str) -> None:
    document = {**json.loads(Envelope.around(redeemed(), AT).to_json()), **change}
    with pytest.raises(EventUnreadable, match=reason):
        EVENT_TYPES.read(json.dumps(document).encode())


@pytest.mark.parametrize("value", [b"", b"[]", b"1", b"{}", b"\xff", b"[" * 100_000, b"1" * 100_000, b"null"])
def test_not_even_an_envelope(value: bytes) -> None:
    with pytest.raises(EventUnreadable):
        EVENT_TYPES.read(value)


def test_majors_of_a_name() -> None:
    assert EVENT_TYPES.named("voucher.redeemed") == [VoucherRedeemedV1]


def document() -> dict[str, Any]:
    """A good envelope, to be spoilt."""
    read: dict[str, Any] = json.loads(Envelope.around(redeemed(), AT).to_json())
    return read


def encoded(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def test_what_is_not_known_is_left_alone() -> None:
    """Contracts grow: a later version's members, inside and outside, are no reason to refuse."""
    later = document()
    later |= {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    later["data"] |= {"remark": None}
    assert EVENT_TYPES.read(encoded(later)).event.version == 6


SPOILT: dict[str, dict[str, Any]] = {
    "specversion": {"specversion": "0.3"},
    "no specversion": {"specversion": ...},
    "number for specversion": {"specversion": 1.0},
    "source of another service": {"source": "/skill-voucher/payout"},
    "no source": {"source": ...},
    "content type": {"datacontenttype": "text/plain"},
    "subject": {"subject": str(uuid7())},
    "subject spelt otherwise": {"subject": "{subject}"},
    "no subject": {"subject": None},
    "aggregate type": {"aggregatetype": "voucher.person"},
    "no aggregate type": {"aggregatetype": ...},
    "version": {"aggregateversion": 7},
    "version as text": {"aggregateversion": "6"},
    "version as fraction": {"aggregateversion": 6.0},
    "version missing": {"aggregateversion": ...},
    "time without zone": {"time": "2026-11-23T02:15:00"},
    "day for time": {"time": "2026-11-23"},
    "number for time": {"time": 1_795_400_100},
    "no time": {"time": ...},
    "id spelt otherwise": {"id": str(uuid7()).upper()},
    "number for id": {"id": 5},
    "list for type": {"type": []},
    "no data": {"data": ...},
    "text for data": {"data": "{}"},
}


@pytest.mark.parametrize("changes", SPOILT.values(), ids=SPOILT.keys())
def test_an_outside_that_says_something_else(changes: dict[str, Any]) -> None:
    spoilt = document()
    for name, value in changes.items():
        spoilt[name] = value.replace("{subject}", spoilt["subject"].upper()) if isinstance(value, str) else value
    with pytest.raises(EventUnreadable):
        EVENT_TYPES.read(encoded({name: value for name, value in spoilt.items() if value is not ...}))


@pytest.mark.parametrize("name", ["id", "type", "time", "subject", "aggregateversion", "data", "traceparent"])
def test_a_key_that_is_there_twice(name: str) -> None:
    """Whoever takes the first and whoever takes the last would read two events."""
    text = encoded(document() | {"traceparent": "a"})
    twice = text[:-1] + b"," + json.dumps(name).encode() + b":" + json.dumps(document().get(name, "b")).encode() + b"}"
    with pytest.raises(EventUnreadable):
        EVENT_TYPES.read(twice)


def test_a_key_that_is_in_the_data_twice() -> None:
    text = encoded(document()).replace(b'"data": {', b'"data": {"payout_id": "x", ')
    with pytest.raises(EventUnreadable):
        EVENT_TYPES.read(text)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number(number: float) -> None:
    for altered in (document() | {"traceparent": number}, document() | {"data": document()["data"] | {"x": number}}):
        with pytest.raises(EventUnreadable):
            EVENT_TYPES.read(encoded(altered))


def test_a_business_time_without_a_zone() -> None:
    spoilt = document()
    spoilt["data"]["business_at"] = "2026-11-23T02:15:00"
    with pytest.raises(EventUnreadable):
        EVENT_TYPES.read(encoded(spoilt))


@given(spoilt(encoded(document())))
def test_anything_in_the_place_of_anything_is_refused_or_agrees_with_itself(value: bytes) -> None:
    try:
        event = EVENT_TYPES.read(value).event
    except EventUnreadable:
        return
    said = json.loads(value)
    assert (said["subject"], said["aggregateversion"]) == (str(event.id), event.version)
    assert (said["data"]["id"], said["data"]["version"]) == (str(event.id), event.version)


@given(NONSENSE)
def test_anything_at_all_is_refused(value: bytes) -> None:
    with pytest.raises(EventUnreadable):
        EVENT_TYPES.read(value)
