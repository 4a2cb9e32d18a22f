"""Tampering by the owner, who can switch the triggers off: verification names the first entry that does not hold."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.audit.log.domain import GENESIS_HASH, Break, Flaw, Head, leaf_hash
from services.audit.log.service import Verification, verify_log
from services.audit.tree.domain import EMPTY_ROOT, TreeHead
from tests.audit.owner import tamper
from tests.audit.publisher import Life, Publisher, publish
from tests.databases import ServiceDatabase

Attack = Callable[[AsyncConnection], Awaitable[None]]


@pytest.fixture
async def log(audit: ServiceDatabase, publisher: Publisher) -> ServiceDatabase:
    """A log of three closed loops."""
    for _ in range(3):
        Life(publisher).whole()
    await publish(audit, publisher.drain())
    return audit


async def verify(audit: ServiceDatabase, **how: Any) -> Verification:
    async with audit.api.unit_of_work() as uow:
        return await verify_log(uow, **{"page_entries": 7, **how})


async def chain_anew(audit: ServiceDatabase) -> None:
    """Renumber and rehash the whole log, as an owner would who knows how it works."""
    async with audit.owner.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE log_entries DISABLE TRIGGER ALL"))
        rows = (await connection.execute(text("SELECT * FROM log_entries ORDER BY leaf_index"))).all()
        await connection.execute(text("DELETE FROM log_entries"))
        previous = GENESIS_HASH
        for index, row in enumerate(rows):
            previous = leaf_hash(previous, row.envelope)
            given = {**row._mapping, "leaf_index": index, "hash": previous}
            names = ", ".join(given)
            places = ", ".join(f":{name}" for name in given)
            await connection.execute(text(f"INSERT INTO log_entries ({names}) VALUES ({places})"), given)
        await connection.execute(text("ALTER TABLE log_entries ENABLE TRIGGER ALL"))


SWAP = """
    UPDATE log_entries SET leaf_index = -leaf_index - 1 WHERE leaf_index IN (11, 12);
    UPDATE log_entries SET leaf_index = 23 + leaf_index + 1 WHERE leaf_index < 0
"""

EDITED = "convert_to(replace(convert_from(envelope, 'UTF8'), '2026', '2027'), 'UTF8')"

ATTACKS = {
    "an envelope edited": (
        (f"UPDATE log_entries SET envelope = {EDITED} WHERE leaf_index = 11",),
        Break(11, Flaw.HASH),
    ),
    "a byte added": (
        ("UPDATE log_entries SET envelope = envelope || '\\x20' WHERE leaf_index = 0",),
        Break(0, Flaw.HASH),
    ),
    "an entry edited and rehashed": (
        (
            "UPDATE log_entries SET envelope = envelope || '\\x20' WHERE leaf_index = 11",
            "UPDATE log_entries SET hash = sha256((SELECT hash FROM log_entries WHERE leaf_index = 10) "
            "|| envelope) WHERE leaf_index = 11",
        ),
        Break(11, Flaw.SIGNATURE),
    ),
    "an entry deleted": (("DELETE FROM log_entries WHERE leaf_index = 11",), Break(11, Flaw.INDEX)),
    "the first entry deleted": (("DELETE FROM log_entries WHERE leaf_index = 0",), Break(0, Flaw.INDEX)),
    "two entries exchanged": (tuple(SWAP.split(";")), Break(11, Flaw.HASH)),
    "two entries' texts exchanged": (
        (
            "UPDATE log_entries l SET envelope = other.envelope FROM log_entries other "
            "WHERE (l.leaf_index, other.leaf_index) IN ((11, 12), (12, 11))",
        ),
        Break(11, Flaw.HASH),
    ),
    "a column changed": (
        ("UPDATE log_entries SET aggregate_id = 'another' WHERE leaf_index = 11",),
        Break(11, Flaw.SUBJECT),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_verification_finds_what_the_owner_did(log: ServiceDatabase, name: str) -> None:
    assert (await verify(log)).broken is None
    statements, expected = ATTACKS[name]
    if name == "two entries exchanged":
        statements = ("ALTER TABLE log_entries DROP CONSTRAINT ck_log_entries_index_from_zero", *statements)
    await tamper(log, *statements)
    found = await verify(log)
    assert found.broken == expected
    assert found.head.entries == expected.index


ANYTHING = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "nul": b"\x00",
    "no json": b"{",
    "another shape": b"[]",
    "a number": b"5",
    "deep": b"[" * 100_000,
    "deep data": b'{"data":' * 100_000,
    "digits": b"9" * 100_000,
    "nan": b'{"type": NaN}',
}


@pytest.mark.parametrize("value", ANYTHING.values(), ids=ANYTHING.keys())
async def test_anything_at_all_in_the_place_of_an_envelope_is_named(log: ServiceDatabase, value: bytes) -> None:
    """With the hash of the chain, and with hashes made anew from there on by somebody who knows how."""
    await tamper(log, f"UPDATE log_entries SET envelope = '\\x{value.hex()}' WHERE leaf_index = 11")
    assert (await verify(log)).broken == Break(11, Flaw.HASH)
    await chain_anew(log)
    found = await verify(log)
    assert (found.broken, found.head.entries) == (Break(11, Flaw.SUBJECT), 11)


async def test_an_entry_taken_out_is_missed_even_if_the_chain_is_made_anew(log: ServiceDatabase) -> None:
    row = "SELECT min(leaf_index) FROM log_entries WHERE version = 2 AND aggregate_type = 'payout.payout'"
    async with log.owner.engine.begin() as connection:
        index = await connection.scalar(text(row))
        successor = await connection.scalar(
            text(
                "SELECT min(later.leaf_index) FROM log_entries later JOIN log_entries gone USING (aggregate_id) "
                f"WHERE gone.leaf_index = {index} AND later.version = 3"
            )
        )
    await tamper(log, f"DELETE FROM log_entries WHERE leaf_index = {index}")
    await chain_anew(log)
    assert (await verify(log)).broken == Break(successor - 1, Flaw.VERSION)


async def test_two_entries_of_one_aggregate_exchanged_are_found_even_if_the_chain_is_made_anew(
    log: ServiceDatabase,
) -> None:
    async with log.owner.engine.begin() as connection:
        first, second = (
            await connection.scalars(
                text("SELECT leaf_index FROM log_entries WHERE aggregate_id = "
                     "(SELECT aggregate_id FROM log_entries WHERE version = 8 ORDER BY leaf_index LIMIT 1) "
                     "AND version IN (4, 5) ORDER BY leaf_index")
            )
        ).all()  # fmt: skip
    await tamper(
        log,
        "ALTER TABLE log_entries DROP CONSTRAINT ck_log_entries_index_from_zero",
        f"UPDATE log_entries SET leaf_index = -1 WHERE leaf_index = {first}",
        f"UPDATE log_entries SET leaf_index = {first} WHERE leaf_index = {second}",
        f"UPDATE log_entries SET leaf_index = {second} WHERE leaf_index = -1",
    )
    await chain_anew(log)
    assert (await verify(log)).broken == Break(first, Flaw.VERSION)


async def test_an_end_cut_off_is_missed_because_it_was_received(log: ServiceDatabase) -> None:
    await tamper(log, "DELETE FROM log_entries WHERE leaf_index = (SELECT max(leaf_index) FROM log_entries)")
    found = await verify(log)
    assert found.broken == Break(found.head.entries, Flaw.CUT_OFF)


async def test_no_entry_is_written_anew_without_its_owners_key(log: ServiceDatabase) -> None:
    await tamper(
        log,
        "UPDATE log_entries SET envelope = "
        "convert_to(replace(convert_from(envelope, 'UTF8'), '\"level\":4', '\"level\":3'), 'UTF8')",
    )
    await chain_anew(log)
    broken = (await verify(log)).broken
    assert broken is not None
    assert broken.flaw is Flaw.SIGNATURE


async def test_a_log_from_which_a_whole_aggregate_was_taken_does_not_hold_a_noted_head(log: ServiceDatabase) -> None:
    noted = (await verify(log)).head
    gone = "(SELECT aggregate_id FROM log_entries WHERE version = 8 ORDER BY leaf_index LIMIT 1)"
    await tamper(
        log,
        f"DELETE FROM positions WHERE aggregate_id = {gone}",
        f"DELETE FROM log_entries WHERE aggregate_id = {gone}",
    )
    await chain_anew(log)
    assert (await verify(log)).broken is None, "nothing inside the database can show this"
    assert (await verify(log, noted=noted)).broken == Break(noted.entries, Flaw.NOTED_HEAD)


async def test_a_noted_head_still_holds_after_the_log_grew(log: ServiceDatabase) -> None:
    noted, publisher = (await verify(log)).head, Publisher()
    Life(publisher).whole()
    await publish(log, publisher.drain())
    found = await verify(log, noted=noted)
    assert (found.broken, found.head.entries > noted.entries) == (None, True)


async def test_a_long_log_is_verified_in_turns(log: ServiceDatabase) -> None:
    whole = await verify(log)
    first = await verify(log, limit=20)
    assert (first.finished, first.head.entries) == (False, 20)
    rest = await verify(log, begin=20)
    assert (rest.finished, rest.broken, rest.head) == (True, None, whole.head)
    await tamper(log, "UPDATE log_entries SET envelope = '\\x7b7d' WHERE leaf_index = 19")
    assert (await verify(log, begin=20)).broken is None, "the positive control: only what is walked is verified"
    assert (await verify(log, limit=20)).broken == Break(19, Flaw.HASH)


async def test_a_log_that_does_not_reach_so_far_cannot_be_verified_from_there(log: ServiceDatabase) -> None:
    found = await verify(log, begin=10_000)
    assert found.broken == Break(10_000, Flaw.INDEX)


async def test_an_empty_log_is_sound(audit: ServiceDatabase) -> None:
    assert await verify(audit) == Verification(Head(), None, finished=True, tree=TreeHead(0, EMPTY_ROOT))


async def test_verification_goes_on_while_the_log_grows(log: ServiceDatabase) -> None:
    publisher = Publisher()
    for _ in range(5):
        Life(publisher).whole()
    records = publisher.drain()

    async def grow() -> None:
        for start in range(0, len(records), 4):
            await publish(log, records[start : start + 4])

    async def look() -> list[Verification]:
        return [await verify(log, page_entries=3) for _ in range(4)]

    _, found = await asyncio.gather(grow(), look())
    assert [verification.broken for verification in found] == [None] * 4
    assert found[0].head.entries < found[-1].head.entries, "the positive control: the log did grow meanwhile"
