"""The loop with every event delivered twice and shuffled: everybody gets what is due, and gets it once."""

import base64

import httpx
import pytest

from deploy.local.demo.season import quotas
from deploy.local.demo.staff import AUDITOR
from tests.loop.conftest import LOOPS, Lived
from tests.loop.personal_data import finds, log_texts, table_texts

pytestmark = pytest.mark.xdist_group("loop")


async def test_everybody_gets_as_far_as_he_went(lived: Lived) -> None:
    trains, passes = quotas(LOOPS)
    assert lived.result.funnel == {
        "claimed": LOOPS,
        "enrolled": trains,
        "completed": passes,
        "certified": passes,
        "opened": passes,
        "paid": passes,
    }


async def test_the_ledger_sums_to_zero_and_holds_what_was_paid(lived: Lived) -> None:
    assert lived.ledger["sum_fen"] == 0
    assert lived.result.paid_fen > 0


async def test_the_bank_accepted_one_instruction_for_each_payout(lived: Lived) -> None:
    """Invariant 16: the bank's own book."""
    async with httpx.AsyncClient(base_url=lived.system.environment.url("bank")) as bank:
        book = (await bank.get("/book")).json()
    assert book["instructions"] == lived.result.funnel["paid"]
    assert book["paid_fen"] == lived.result.paid_fen


async def test_without_certificate_no_payment(lived: Lived) -> None:
    assert lived.result.refusals["certificate_missing"] >= 1


async def test_the_log_of_all_events_holds_together(lived: Lived) -> None:
    verdict = await lived.city.post(AUDITOR, "audit", "/v1/log-verifications")
    assert verdict["verified"] is True
    assert verdict["entries"] > LOOPS * 10


async def test_the_funnel_of_audit_agrees(lived: Lived) -> None:
    funnel = await lived.city.get(AUDITOR, "audit", "/v1/funnel")
    assert str(lived.result.funnel["paid"]) in str(funnel)


async def test_nothing_that_was_written_holds_personal_data(lived: Lived) -> None:
    citizens = [trainee.citizen for trainee in lived.season.trainees]
    secrets = [secret for one in citizens for secret in (one.id_number, one.phone)]
    secrets += [one.name for one in citizens if len(one.name) > 2]
    texts = [*log_texts(lived.system.root), *await table_texts(lived.system.environment)]
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
