"""What is believed of a record: its owner signed it, and its topic is the owner's."""

import json
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from shared.contracts.envelope import EventTypes
from shared.messaging.records import Received, Record, read_record
from shared.messaging.topics import topic_of
from tests.keys import event_signer, event_verifier, record_of
from tests.probe import LAMP_EVENTS, LampInstalledV1
from tests.shared.messaging.test_consumer import event

VERIFIER = event_verifier()
LAMP = UUID("0193a1b0-0000-7000-8000-000000001a49")
GOOD = record_of(event(LampInstalledV1, LAMP, 1))
DOCUMENT = {name: said for name, said in json.loads(GOOD.value).items() if name != "signature"}


def read(record: Record) -> Received:
    """What is believed of it."""
    return read_record(record, EventTypes(LAMP_EVENTS), VERIFIER)


def signed(by: str, **changes: object) -> Record:
    """The good event with changes, signed by a service's key."""
    return replace(GOOD, value=event_signer(by).sign(json.dumps({**DOCUMENT, **changes})).encode())


def test_a_good_record_is_read_whole() -> None:
    received = read(GOOD)
    assert (received.refusal, received.genuine, str(received.event_id)) == (None, True, DOCUMENT["id"])
    assert received.aggregate == ("probe.lamp", str(LAMP))
    assert received.event is not None


REFUSED: dict[str, tuple[Callable[[], Record], str, bool]] = {
    "unsigned": (lambda: replace(GOOD, value=json.dumps(DOCUMENT).encode()), "event_signature_invalid", False),
    "signed by another service": (lambda: signed("voucher"), "event_signature_invalid", False),
    "changed on its way": (
        lambda: replace(GOOD, value=GOOD.value.replace(b'"watts":1', b'"watts":9')), "event_signature_invalid", False,
    ),
    "on another topic": (lambda: replace(GOOD, topic=topic_of("voucher")), "event_of_another_topic", False),
    "from another source": (lambda: signed("probe", source="/skill-voucher/voucher"), "event_unreadable", True),
    "of another aggregate": (lambda: signed("probe", aggregatetype="voucher.voucher"), "event_unreadable", True),
    "of another version": (lambda: signed("probe", aggregateversion=2), "event_unreadable", True),
    "of another subject": (lambda: signed("probe", subject=str(uuid4())), "event_unreadable", True),
    "of a newer type": (lambda: signed("probe", type="cn.skillvoucher.probe.lamp.sold.v1"), "event_unreadable", True),
}  # fmt: skip


@pytest.mark.parametrize("how", REFUSED)
def test_what_its_owner_did_not_write_and_send_like_this_is_refused(how: str) -> None:
    make, code, genuine = REFUSED[how]
    received = read(make())
    assert received.refusal is not None
    assert (received.refusal.code, received.event, received.genuine) == (code, None, genuine)


@pytest.mark.parametrize(
    ("key", "aggregate_id"),
    [
        (str(LAMP).encode(), str(LAMP)),
        (None, "skill-voucher.probe/7"),
        (b"", "skill-voucher.probe/7"),
        (b"\xff", "skill-voucher.probe/7"),
        (b"with \0 in it", "skill-voucher.probe/7"),
        (b"long" * 100, "skill-voucher.probe/7"),
    ],
)
def test_what_cannot_be_read_is_its_keys_or_anybodys_of_its_partition(key: bytes | None, aggregate_id: str) -> None:
    received = read(Record(topic_of("probe"), 7, 3, b"not json", key=key))
    assert received.aggregate == ("unknown", aggregate_id)
