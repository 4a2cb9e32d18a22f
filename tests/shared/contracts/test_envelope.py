"""The envelope: what is written is read again, and what cannot be read says so."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from shared.contracts import EVENT_TYPES
from shared.contracts.envelope import Envelope, EventUnreadable
from shared.contracts.voucher import VoucherRedeemedV1
from shared.kernel.ids import uuid7
from tests.databases import TESTER

AT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)


def redeemed() -> VoucherRedeemedV1:
    row = SimpleNamespace(id=uuid7(), version=6, payout_id=uuid7())
    return VoucherRedeemedV1.of(row, business_at=AT, actor=TESTER)


def test_written_and_read() -> None:
    envelope = Envelope.around(redeemed(), AT)
    document = json.loads(envelope.to_json())
    assert document["type"] == "cn.skillvoucher.voucher.voucher.redeemed.v1"
    assert document["subject"] == str(envelope.event.id)
    assert EVENT_TYPES.read(envelope.to_json()) == envelope


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
        EVENT_TYPES.read(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "1", "{}", b"\xff"])
def test_not_even_an_envelope(text: str | bytes) -> None:
    with pytest.raises(EventUnreadable):
        EVENT_TYPES.read(text)


def test_majors_of_a_name() -> None:
    assert EVENT_TYPES.named("voucher.redeemed") == [VoucherRedeemedV1]
