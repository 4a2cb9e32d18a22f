"""The right parts lose nothing under shuffling, duplication and a kill; each wrong one is caught."""

import secrets

import pytest

from deploy.local.kafka import KafkaNode
from tests.databases import Databases, ServiceDatabase
from tests.faults.harness import CursorRelay, GroupSource, HastySource, Trial, TypeConsumer

pytestmark = pytest.mark.xdist_group("kafka")


async def test_the_right_parts_lose_nothing_and_apply_nothing_twice(probe: ServiceDatabase, kafka: KafkaNode) -> None:
    trial = Trial(probe, kafka, secrets.randbelow(10**6), kill_at=40)
    assert await trial.run() == []


async def test_a_rogue_member_of_the_group_swallows_nothing(probe: ServiceDatabase, kafka: KafkaNode) -> None:
    trial = Trial(probe, kafka, secrets.randbelow(10**6), kill_at=40, swallow=True)
    assert await trial.run() == []


async def test_offsets_of_the_group_alone_are_caught(probe: ServiceDatabase, kafka: KafkaNode) -> None:
    assert await Trial(probe, kafka, 7, source=GroupSource, kill_at=40, swallow=True).run() != []


async def test_a_relay_with_a_cursor_is_caught(databases: Databases, kafka: KafkaNode) -> None:
    """Whether a row commits late enough is chance, so the harness may try a few times."""
    for seed in range(6):
        async with databases.clone("probe") as database:
            if await Trial(database, kafka, seed, relay=CursorRelay).run() != []:
                return
    pytest.fail("six seasons with a cursor, and nothing was missed")


async def test_offsets_before_effects_are_caught(probe: ServiceDatabase, kafka: KafkaNode) -> None:
    assert await Trial(probe, kafka, 7, source=HastySource, kill_at=40).run() != []


async def test_grouping_a_batch_by_type_is_caught(probe: ServiceDatabase, kafka: KafkaNode) -> None:
    assert await Trial(probe, kafka, 7, consumer=TypeConsumer).run() != []
