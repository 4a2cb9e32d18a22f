"""The hash chain alone, without a database."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.log.domain import GENESIS_HASH, Break, Entry, Flaw, Head, Subject, extend, follow, leaf_hash

TEXTS = st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=30), min_size=1, max_size=12)


def chain(texts: list[str]) -> list[Entry]:
    return extend(Head(), [(Subject("probe.lamp", text, 1), text) for text in texts])


def read(text: str) -> Subject:
    return Subject("probe.lamp", text, 1)


def test_the_first_hash_follows_thirty_two_zero_bytes() -> None:
    """A vector of another program: `(head -c 32 /dev/zero; printf '{}') | sha256sum`."""
    assert leaf_hash(GENESIS_HASH, "{}").hex() == "fb1634c4e6cd4b1f1afe3ce2d6ef080f7ac5d1f357d723ad4dfca782733b62db"


@given(TEXTS)
def test_a_chain_follows_itself_in_pages_of_any_size(texts: list[str]) -> None:
    entries = chain(texts)
    for size in range(1, len(entries) + 1):
        head: Head | Break = Head()
        for start in range(0, len(entries), size):
            assert isinstance(head, Head)
            head = follow(head, entries[start : start + size], read)
        assert head == Head(len(texts), entries[-1].hash)


@given(TEXTS, st.data())
def test_whatever_is_changed_is_found_at_its_place(texts: list[str], data: st.DataObject) -> None:
    entries = chain(texts)
    place = data.draw(st.integers(0, len(entries) - 1))
    changes: dict[Flaw, Callable[[Entry], Entry]] = {
        Flaw.HASH: lambda entry: replace(entry, envelope=entry.envelope + "x"),
        Flaw.INDEX: lambda entry: replace(entry, index=entry.index + 1),
        Flaw.SUBJECT: lambda entry: replace(entry, subject=replace(entry.subject, version=2)),
    }
    for flaw, change in changes.items():
        changed = [*entries[:place], change(entries[place]), *entries[place + 1 :]]
        assert follow(Head(), changed, read) == Break(place, flaw)


def test_an_unreadable_envelope_is_found() -> None:
    assert follow(Head(), chain(["a"]), lambda text: None) == Break(0, Flaw.SUBJECT)


@pytest.mark.parametrize("flaw", list(Flaw))
def test_every_flaw_is_named(flaw: Flaw) -> None:
    assert flaw.value == flaw.name.lower()
