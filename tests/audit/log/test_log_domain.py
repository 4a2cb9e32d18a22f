"""The hash chain alone, without a database."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.log.domain import GENESIS_HASH, Break, Entry, Flaw, Head, Subject, extend, follow, leaf_hash
from services.audit.log.service import read_subject
from tests.audit.publisher import Life, Publisher
from tests.shared.contracts.nonsense import NONSENSE, spoilt


def envelopes() -> list[bytes]:
    """A loop, as it was published."""
    publisher = Publisher()
    Life(publisher).whole()
    return [record.value for record in publisher.records]


ENVELOPES = envelopes()
VALUES = st.lists(st.binary(max_size=30), min_size=1, max_size=12)


def chain(values: list[bytes]) -> list[Entry]:
    return extend(Head(), [(read(value), value) for value in values])


def read(value: bytes) -> Subject:
    return Subject("probe.lamp", value.hex(), 1)


def test_the_first_hash_follows_thirty_two_zero_bytes() -> None:
    """A vector of another program: `(head -c 32 /dev/zero; printf '{}') | sha256sum`."""
    assert leaf_hash(GENESIS_HASH, b"{}").hex() == "fb1634c4e6cd4b1f1afe3ce2d6ef080f7ac5d1f357d723ad4dfca782733b62db"


@given(VALUES)
def test_a_chain_follows_itself_in_pages_of_any_size(values: list[bytes]) -> None:
    entries = chain(values)
    for size in range(1, len(entries) + 1):
        head: Head | Break = Head()
        for start in range(0, len(entries), size):
            assert isinstance(head, Head)
            head = follow(head, entries[start : start + size], read)
        assert head == Head(len(values), entries[-1].hash)


@given(VALUES, st.data())
def test_whatever_is_changed_is_found_at_its_place(values: list[bytes], data: st.DataObject) -> None:
    entries = chain(values)
    place = data.draw(st.integers(0, len(entries) - 1))
    changes: dict[Flaw, Callable[[Entry], Entry]] = {
        Flaw.HASH: lambda entry: replace(entry, envelope=entry.envelope + b"x"),
        Flaw.INDEX: lambda entry: replace(entry, index=entry.index + 1),
        Flaw.SUBJECT: lambda entry: replace(entry, subject=replace(entry.subject, version=2)),
    }
    for flaw, change in changes.items():
        changed = [*entries[:place], change(entries[place]), *entries[place + 1 :]]
        assert follow(Head(), changed, read) == Break(place, flaw)


@given(st.data())
def test_anything_at_all_in_the_place_of_an_envelope_is_named(data: st.DataObject) -> None:
    """By an owner who makes every hash anew from there on."""
    place = data.draw(st.integers(0, len(ENVELOPES) - 1))
    value = data.draw(NONSENSE | spoilt(ENVELOPES[place]))
    changed = [*ENVELOPES[:place], value, *ENVELOPES[place + 1 :]]
    subjects = [read_subject(envelope) or Subject("", "", 0) for envelope in ENVELOPES]
    found = follow(Head(), extend(Head(), zip(subjects, changed, strict=True)), read_subject)
    if read_subject(value) == subjects[place]:
        assert isinstance(found, Head), "it still carries this change, so only a noted head can show it"
    else:
        assert found == Break(place, Flaw.SUBJECT)


def test_an_unreadable_envelope_is_found() -> None:
    assert follow(Head(), chain([b"a"]), lambda value: None) == Break(0, Flaw.SUBJECT)


@pytest.mark.parametrize("flaw", list(Flaw))
def test_every_flaw_is_named(flaw: Flaw) -> None:
    assert flaw.value == flaw.name.lower()
