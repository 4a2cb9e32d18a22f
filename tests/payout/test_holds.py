"""Holds: from whom, until when, and what they do not stop."""

from datetime import date

import pytest

from services.payout.holds.domain import HoldOfAnotherSource
from services.payout.holds.queries import open_holds
from services.payout.holds.service import hold_payout, lift_hold
from services.payout.payouts.domain import PayoutFacts, PayoutNotFound, PayoutState
from services.payout.payouts.queries import PayoutFilter, find_payouts
from services.payout.reviews.service import publish_payouts, review_payouts
from shared.contracts.envelope import Event
from shared.contracts.evaluation import CertificateReinstatedV1, CertificateRevokedV1, CertificateSuspendedV1
from shared.contracts.training import InstitutionReinstatedV1, InstitutionRemovedV1, InstitutionSuspendedV1
from shared.contracts.voucher import VoucherCancelledV1, VoucherHeldV1, VoucherHoldLiftedV1
from shared.kernel.errors import HoldNotFound
from shared.kernel.ids import uuid7
from shared.kernel.lifecycle import TransitionRefused
from shared.security import Role
from tests.payout.city import SCHOOL, Case, City, accepted, codes, decide, officer
from tests.payout.way import AFTER_THE_NOTICE, walk


def status_event(city: City, event: type[Event], case: Case) -> Event:
    """Evaluation changes a certificate's status."""
    return city.tell(event, case.certificate_id, since=date(2033, 3, 7), reason_code="complaint")


async def hold(city: City, payout: PayoutFacts, reason_code: str = "objection") -> PayoutFacts:
    """The reviewer holds a payout."""
    async with city.database.api.unit_of_work() as uow:
        return await hold_payout(uow, city.reviewer, payout.id, reason_code)


async def test_an_objection_freezes_exactly_that_payout_until_it_is_lifted(city: City) -> None:
    await city.begin()
    one, two = await walk(city, PayoutState.PUBLISHED, await city.open(), await city.open())
    held = await hold(city, one)
    assert held.open_holds == 1
    await city.database.set_business_time(AFTER_THE_NOTICE)
    await city.tick()
    assert (await city.now_of(one)).status is PayoutState.PUBLISHED
    assert (await city.now_of(two)).status is PayoutState.CLEARED
    async with city.database.api.unit_of_work() as uow:
        (objection,) = await open_holds(uow, [one.id])
        await lift_hold(uow, city.reviewer, one.id, objection.id)
    await city.tick()
    assert (await city.now_of(one)).status is PayoutState.CLEARED
    assert [told["code"] for told in await city.events("payout.held")] == ["objection"]
    assert [told["code"] for told in await city.events("payout.hold_lifted")] == ["objection"]


async def test_two_holds_are_both_lifted_before_anything_goes_on(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.CHECKED, await city.open())
    await hold(city, payout, "complaint")
    twice = await hold(city, payout, "sample")
    assert (twice.open_holds, twice.version) == (2, payout.version + 2)
    async with city.database.api.unit_of_work() as uow:
        first, _ = await open_holds(uow, [payout.id])
        await lift_hold(uow, city.reviewer, payout.id, first.id)
    assert codes(await decide(city, review_payouts, city.reviewer, payout)) == ["held"]
    with pytest.raises(HoldNotFound):
        async with city.database.api.unit_of_work() as uow:
            await lift_hold(uow, city.reviewer, payout.id, first.id)


async def test_foreign_officers_and_ended_payouts(city: City) -> None:
    await city.begin()
    case = Case()
    payout = await city.open(case)
    foreign = officer(Role.OFFICER, "410403")
    with pytest.raises(PayoutNotFound):
        async with city.database.api.unit_of_work() as uow:
            await hold_payout(uow, foreign, payout.id, "objection")
    with pytest.raises(PayoutNotFound):
        async with city.database.api.unit_of_work() as uow:
            await lift_hold(uow, foreign, payout.id, uuid7())
    await city.hear(city.tell(VoucherCancelledV1, case.voucher_id, reason_code="mistake"))
    with pytest.raises(TransitionRefused):
        await hold(city, payout)


async def test_a_suspended_institution_is_not_paid_until_it_is_back(city: City) -> None:
    await city.begin()
    one, two = await city.open(), await city.open()
    await city.hear(city.tell(InstitutionSuspendedV1, SCHOOL, area="410402", scope=()))
    await city.hear(city.tell(InstitutionRemovedV1, SCHOOL, area="410402", scope=()))
    assert [(await city.now_of(each)).open_holds for each in (one, two)] == [1, 1]
    async with city.database.api.unit_of_work() as uow:
        (by_training,) = await open_holds(uow, [one.id])
    with pytest.raises(HoldOfAnotherSource):
        async with city.database.api.unit_of_work() as uow:
            await lift_hold(uow, city.reviewer, one.id, by_training.id)
    await city.hear(city.tell(InstitutionReinstatedV1, SCHOOL, area="410402", scope=()))
    await walk(city, PayoutState.CHECKED, one, two)


async def test_a_suspended_certificate_holds_and_a_reinstated_one_releases(city: City) -> None:
    await city.begin()
    case = Case()
    payout = await city.open(case)
    await city.hear(status_event(city, CertificateSuspendedV1, case))
    assert (await city.now_of(payout)).open_holds == 1
    await city.hear(status_event(city, CertificateReinstatedV1, case))
    await walk(city, PayoutState.REVIEWED, payout)


async def test_the_vouchers_hold_stands_on_its_payout(city: City) -> None:
    await city.begin()
    case, hold_id = Case(), uuid7()
    payout = await city.open(case)
    held = city.tell(VoucherHeldV1, case.voucher_id, hold_id=hold_id, reason_code="complaint")
    await city.hear(held, held)
    assert (await city.now_of(payout)).open_holds == 1
    await city.hear(city.tell(VoucherHoldLiftedV1, case.voucher_id, hold_id=hold_id, reason_code="complaint"))
    assert (await city.now_of(payout)).open_holds == 0


async def test_a_cancelled_voucher_withdraws_its_payout_and_frees_the_money(city: City) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, PayoutState.REVIEWED, await city.open(case))
    await city.hear(city.tell(VoucherCancelledV1, case.voucher_id, reason_code="mistake"))
    assert (await city.now_of(payout)).status is PayoutState.WITHDRAWN
    (fund,) = await city.sql("owner", "SELECT reserved_fen FROM funds")
    assert fund.reserved_fen == 0
    assert [told["code"] for told in await city.events("payout.withdrawn")] == ["voucher_cancelled"]


@pytest.mark.parametrize("state", [PayoutState.OPENED, PayoutState.REVIEWED, PayoutState.CLEARED, PayoutState.BATCHED])
async def test_a_revocation_before_sending_rejects(city: City, state: PayoutState) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, state, await city.open(case))
    await hold(city, payout)
    await city.hear(status_event(city, CertificateRevokedV1, case))
    rejected = await city.now_of(payout)
    assert (rejected.status, rejected.code) == (PayoutState.REJECTED, "certificate_revoked")
    (fund,) = await city.sql("owner", "SELECT reserved_fen, spent_fen FROM funds")
    assert tuple(fund) == (0, 0)


async def test_a_revocation_after_sending_opens_exactly_one_case_and_is_listed(city: City) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, PayoutState.SENT, await city.open(case))
    revoked = status_event(city, CertificateRevokedV1, case)
    await city.hear(revoked, revoked)
    late = await city.now_of(payout)
    assert (late.status, late.open_holds) == (PayoutState.SENT, 1)
    async with city.database.api.unit_of_work() as uow:
        listed = await find_payouts(uow, city.reviewer, PayoutFilter(held=True), after=None, limit=10)
        (revocation,) = await open_holds(uow, [payout.id])
    assert [one.id for one in listed] == [payout.id]
    with pytest.raises(HoldOfAnotherSource):
        async with city.database.api.unit_of_work() as uow:
            await lift_hold(uow, city.reviewer, payout.id, revocation.id)


async def test_a_hold_stops_publication_too(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.APPROVED, await city.open())
    await hold(city, payout)
    assert codes(await decide(city, publish_payouts, city.approver, payout)) == ["held"]
    async with city.database.api.unit_of_work() as uow:
        (objection,) = await open_holds(uow, [payout.id])
        await lift_hold(uow, city.approver, payout.id, objection.id)
    accepted(await decide(city, publish_payouts, city.approver, payout))
