"""A register answers after the certification: the voucher is judged anew, and the verdict travels (R2, R10)."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.voucher.vouchers.models import Voucher
from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.payout import PayoutOpenedV1, PayoutPaidV1, PayoutRejectedV1
from shared.kernel.clock import business_date
from shared.kernel.ids import uuid7
from tests.api_client import ApiClient, done
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.requests import PORTAL, officer
from tests.voucher.scenario import AREA, Scenario


async def certified(scenario: Scenario, *, after_days: int = 0) -> Voucher:
    """A certified voucher; so long after its claim that the register's answer has grown old."""
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    if after_days:
        await scenario.pass_days(after_days)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    return await scenario.voucher(voucher.id)


async def answer(client: ApiClient, scenario: Scenario, person_id: UUID, **said: Any) -> None:
    """What the registers say today, of somebody with nothing against them unless said otherwise."""
    usual = {"pension": "not_drawn", "fiscal_payroll": "off", "source": "portal"}
    day = {"as_of": str(business_date(await scenario.now()))}
    done(await client.post(PORTAL, f"/v1/workers/{person_id}/register-extracts", {**usual, **day, **said}))


async def verdicts(scenario: Scenario, voucher: Voucher) -> list[tuple[str, str]]:
    """Step and verdict of all that was given on a voucher, oldest first."""
    query = text("SELECT step, verdict FROM eligibility_verdicts WHERE voucher_id = :id ORDER BY id")
    async with scenario.database.api.unit_of_work() as uow:
        return [(row.step, row.verdict) for row in await uow.session.execute(query, {"id": voucher.id})]


async def test_an_answer_after_the_certification_is_a_fresh_verdict(client: ApiClient, scenario: Scenario) -> None:
    voucher = await certified(scenario, after_days=370)
    assert (await scenario.last_emitted(voucher.id))["eligibility"] == "unknown"
    await scenario.pass_days(3)
    await answer(client, scenario, voucher.person_id)
    judged, today = await scenario.voucher(voucher.id), business_date(await scenario.now())
    assert (judged.status, judged.version) == ("certified", voucher.version + 1)
    assert judged.eligibility_decided_on == today
    emitted = await scenario.last_emitted(voucher.id)
    assert (emitted["eligibility"], emitted["eligibility_decided_on"]) == ("eligible", str(today))
    await answer(client, scenario, voucher.person_id, fiscal_payroll="on")
    assert (await scenario.last_emitted(voucher.id))["eligibility"] == "ineligible"
    assert await verdicts(scenario, voucher) == [
        ("claim", "eligible"), ("certification", "unknown"), ("answer", "eligible"), ("answer", "ineligible"),
    ]  # fmt: skip


async def test_who_does_not_know_takes_no_verdict_back(client: ApiClient, scenario: Scenario) -> None:
    voucher = await certified(scenario)
    await answer(client, scenario, voucher.person_id, fiscal_payroll="unknown")
    group = {"group": "veteran", "evidence": "x", "source": "bureau", "as_of": "2026-01-01"}
    done(await client.post(officer(AREA), f"/v1/workers/{voucher.person_id}/groups", group))
    assert (await scenario.voucher(voucher.id)).version == voucher.version
    assert [step for step, _ in await verdicts(scenario, voucher)] == ["claim", "certification"]


async def test_only_what_is_payable_is_judged_anew(client: ApiClient, scenario: Scenario) -> None:
    """While its payout is under way, and no more once it is paid; nor what is only claimed."""
    claimed, voucher, payout = await scenario.claimed(), await certified(scenario), uuid7()
    await answer(client, scenario, claimed.person_id)
    assert (await scenario.voucher(claimed.id)).version == claimed.version
    await scenario.receive(payout_event(PayoutOpenedV1, voucher, payout, 1))
    await answer(client, scenario, voucher.person_id)
    settling = await scenario.voucher(voucher.id)
    assert (settling.status, settling.version) == ("settling", voucher.version + 2)
    await scenario.receive(payout_event(PayoutPaidV1, voucher, payout, 2))
    await answer(client, scenario, voucher.person_id)
    assert (await scenario.emitted(voucher.id))[-3:] == ["voucher.settling", "voucher.judged", "voucher.redeemed"]


async def test_a_lapsed_voucher_is_judged_too_since_its_payout_may_be_reopened(
    client: ApiClient, scenario: Scenario
) -> None:
    voucher = await certified(scenario)
    payout = uuid7()
    await scenario.receive(payout_event(PayoutOpenedV1, voucher, payout, 1))
    await scenario.receive(payout_event(PayoutRejectedV1, voucher, payout, 2, code="ineligible", final=True))
    assert (await scenario.voucher(voucher.id)).status == "lapsed"
    await answer(client, scenario, voucher.person_id)
    assert (await scenario.emitted(voucher.id))[-2:] == ["voucher.lapsed", "voucher.judged"]
    assert (await scenario.voucher(voucher.id)).status == "lapsed"


async def test_an_answer_about_another_record_of_the_person_counts(client: ApiClient, scenario: Scenario) -> None:
    voucher, survivor = await certified(scenario), await scenario.person()
    await scenario.merge(voucher.person_id, survivor)
    await answer(client, scenario, survivor, fiscal_payroll="on")
    assert (await scenario.last_emitted(voucher.id))["eligibility"] == "ineligible"


@pytest.mark.parametrize("merged", [False, True])
async def test_an_answer_and_a_certification_at_one_instant_end_in_a_verdict_on_the_answer(
    client: ApiClient, scenario: Scenario, *, merged: bool
) -> None:
    for _ in range(3):
        voucher, enrolment = await scenario.bound()
        named = voucher.person_id
        if merged:
            named = await scenario.person()
            await scenario.merge(voucher.person_id, named)
        facts = scenario.signed(voucher, enrolment)
        issued = certificate_event(CertificateIssuedV1, facts, scenario.jws(facts))
        await asyncio.gather(scenario.receive(issued), answer(client, scenario, named, fiscal_payroll="on"))
        assert (await verdicts(scenario, voucher))[-1][1] == "ineligible"
