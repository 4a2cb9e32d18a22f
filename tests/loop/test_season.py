"""The loop with every event delivered twice and shuffled: everybody gets what is due, and gets it once."""

import asyncio
import base64

import asyncpg
import httpx
import pytest

from deploy.local.demo.season import quotas
from deploy.local.demo.staff import AUDITOR
from deploy.local.environment import Process
from deploy.local.reconciliation import reconcile_all
from tests.loop.conftest import LOOPS, FinishedSeason
from tests.loop.personal_data import finds, log_texts, table_texts

pytestmark = pytest.mark.xdist_group("loop")

POSITIONS = """
    SELECT aggregate_type, aggregate_id, version FROM positions
    WHERE aggregate_type = 'voucher.voucher' ORDER BY version DESC, aggregate_id
"""
"""Vouchers as training has received them, those with the most events first: they were redeemed."""


async def test_everybody_gets_as_far_as_planned(finished: FinishedSeason) -> None:
    trains, passes = quotas(LOOPS)
    assert finished.result.funnel == {
        "claimed": LOOPS,
        "enrolled": trains,
        "completed": passes,
        "certified": passes,
        "opened": passes,
        "paid": passes,
    }


async def test_the_ledger_sums_to_zero_and_holds_what_was_paid(finished: FinishedSeason) -> None:
    assert finished.ledger["sum_fen"] == 0
    assert finished.result.paid_fen > 0


async def test_the_bank_accepted_one_instruction_for_each_payout(finished: FinishedSeason) -> None:
    """Invariant 16: the bank's own book."""
    async with httpx.AsyncClient(base_url=finished.system.environment.url("bank")) as bank:
        book = (await bank.get("/book")).json()
    assert book["instructions"] == finished.result.funnel["paid"]
    assert book["paid_fen"] == finished.result.paid_fen


async def test_without_certificate_no_payment(finished: FinishedSeason) -> None:
    assert finished.result.refusals["certificate_missing"] >= 1


async def test_the_log_of_all_events_holds_together(finished: FinishedSeason) -> None:
    verdict = await finished.client.post(AUDITOR, "audit", "/v1/log-verifications")
    assert verdict["verified"] is True
    assert verdict["entries"] > LOOPS * 10


async def test_what_was_emitted_was_received_and_what_is_lost_is_mended_from_the_log(finished: FinishedSeason) -> None:
    """Training takes no notice of a voucher's redemption, so that it may forget that it came and receive it again."""
    environment = finished.system.environment
    assert await asyncio.to_thread(reconcile_all, environment, 30.0) == (0, 0)
    url = environment.database_url("training", Process.MIGRATE).replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(url)
    try:
        before = await connection.fetch(POSITIONS)
        await connection.execute(
            "UPDATE positions SET version = version - 1 WHERE (aggregate_type, aggregate_id) = ($1, $2)", *before[0][:2]
        )
        assert await asyncio.to_thread(reconcile_all, environment, 0.0) == (1, 0)
        assert await connection.fetch(POSITIONS) == before
        assert await connection.fetchval("SELECT count(*) FROM parked_events") == 0
    finally:
        await connection.close()


async def test_the_funnel_of_audit_agrees(finished: FinishedSeason) -> None:
    funnel = await finished.client.get(AUDITOR, "audit", "/v1/funnel")
    assert str(finished.result.funnel["paid"]) in str(funnel)


async def test_nothing_that_was_written_holds_personal_data(finished: FinishedSeason) -> None:
    citizens = [trainee.citizen for trainee in finished.season.trainees]
    secrets = [secret for citizen in citizens for secret in (citizen.id_number, citizen.phone)]
    secrets += [citizen.name for citizen in citizens if len(citizen.name) > 2]
    texts = [*log_texts(finished.system.root), *await table_texts(finished.system.environment)]
    assert len(texts) > 100
    assert finds(texts, secrets) == []


def test_the_search_would_find_what_it_looks_for() -> None:
    """The positive control: plain, escaped and inside a JWS segment."""
    header, payload = (
        base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for text in ('{"alg":"ES256"}', '{"name":"王小明"}')
    )
    texts = [("plain", "x 王小明 y"), ("jws", f"{header}.{payload}.c2ln"), ("clean", "王先生")]
    assert finds(texts, ["王小明"]) == ["plain", "jws"]
