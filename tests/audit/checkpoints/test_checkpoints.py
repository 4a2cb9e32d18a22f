"""Heads of the log are signed as it grows, kept outside, never of a log that does not continue the last."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.audit.checkpoints import queries, service
from services.audit.checkpoints.domain import (
    CheckpointOfAnotherLog,
    LogForked,
    StoredCheckpoint,
    checkpoint_text,
    is_due,
    read_checkpoint_text,
)
from services.audit.checkpoints.timers import TIMERS
from services.audit.log.domain import Break, Flaw, Head, extend
from services.audit.log.service import Verification
from services.audit.tree.domain import TreeHead
from services.audit.verifications.service import verify
from shared.messaging.timers import take_turn
from shared.persistence import Database
from shared.security import SignedNoteInvalid, read_note
from tests.audit.long_log import head_over, small_entries, write_entries
from tests.audit.owner import tamper
from tests.databases import ServiceDatabase

ENTRIES = small_entries(700)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Outside the database; it is made when it is first needed."""
    return tmp_path / "outside" / "checkpoints"


@pytest.fixture
def signer(audit: ServiceDatabase, directory: Path) -> Database:
    """The worker's database with that directory in its settings."""
    return audit.worker.under(audit.worker.settings.model_copy(update={"checkpoint_directory": directory}))


async def turn(signer: Database) -> int:
    """A turn of the timer."""
    (timer,) = TIMERS
    return await take_turn(signer, timer)


async def age(audit: ServiceDatabase) -> None:
    """Let five minutes pass since the last checkpoint."""
    await as_owner(audit, "checkpoints", "UPDATE checkpoints SET recorded_at = recorded_at - interval '301 s'")


async def as_owner(audit: ServiceDatabase, table: str, statement: str) -> None:
    disable, enable = (f"ALTER TABLE {table} {how} TRIGGER USER" for how in ("DISABLE", "ENABLE"))
    await tamper(audit, disable, statement, enable)


async def stored(audit: ServiceDatabase) -> list[StoredCheckpoint]:
    async with audit.api.unit_of_work() as uow:
        return await queries.list_checkpoints(uow, after=0, limit=100)


async def verified(audit: ServiceDatabase, **how: Any) -> Verification:
    async with audit.api.unit_of_work() as uow:
        return await verify(uow, hashes_only=True, **how)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def test_a_head_is_signed_every_five_minutes_if_the_log_grew(
    audit: ServiceDatabase, signer: Database, directory: Path
) -> None:
    assert await turn(signer) == 0, "an empty log has no head worth a signature"
    assert not directory.exists()
    await write_entries(audit, ENTRIES[:300])
    assert [await turn(signer), await turn(signer)] == [1, 0]
    await write_entries(audit, ENTRIES[300:])
    assert await turn(signer) == 0, "five minutes have not passed"
    await age(audit)
    assert [await turn(signer), await turn(signer)] == [1, 0]
    await age(audit)
    assert await turn(signer) == 0, "the log did not grow"
    assert [checkpoint.head for checkpoint in await stored(audit)] == [head_over(ENTRIES[:300]), head_over(ENTRIES)]
    assert names(directory) == ["000000000000000300.checkpoint", "000000000000000700.checkpoint"]
    assert service.read_outside(directory, signer.keys.tree_heads) == [head_over(ENTRIES[:300]), head_over(ENTRIES)]


async def test_a_checkpoint_is_a_note_of_three_lines_signed_by_the_log(
    audit: ServiceDatabase, signer: Database, directory: Path
) -> None:
    await write_entries(audit, ENTRIES)
    await turn(signer)
    (checkpoint,) = await stored(audit)
    note_text, (signed,) = read_note(checkpoint.note)
    kid = json.loads(signer.settings.need_file("tree_head_key_file").read_text())["kid"]
    assert signed.name == kid.partition("#")[0]
    assert note_text == checkpoint_text(signed.name, head_over(ENTRIES))
    assert (directory / names(directory)[0]).read_text(encoding="utf-8") == checkpoint.note


async def test_a_file_that_is_missing_is_written_in_the_next_turn_and_none_is_replaced(
    audit: ServiceDatabase, signer: Database, directory: Path
) -> None:
    await write_entries(audit, ENTRIES)
    async with audit.worker.unit_of_work() as uow:
        signed = await service.sign_head(uow)
    assert signed is not None
    assert await turn(signer) == 0
    (name,) = names(directory)
    (directory / name).write_text("something else", encoding="utf-8")
    await turn(signer)
    service.write_outside(directory, signed)
    assert (directory / name).read_text(encoding="utf-8") == "something else"


async def test_a_head_is_signed_whenever_a_report_needs_one(audit: ServiceDatabase) -> None:
    async with audit.worker.unit_of_work() as uow:
        assert await service.sign_head(uow) is None
    for count in (10, 11, 11):
        await write_entries(audit, ENTRIES[len(await entries(audit)) : count])
        async with audit.worker.unit_of_work() as uow:
            signed = await service.sign_head(uow)
        assert signed is not None
        assert signed.head == head_over(ENTRIES[:count])
    assert [checkpoint.head.size for checkpoint in await stored(audit)] == [10, 11]


async def entries(audit: ServiceDatabase) -> list[int]:
    async with audit.api.engine.connect() as connection:
        return list(await connection.scalars(text("SELECT leaf_index FROM log_entries")))


async def forge(audit: ServiceDatabase) -> None:
    """Write the log anew, with other entries of the same number, its tree too; nobody can sign its head."""
    other = extend(Head(), [(entry.subject, entry.envelope + b" ") for entry in ENTRIES])
    for table in ("tree_tiles", "log_entries"):
        await as_owner(audit, table, f"DELETE FROM {table}")
    await write_entries(audit, other)


async def test_of_a_forked_log_nothing_is_signed(audit: ServiceDatabase, signer: Database) -> None:
    await write_entries(audit, ENTRIES[:400])
    await turn(signer)
    await forge(audit)
    await age(audit)
    with pytest.raises(LogForked, match="400"):
        await turn(signer)
    found = await verified(audit)
    assert found.broken == Break(0, Flaw.SIGNED_HEAD)


async def test_a_log_whose_stored_heads_were_deleted_too_is_found_by_those_outside(
    audit: ServiceDatabase, signer: Database, directory: Path
) -> None:
    await write_entries(audit, ENTRIES[:300])
    await turn(signer)
    await write_entries(audit, ENTRIES[300:])
    await age(audit)
    await turn(signer)
    sound = await verified(audit, outside=service.read_outside(directory, signer.keys.tree_heads))
    assert (sound.broken, sound.signed_entries) == (None, 700)
    await as_owner(audit, "checkpoints", "DELETE FROM checkpoints")
    await forge(audit)
    assert (await verified(audit)).broken is None, "nothing inside the database can show this"
    outside = service.read_outside(directory, signer.keys.tree_heads)
    assert (await verified(audit, outside=outside)).broken == Break(0, Flaw.SIGNED_HEAD)
    with pytest.raises(LogForked, match="700"):
        await turn(signer)


async def test_a_shorter_log_than_was_signed_is_found(audit: ServiceDatabase, signer: Database) -> None:
    await write_entries(audit, ENTRIES)
    await turn(signer)
    await tamper(audit, "DELETE FROM log_entries WHERE leaf_index >= 690")
    assert (await verified(audit)).broken == Break(0, Flaw.SIGNED_HEAD)
    with pytest.raises(LogForked):
        async with audit.worker.unit_of_work() as uow:
            await service.sign_head(uow)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE checkpoints SET root = sha256('x')",
        "UPDATE checkpoints SET note = replace(note, E'\\n', E'\\n\\n')",
        "UPDATE checkpoints SET tree_size = 699",
    ],
)
async def test_a_stored_head_that_the_log_did_not_sign_is_found(
    audit: ServiceDatabase, signer: Database, attack: str
) -> None:
    await write_entries(audit, ENTRIES)
    await turn(signer)
    assert (await verified(audit)).signed_entries == 700
    await as_owner(audit, "checkpoints", attack)
    broken = (await verified(audit)).broken
    assert broken is not None
    assert broken.flaw is Flaw.CHECKPOINT


async def test_a_verification_in_turns_holds_the_heads_of_each(audit: ServiceDatabase) -> None:
    for begin, end in ((0, 100), (100, 350), (350, 700)):
        await write_entries(audit, ENTRIES[begin:end])
        async with audit.worker.unit_of_work() as uow:
            await service.sign_head(uow)
    turns = [await verified(audit, begin=begin, limit=300) for begin in (0, 300, 600)]
    assert [found.broken for found in turns] == [None] * 3
    assert [found.signed_entries for found in turns] == [100, 350, 700]


@pytest.mark.parametrize("tree_size", [5, 6, 701])
async def test_the_database_takes_no_head_of_a_smaller_log_or_of_none(audit: ServiceDatabase, tree_size: int) -> None:
    await write_entries(audit, ENTRIES)
    insert = "INSERT INTO checkpoints VALUES (:size, sha256('x'), 'note', now())"
    async with audit.worker.engine.begin() as connection:
        await connection.execute(text(insert), {"size": 6})
    with pytest.raises(DBAPIError, match="signed head is of a larger log"):
        async with audit.worker.engine.begin() as connection:
            await connection.execute(text(insert), {"size": tree_size})


@pytest.mark.parametrize("table", ["checkpoints", "cosignatures"])
@pytest.mark.parametrize("role", ["api", "worker", "owner"])
async def test_nobody_changes_what_was_signed(audit: ServiceDatabase, table: str, role: str) -> None:
    for attack in (f"UPDATE {table} SET tree_size = 1", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
            async with getattr(audit, role).engine.begin() as connection:
                await connection.execute(text(attack))


async def test_the_api_signs_nothing(audit: ServiceDatabase) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with audit.api.engine.begin() as connection:
            await connection.execute(text("INSERT INTO checkpoints VALUES (1, sha256('x'), 'note', now())"))


def test_what_lies_in_the_directory_must_be_the_logs(signer: Database, directory: Path) -> None:
    keys = signer.keys.tree_heads
    assert service.read_outside(directory, keys) == []
    directory.mkdir(parents=True)
    note = signer.keys.tree_head_signing.sign("another.log\n1\nhgE=\n")
    for content, refusal in (("nonsense", SignedNoteInvalid), (note, CheckpointOfAnotherLog)):
        path = directory / "1.checkpoint"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(refusal):
            service.read_outside(directory, keys)
        with pytest.raises(refusal):
            service.read_outside(path, keys)


@pytest.mark.parametrize("size", ["01", "-1", "+1", "1 ", "", "9" * 19, "१"])
def test_what_is_no_checkpoint(size: str) -> None:
    root = checkpoint_text("a", TreeHead(1, bytes(32))).split("\n")[2]
    assert read_checkpoint_text(f"a\n1\n{root}\n") == ("a", TreeHead(1, bytes(32)))
    for other in (f"a\n{size}\n{root}\n", f"a\n1\n{root}", f"a\n1\n{root}\nmore\n", f"\n1\n{root}\n", "a\n1\nAAAA\n"):
        with pytest.raises(CheckpointOfAnotherLog):
            read_checkpoint_text(other)


async def test_when_a_head_is_due(audit: ServiceDatabase) -> None:
    async with audit.api.unit_of_work() as uow:
        now = uow.recorded_at
    last = StoredCheckpoint(TreeHead(5, bytes(32)), "", now)
    assert [is_due(None, 0, now), is_due(None, 1, now)] == [False, True]
    assert [is_due(last, 6, now + timedelta(seconds=299)), is_due(last, 6, now + timedelta(minutes=5))] == [False, True]
    assert not is_due(last, 5, now + timedelta(days=1))
