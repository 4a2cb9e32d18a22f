"""The tree that the database keeps beside the log, and the proofs out of it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.audit.log import queries
from services.audit.log.domain import Break, Flaw, Head
from services.audit.log.service import verify_log
from services.audit.proofs import service
from services.audit.proofs.domain import LogEntryNotFound, TreeSizeBeyondLog, TreeSizesReversed
from services.audit.tree import domain
from services.audit.tree.domain import EMPTY_ROOT, Tile, TreeHead
from tests.audit.long_log import head_over, small_entries, write_entries
from tests.audit.owner import tamper
from tests.databases import ServiceDatabase

ENTRIES = small_entries(1_300)


@pytest.fixture
async def log(audit: ServiceDatabase) -> ServiceDatabase:
    """A log of 1,300 entries, written in portions that finish no tile, one, and several."""
    for begin, end in ((0, 1), (1, 255), (255, 256), (256, 700), (700, 1_300)):
        await write_entries(audit, ENTRIES[begin:end])
    return audit


async def test_the_database_keeps_the_tree(log: ServiceDatabase) -> None:
    async with log.api.unit_of_work() as uow:
        assert await queries.count_tiles(uow) == {0: 5}
        stored = await queries.find_stored_tiles(uow, [Tile(0, index) for index in range(6)])
        for tile, hashes in stored.items():
            entries = ENTRIES[tile.index * 256 :][:256]
            assert hashes == [domain.leaf_hash(entry.envelope) for entry in entries]
        for size in (0, 1, 255, 256, 257, 1_024, 1_279, 1_280, 1_300):
            assert await service.tree_head(uow, size) == head_over(ENTRIES[:size])
        assert await service.tree_head(uow) == head_over(ENTRIES)


async def test_an_empty_log_has_an_empty_tree(audit: ServiceDatabase) -> None:
    async with audit.api.unit_of_work() as uow:
        assert await service.tree_head(uow) == TreeHead(0, EMPTY_ROOT)
        proof = await service.prove_consistency(uow, 0)
        assert (proof.first, proof.second, proof.path) == (proof.second, TreeHead(0, EMPTY_ROOT), [])
        with pytest.raises(TreeSizeBeyondLog):
            await service.prove_inclusion(uow, 0, 1)
        with pytest.raises(LogEntryNotFound):
            await service.prove_inclusion(uow, 0)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 1_300), (255, 256), (256, 257), (700, 1_024), (1_299, None)])
async def test_an_entry_is_proven(log: ServiceDatabase, index: int, size: int | None) -> None:
    async with log.api.unit_of_work() as uow:
        proof = await service.prove_inclusion(uow, index, size)
    assert proof.head == head_over(ENTRIES[:size])
    assert domain.includes(index, domain.leaf_hash(ENTRIES[index].envelope), proof.path, proof.head)


@pytest.mark.parametrize(("first", "second"), [(0, 9), (1, 2), (255, 256), (256, 1_300), (700, 1_299), (1_300, None)])
async def test_growth_is_proven(log: ServiceDatabase, first: int, second: int | None) -> None:
    async with log.api.unit_of_work() as uow:
        proof = await service.prove_consistency(uow, first, second)
    assert (proof.first, proof.second) == (head_over(ENTRIES[:first]), head_over(ENTRIES[:second]))
    assert domain.extends(proof.first, proof.second, proof.path)


async def test_no_proof_goes_beyond_the_log_or_backwards(log: ServiceDatabase) -> None:
    async with log.api.unit_of_work() as uow:
        with pytest.raises(TreeSizeBeyondLog):
            await service.prove_inclusion(uow, 0, 1_301)
        with pytest.raises(TreeSizeBeyondLog):
            await service.prove_consistency(uow, 0, 1_301)
        with pytest.raises(TreeSizesReversed):
            await service.prove_consistency(uow, 10, 9)
        with pytest.raises(LogEntryNotFound):
            await service.prove_inclusion(uow, 10, 10)


async def test_a_tile_of_tiles_is_finished_by_the_entry_that_fills_it(audit: ServiceDatabase) -> None:
    entries = small_entries(65_600)
    await write_entries(audit, entries[:65_530])
    await write_entries(audit, entries[65_530:])
    async with audit.api.unit_of_work() as uow:
        assert await queries.count_tiles(uow) == {0: 256, 1: 1}
        assert await service.tree_head(uow) == head_over(entries)
        for index in (0, 65_535, 65_536, 65_599):
            proof = await service.prove_inclusion(uow, index)
            assert domain.includes(index, domain.leaf_hash(entries[index].envelope), proof.path, proof.head)
        growth = await service.prove_consistency(uow, 65_535)
        assert domain.extends(head_over(entries[:65_535]), growth.second, growth.path)
        verification = await verify_log(uow, begin=65_590, hashes_only=True)
    assert (verification.broken, verification.tree) == (None, head_over(entries))


async def test_a_log_that_was_there_before_gets_its_tree_with_the_next_entry(audit: ServiceDatabase) -> None:
    async with audit.owner.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE log_entries DISABLE TRIGGER grow_tree"))
    await write_entries(audit, ENTRIES[:1_200])
    async with audit.owner.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE log_entries ENABLE TRIGGER grow_tree"))
    await write_entries(audit, ENTRIES[1_200:])
    async with audit.api.unit_of_work() as uow:
        assert await queries.count_tiles(uow) == {0: 5}
        assert await service.tree_head(uow) == head_over(ENTRIES)


@pytest.mark.parametrize("role", ["api", "worker"])
@pytest.mark.parametrize(
    "attack",
    [
        "INSERT INTO tree_tiles SELECT 0, 5, hashes, root FROM tree_tiles WHERE tile_index = 0",
        "UPDATE tree_tiles SET root = hashes",
        "DELETE FROM tree_tiles",
        "TRUNCATE tree_tiles",
    ],
)
async def test_no_process_writes_the_tree(log: ServiceDatabase, role: str, attack: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with getattr(log, role).engine.begin() as connection:
            await connection.execute(text(attack))


@pytest.mark.parametrize("attack", ["UPDATE tree_tiles SET root = root", "DELETE FROM tree_tiles"])
async def test_the_owner_does_not_change_the_tree_in_passing(log: ServiceDatabase, attack: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        async with log.owner.engine.begin() as connection:
            await connection.execute(text(attack))


SPOILT = "overlay(hashes placing '\\x00'::bytea from 1000)"
TREE_ATTACKS = {
    "a hash edited": (f"UPDATE tree_tiles SET hashes = {SPOILT} WHERE tile_index = 2", Break(512, Flaw.TREE)),
    "a tile deleted": ("DELETE FROM tree_tiles WHERE tile_index = 4", Break(1_024, Flaw.TREE)),
    "a tile too many": (
        "INSERT INTO tree_tiles SELECT 0, 5, hashes, root FROM tree_tiles WHERE tile_index = 0",
        Break(1_280, Flaw.TREE),
    ),
    "a level too many": (
        "INSERT INTO tree_tiles SELECT 1, 0, hashes, root FROM tree_tiles WHERE tile_index = 0",
        Break(0, Flaw.TREE),
    ),
}


@pytest.mark.parametrize("name", TREE_ATTACKS)
@pytest.mark.parametrize("page_entries", [100, 2_000])
async def test_verification_finds_what_was_done_to_the_tree(log: ServiceDatabase, name: str, page_entries: int) -> None:
    statement, expected = TREE_ATTACKS[name]
    async with log.api.unit_of_work() as uow:
        sound = await verify_log(uow, page_entries=page_entries, hashes_only=True)
        assert (sound.broken, sound.tree) == (None, head_over(ENTRIES))
    await tamper(
        log,
        "ALTER TABLE tree_tiles DISABLE TRIGGER ALL", statement, "ALTER TABLE tree_tiles ENABLE TRIGGER ALL",
    )  # fmt: skip
    async with log.api.unit_of_work() as uow:
        assert (await verify_log(uow, page_entries=page_entries, hashes_only=True)).broken == expected


async def test_a_signed_head_is_held_against_the_log(log: ServiceDatabase) -> None:
    heads = [head_over(ENTRIES[:size]) for size in (0, 3, 300, 900, 1_300)]
    forked = TreeHead(900, bytes(32))
    async with log.api.unit_of_work() as uow:
        for page_entries in (1, 7, 299, 300, 1_300, 2_000):
            found = await verify_log(uow, signed=heads, page_entries=page_entries, hashes_only=True)
            assert found.broken is None
            found = await verify_log(uow, signed=[*heads, forked], page_entries=page_entries, hashes_only=True)
            assert found.broken == Break(900, Flaw.SIGNED_HEAD)
            found = await verify_log(uow, signed=[*heads[:3], forked], page_entries=page_entries, hashes_only=True)
            assert found.broken == Break(300, Flaw.SIGNED_HEAD), "up to 300 a signed head holds"
        beyond = await verify_log(uow, signed=[*heads, TreeHead(1_301, bytes(32))], hashes_only=True)
        assert beyond.broken == Break(1_300, Flaw.SIGNED_HEAD)
        turns = await verify_log(uow, begin=300, signed=[forked], limit=100, hashes_only=True)
        assert (turns.broken, turns.finished, turns.head) == (None, False, Head(400, ENTRIES[399].hash))
        assert (await verify_log(uow, begin=400, signed=[forked], hashes_only=True)).broken == Break(
            400, Flaw.SIGNED_HEAD
        )
