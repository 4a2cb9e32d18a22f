"""The log: every event, byte for byte, once, in one chain, whoever writes at the same time."""

import asyncio
import hashlib
import json
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.audit.case_facts.consumers import FOLLOWED, HANDLERS
from services.audit.log import queries
from services.audit.log.domain import GENESIS_HASH, Head, leaf_hash
from services.audit.log.models import LogEntry
from services.audit.log.service import verify_log
from shared.contracts import EVENT_TYPES
from shared.contracts.envelope import Event
from shared.kernel.ids import uuid7
from shared.messaging.parked import list_parked
from shared.persistence import refusal_of
from tests.audit.publisher import INSTITUTION, Life, Publisher, publish
from tests.databases import ServiceDatabase

EVENTS = sorted(EVENT_TYPES, key=lambda event: event.type())


def creates(event: type[Event]) -> bool:
    """Whether audit's read models take this event as the first of its aggregate, or take no notice of it."""
    steps = {kind: step for followed in FOLLOWED.values() for kind, step in followed.items()}
    return (event not in HANDLERS or (event in steps and steps[event].creates)) and event.name != "person.superseded"


async def entries(audit: ServiceDatabase) -> list[LogEntry]:
    async with audit.api.unit_of_work() as uow:
        return list(await uow.session.scalars(select(LogEntry).order_by(LogEntry.leaf_index)))


async def test_every_event_of_every_service_is_logged(audit: ServiceDatabase, publisher: Publisher) -> None:
    life = Life(publisher).whole()
    ids = {
        "voucher": life.voucher_id, "enrolment": life.enrolment_id, "candidate": life.candidate_id,
        "certificate": life.certificate_id, "payout": life.payout_id, "person": life.person_id,
    }  # fmt: skip
    for event in EVENTS:
        organisation = "UUID" not in str(event.model_fields["id"].annotation)
        known = INSTITUTION if organisation else ids.get(event.aggregate, uuid7())
        publisher.add(event, uuid7() if creates(event) and not organisation else known)
    records = publisher.drain()
    await publish(audit, records)
    assert await list_parked(audit.worker) == []
    logged = await entries(audit)
    assert {json.loads(entry.envelope)["type"] for entry in logged} == {event.type() for event in EVENTS}
    assert sorted(entry.envelope for entry in logged) == sorted(record.value for record in records)


async def test_anybody_can_recompute_the_chain(audit: ServiceDatabase, publisher: Publisher) -> None:
    Life(publisher).whole()
    await publish(audit, publisher.drain())
    previous = bytes(32)
    for index, entry in enumerate(await entries(audit)):
        previous = hashlib.sha256(previous + entry.envelope).digest()
        assert (entry.leaf_index, entry.hash) == (index, previous)


async def test_what_is_received_twice_is_logged_once(audit: ServiceDatabase, publisher: Publisher) -> None:
    Life(publisher).whole()
    records = publisher.drain()
    await publish(audit, records + records)
    await publish(audit, records)
    assert len(await entries(audit)) == len(records)


async def test_many_writers_make_one_chain(audit: ServiceDatabase) -> None:
    publishers = [Publisher() for _ in range(8)]
    for publisher in publishers:
        Life(publisher).whole()
    count = sum(len(publisher.records) for publisher in publishers)
    halves = [publisher.records[: len(publisher.records) // 2] for publisher in publishers]
    await asyncio.gather(*(publish(audit, half) for half in halves))
    await asyncio.gather(*(publish(audit, publisher.drain()) for publisher in publishers))
    assert [entry.leaf_index for entry in await entries(audit)] == list(range(count))
    async with audit.api.unit_of_work() as uow:
        verification = await verify_log(uow)
    assert (verification.broken, verification.head.entries, verification.finished) == (None, count, True)


async def test_an_event_of_an_unknown_type_waits_and_what_follows_it_too(
    audit: ServiceDatabase, publisher: Publisher
) -> None:
    life = Life(publisher).claim().enrol()
    records = publisher.drain()
    unknown = [
        replace(record, value=record.value.replace(b"voucher.bound.v1", b"voucher.bound.v9")) for record in records
    ]
    publisher.add(EVENT_TYPES.named("voucher.held")[0], life.voucher_id)
    await publish(audit, unknown + publisher.drain())
    assert [(event.version, event.code) for event in await list_parked(audit.worker)] == [
        (2, "event_unreadable"),
        (3, "behind_parked"),
    ]
    assert len(await entries(audit)) == len(records) - 1


@pytest.mark.parametrize("role", ["api", "worker", "owner"])
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE log_entries SET envelope = envelope || '\\x20'",
        "DELETE FROM log_entries",
        "TRUNCATE log_entries",
    ],
)
async def test_nobody_changes_the_log(audit: ServiceDatabase, publisher: Publisher, role: str, attack: str) -> None:
    Life(publisher).claim()
    await publish(audit, publisher.drain())
    before = [(entry.leaf_index, entry.envelope) for entry in await entries(audit)]
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        async with getattr(audit, role).engine.begin() as connection:
            await connection.execute(text(attack))
    assert [(entry.leaf_index, entry.envelope) for entry in await entries(audit)] == before


async def test_the_api_writes_no_entry(audit: ServiceDatabase) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with audit.api.engine.begin() as connection:
            await insert(connection, 0, leaf_hash(GENESIS_HASH, b"{}"))


async def insert(
    connection: AsyncConnection, index: int, digest: bytes, *, version: int = 1, envelope: bytes = b"{}"
) -> None:
    """Insert an entry by hand."""
    statement = text("INSERT INTO log_entries VALUES (:index, :hash, 'voucher.voucher', 'a', :version, :envelope)")
    given = {"index": index, "hash": digest, "version": version, "envelope": envelope}
    await connection.execute(statement, given)


FIRST = leaf_hash(GENESIS_HASH, b"{}")


@pytest.mark.parametrize(
    ("index", "digest", "version", "code"),
    [
        (1, leaf_hash(GENESIS_HASH, b"{}"), 2, "chain_broken"),
        (2, leaf_hash(FIRST, b"{}"), 2, "chain_broken"),
        (1, leaf_hash(FIRST, b"{}"), 3, "aggregate_gap"),
    ],
    ids=["another hash", "an index left out", "a version left out"],
)
async def test_the_database_refuses_what_does_not_continue_the_chain(
    audit: ServiceDatabase, index: int, digest: bytes, version: int, code: str
) -> None:
    async with audit.worker.engine.begin() as connection:
        await insert(connection, 0, FIRST)
    with pytest.raises(DBAPIError) as caught:
        async with audit.worker.engine.begin() as connection:
            await insert(connection, index, digest, version=version)
    refusal = refusal_of(caught.value)
    assert refusal is not None
    assert refusal.code == code


async def test_the_head_of_an_empty_log_is_thirty_two_zero_bytes(audit: ServiceDatabase) -> None:
    async with audit.api.unit_of_work() as uow:
        assert await queries.head(uow) == Head(0, bytes(32))
