"""Every case ends, and an end says what its holder may do next (R2, R3, R5)."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.voucher.vouchers.models import Voucher
from shared.contracts.evaluation import CandidateFailedV1, CertificateIssuedV1, CertificateRevokedV1
from shared.contracts.payout import (
    PayoutOpenedV1,
    PayoutPaidV1,
    PayoutRejectedV1,
    PayoutReversedV1,
)
from shared.contracts.training import (
    EnrolmentAttendanceFailedV1,
    EnrolmentExpelledV1,
    EnrolmentRequestedV1,
    EnrolmentTestFailedV1,
)
from shared.kernel.clock import business_date, end_of_day
from shared.kernel.ids import uuid7
from tests.databases import TESTER
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.scenario import AREA, OTHER_SKILL, Scenario

FAILURES = [EnrolmentAttendanceFailedV1, EnrolmentTestFailedV1]


async def certified(scenario: Scenario) -> tuple[Voucher, EnrolmentRequestedV1, UUID]:
    """A certified voucher, its enrolment and its certificate."""
    voucher, enrolment = await scenario.bound()
    return voucher, enrolment, await certify(scenario, voucher, enrolment)


async def certify(scenario: Scenario, voucher: Voucher, enrolment: EnrolmentRequestedV1, **said: object) -> UUID:
    facts = scenario.signed(voucher, enrolment, **said)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    return facts.certificate_id


async def revoke(scenario: Scenario, certificate_id: UUID) -> None:
    now = await scenario.now()
    said = {"id": certificate_id, "version": 2, "business_at": now, "actor": TESTER}
    await scenario.receive(CertificateRevokedV1(**said, since=business_date(now), reason_code="fraud"))


async def fail(scenario: Scenario, enrolment: EnrolmentRequestedV1, how: type) -> None:
    said = {"id": enrolment.id, "version": 2, "business_at": await scenario.now(), "actor": TESTER}
    await scenario.receive(how(**said, voucher_id=enrolment.voucher_id))


async def status(scenario: Scenario, voucher: Voucher) -> str:
    return (await scenario.voucher(voucher.id)).status


@pytest.mark.parametrize("opened", [True, False])
async def test_a_final_rejection_lapses_and_another_is_claimed_the_same_day(
    scenario: Scenario, *, opened: bool
) -> None:
    voucher, _, _ = await certified(scenario)
    payout = uuid7()
    if opened:
        await scenario.receive(payout_event(PayoutOpenedV1, voucher, payout, 1))
    await scenario.receive(payout_event(PayoutRejectedV1, voucher, payout, 2, code="not_trained", final=True))
    assert (await status(scenario, voucher), (await scenario.last_emitted(voucher.id))["code"]) == (
        "lapsed",
        "not_trained",
    )
    (another,) = await scenario.claim(await scenario.batch(), voucher.person_id, skill=OTHER_SKILL)
    assert isinstance(another, Voucher)
    assert another.status == "claimed"


async def test_a_rejection_that_is_not_final_leaves_the_voucher_certified(scenario: Scenario) -> None:
    voucher, _, _ = await certified(scenario)
    payout = uuid7()
    await scenario.receive(
        payout_event(PayoutOpenedV1, voucher, payout, 1), payout_event(PayoutRejectedV1, voucher, payout, 2)
    )
    assert await status(scenario, voucher) == "certified"


async def test_a_voucher_that_is_not_paid_lapses_after_a_year(scenario: Scenario) -> None:
    voucher, _, _ = await certified(scenario)
    settling, _, _ = await certified(scenario)
    await scenario.receive(payout_event(PayoutOpenedV1, settling, uuid7(), 1))
    await scenario.pass_days(365)
    assert (await scenario.run_timers())["voucher.lapse"] == 0
    await scenario.pass_days(1)
    assert (await scenario.run_timers())["voucher.lapse"] == 1
    assert (await status(scenario, voucher), await status(scenario, settling)) == ("lapsed", "settling")
    assert (await scenario.last_emitted(voucher.id))["code"] == "unpaid_in_time"


async def test_money_that_was_paid_counts_for_a_lapsed_voucher(scenario: Scenario) -> None:
    """An objection reopened the payout, and it was paid (R2)."""
    voucher, _, _ = await certified(scenario)
    payout = uuid7()
    await scenario.receive(
        payout_event(PayoutRejectedV1, voucher, payout, 2, final=True), payout_event(PayoutPaidV1, voucher, payout, 9)
    )
    assert await status(scenario, voucher) == "redeemed"


async def test_a_payout_that_an_objection_reopened_redeems_the_lapsed_voucher_beside_another_training(
    scenario: Scenario,
) -> None:
    """Another payout in the rejected one's place: the voucher stays lapsed until that one is paid (R2)."""
    voucher, _, _ = await certified(scenario)
    rejected, reopened = uuid7(), uuid7()
    await scenario.receive(
        payout_event(PayoutOpenedV1, voucher, rejected, 1),
        payout_event(PayoutRejectedV1, voucher, rejected, 2, final=True),
    )
    (another,) = await scenario.claim(await scenario.batch(), voucher.person_id, skill=OTHER_SKILL)
    assert isinstance(another, Voucher)
    await scenario.receive(payout_event(PayoutOpenedV1, voucher, reopened, 1, reopens=rejected))
    assert await status(scenario, voucher) == "lapsed"
    await scenario.receive(payout_event(PayoutPaidV1, voucher, reopened, 9))
    assert ((await scenario.voucher(voucher.id)).payout_id, await status(scenario, voucher)) == (reopened, "redeemed")
    assert await status(scenario, another) == "claimed"


@pytest.mark.parametrize("final", [True, False])
async def test_a_reopened_payout_that_comes_to_nothing_leaves_its_voucher_lapsed(
    scenario: Scenario, *, final: bool
) -> None:
    voucher, _, _ = await certified(scenario)
    rejected, reopened = uuid7(), uuid7()
    await scenario.receive(payout_event(PayoutRejectedV1, voucher, rejected, 2, final=True))
    await scenario.receive(
        payout_event(PayoutOpenedV1, voucher, reopened, 1, reopens=rejected),
        payout_event(PayoutRejectedV1, voucher, reopened, 2, final=final),
    )
    assert await status(scenario, voucher) == "lapsed"


async def test_a_revoked_certificate_gives_the_place_back_to_another_one(scenario: Scenario) -> None:
    voucher, enrolment, first = await certified(scenario)
    payout = uuid7()
    await scenario.receive(payout_event(PayoutOpenedV1, voucher, payout, 1))
    await revoke(scenario, first)
    assert await status(scenario, voucher) == "settling", "whether it was paid is for payout to say"
    await scenario.receive(payout_event(PayoutRejectedV1, voucher, payout, 2, code="certificate_revoked"))
    emitted = await scenario.last_emitted(voucher.id)
    assert (await status(scenario, voucher), emitted["certificate_id"], emitted["code"]) == (
        "in_use",
        str(first),
        "certificate_revoked",
    )
    second = await certify(scenario, voucher, enrolment)
    assert ((await scenario.voucher(voucher.id)).certificate_id, await status(scenario, voucher)) == (
        second,
        "certified",
    )


async def test_a_revocation_before_any_payout_uncertifies_at_once(scenario: Scenario) -> None:
    voucher, _, certificate = await certified(scenario)
    await revoke(scenario, certificate)
    assert await status(scenario, voucher) == "in_use"
    late = uuid7()
    await scenario.receive(payout_event(PayoutOpenedV1, voucher, late, 1))
    assert await status(scenario, voucher) == "in_use", "payout rejects it for the same revocation"
    await scenario.receive(payout_event(PayoutRejectedV1, voucher, late, 2, code="certificate_revoked"))
    assert await status(scenario, voucher) == "in_use"


async def test_that_it_was_paid_may_be_known_after_the_revocation(scenario: Scenario) -> None:
    voucher, _, certificate = await certified(scenario)
    await revoke(scenario, certificate)
    payout = uuid7()
    await scenario.receive(
        payout_event(PayoutOpenedV1, voucher, payout, 1),
        payout_event(PayoutPaidV1, voucher, payout, 8),
        payout_event(PayoutReversedV1, voucher, payout, 9),
    )
    assert (await scenario.emitted(voucher.id))[-3:] == [
        "voucher.uncertified",
        "voucher.redeemed",
        "voucher.clawed_back",
    ]


async def test_after_a_revocation_there_are_sixty_days_for_another(scenario: Scenario) -> None:
    voucher, enrolment, certificate = await certified(scenario)
    assert voucher.ends_on is not None
    await scenario.pass_days((voucher.ends_on - business_date(await scenario.now())).days + 170)
    await revoke(scenario, certificate)
    revoked_on = business_date(await scenario.now())
    await scenario.pass_days(60)
    assert (await scenario.run_timers())["voucher.void_uncertified"] == 0
    late = revoked_on + timedelta(days=61)
    await certify(scenario, voucher, enrolment, issued_on=late)
    assert (await scenario.last_emitted(voucher.id))["code"] == "certified_too_late"
    await certify(scenario, voucher, enrolment, issued_on=revoked_on + timedelta(days=60))
    assert await status(scenario, voucher) == "certified"


async def test_without_another_certificate_it_is_void_after_sixty_days(scenario: Scenario) -> None:
    voucher, _, certificate = await certified(scenario)
    await scenario.pass_days(300)
    await revoke(scenario, certificate)
    await scenario.pass_days(61)
    assert (await scenario.run_timers())["voucher.void_uncertified"] == 1
    assert (await scenario.last_emitted(voucher.id))["code"] == "uncertified_in_time"


@pytest.mark.parametrize("how", FAILURES)
async def test_a_failed_training_is_given_one_more_chance(scenario: Scenario, how: type) -> None:
    voucher, enrolment = await scenario.bound()
    await scenario.pass_days(95)
    await fail(scenario, enrolment, how)
    back = await scenario.voucher(voucher.id)
    thirty = end_of_day(business_date(await scenario.now()) + timedelta(days=30))
    assert (back.status, back.valid_until, back.enrolment_id) == ("claimed", thirty, None)
    again = await scenario.requested(back)
    await scenario.receive(again)
    await fail(scenario, again, how)
    emitted = await scenario.last_emitted(voucher.id)
    code = "attendance_failed" if how is EnrolmentAttendanceFailedV1 else "test_failed"
    assert (await status(scenario, voucher), emitted["code"]) == ("void_uncertified", code)
    (another,) = await scenario.claim(await scenario.batch(), voucher.person_id)
    assert isinstance(another, Voucher)


async def test_an_expulsion_voids_at_once(scenario: Scenario) -> None:
    voucher, enrolment = await scenario.bound()
    await fail(scenario, enrolment, EnrolmentExpelledV1)
    assert (await status(scenario, voucher), (await scenario.last_emitted(voucher.id))["code"]) == (
        "void_uncertified",
        "expelled",
    )


@pytest.mark.parametrize(("left", "expected"), [(1, "in_use"), (0, "void_uncertified")])
async def test_the_last_failed_attempt_voids(scenario: Scenario, left: int, expected: str) -> None:
    voucher, enrolment = await scenario.bound()
    said = {"id": uuid7(), "version": 4, "business_at": await scenario.now(), "actor": TESTER, "session_id": uuid7()}
    await scenario.receive(
        CandidateFailedV1(
            **said,
            person_id=voucher.person_id,
            voucher_id=voucher.id,
            enrolment_id=enrolment.id,
            attempts_left=left,
        )
    )
    assert await status(scenario, voucher) == expected


async def test_a_failure_elsewhere_changes_nothing(scenario: Scenario) -> None:
    voucher, _ = await scenario.bound()
    other = await scenario.requested(voucher)
    for how in (*FAILURES, EnrolmentExpelledV1):
        await fail(scenario, other, how)
    assert await status(scenario, voucher) == "in_use"


async def test_a_stopped_class_leaves_thirty_days_any_number_of_times(scenario: Scenario) -> None:
    """Stopped on day 98 of a voucher of 90 days, and the next class too (R5, R6)."""
    voucher, enrolment = await scenario.bound()
    await scenario.pass_days(98)
    for _ in range(3):
        await scenario.receive(await scenario.withdrawn(enrolment))
        back = await scenario.voucher(voucher.id)
        assert back.valid_until == end_of_day(business_date(await scenario.now()) + timedelta(days=30))
        await scenario.pass_days(20)
        enrolment = await scenario.requested(back)
        await scenario.receive(enrolment)
        assert await status(scenario, voucher) == "in_use"
    assert voucher.area == AREA


async def test_time_that_is_left_is_not_taken_away(scenario: Scenario) -> None:
    voucher, enrolment = await scenario.bound()
    await scenario.receive(await scenario.withdrawn(enrolment))
    assert (await scenario.voucher(voucher.id)).valid_until == voucher.valid_until
