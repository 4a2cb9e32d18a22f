"""The officers' decisions: who, when, on what, and what happens when somebody else is at it too."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.payout.accounts.service import retire_superseded
from services.payout.payouts.domain import PayoutState
from services.payout.payouts.queries import decisions_of
from services.payout.reviews.domain import CityOfficerNeeded
from services.payout.reviews.service import (
    approve_payouts,
    publish_payouts,
    reject_payouts,
    review_payouts,
    second_approve_payouts,
)
from shared.contracts.evaluation import CertificateRevokedV1, CertificateSuspendedV1
from shared.contracts.voucher import PersonSupersededV1
from shared.kernel.ids import uuid7
from shared.security import Principal, Role, ScopeMissing
from tests.payout.city import MONDAY, Case, City, accepted, codes, decide, officer
from tests.payout.way import walk


async def test_every_step_needs_another_natural_person(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.CHECKED, await city.open())
    city_officer = city.approver
    accepted(await decide(city, review_payouts, city_officer, payout))
    second_account = replace(city_officer, account="the-same-person-again")
    assert codes(await decide(city, approve_payouts, second_account, payout)) == ["same_person"]
    accepted(await decide(city, approve_payouts, city.second, payout))
    assert codes(await decide(city, second_approve_payouts, city_officer, payout)) == ["same_person"]


async def test_two_records_of_one_officer_are_one_person(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.REVIEWED, await city.open())
    twin = officer(Role.OFFICER)
    await city.hear(city.tell(PersonSupersededV1, twin.person, survivor_id=city.reviewer.person))
    assert codes(await decide(city, approve_payouts, twin, payout)) == ["same_person"]


async def test_nobody_decides_on_his_own_money(city: City) -> None:
    await city.begin()
    payout = await city.open(replace(Case(), person_id=city.reviewer.person))
    await city.tick()
    assert codes(await decide(city, review_payouts, city.reviewer, payout)) == ["same_person"]


async def test_a_token_without_a_person_decides_nothing(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.CHECKED, await city.open())
    with pytest.raises(ScopeMissing):
        await decide(city, review_payouts, replace(city.reviewer, person_id=None), payout)


async def test_areas_and_the_city(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.CHECKED, await city.open())
    foreign = officer(Role.OFFICER, "410403")
    assert codes(await decide(city, review_payouts, foreign, payout)) == ["payout_not_found"]
    for decision in (approve_payouts, second_approve_payouts, publish_payouts):
        with pytest.raises(CityOfficerNeeded):
            await decide(city, decision, foreign, payout)


async def test_a_list_is_answered_row_by_row_and_a_second_mention_sees_the_first(city: City) -> None:
    await city.begin()
    one, two = await walk(city, PayoutState.CHECKED, await city.open(), await city.open())
    unknown = replace(one, id=uuid7())
    outcomes = await decide(city, review_payouts, city.reviewer, two, unknown, one, two)
    assert codes(outcomes) == [None, "payout_not_found", None, "wrong_state"]
    assert [one.id for one in outcomes if not isinstance(one, Exception)] == [two.id, one.id]


async def test_a_suspended_certificate_stops_every_decision(city: City) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, PayoutState.CHECKED, await city.open(case))
    await city.hear(
        city.tell(CertificateSuspendedV1, case.certificate_id, since=date(2033, 3, 7), reason_code="complaint")
    )
    assert codes(await decide(city, review_payouts, city.reviewer, payout)) == ["held"]


async def test_a_certificate_whose_status_nobody_told_is_not_valid(city: City) -> None:
    await city.begin()
    case = Case()
    await city.hear(city.certified(case))
    await city.tick()
    payout = await city.payout_of(case)
    assert codes(await decide(city, review_payouts, city.reviewer, payout)) == ["certificate_not_valid"]


async def test_a_forged_certificate_row_is_refused_and_held(city: City) -> None:
    """Somebody with the database's owner changed a copy after the opening: the approval verifies it anew."""
    await city.begin()
    honest = Case()
    (payout,) = await walk(city, PayoutState.REVIEWED, await city.open(honest))
    await city.sql("owner", "ALTER TABLE certificate_copies DISABLE TRIGGER USER")
    await city.sql(
        "owner",
        "UPDATE certificate_copies SET jws = :jws WHERE certificate_id = :id",
        jws=city.sign(honest, level=3), id=honest.certificate_id,
    )  # fmt: skip
    assert codes(await decide(city, approve_payouts, city.approver, payout)) == ["certificate_unverified"]
    assert (await city.now_of(payout)).open_holds == 1
    assert codes(await decide(city, approve_payouts, city.approver, payout)) == ["held"]


async def test_approval_pins_the_account_that_is_usable_at_that_moment(city: City) -> None:
    await city.begin()
    one, two = await walk(city, PayoutState.REVIEWED, await city.open(), await city.open())
    changed = await city.account(one.payee_id, number="6222020000000002")
    accepted(await decide(city, approve_payouts, city.approver, one))
    await city.database.set_business_time(MONDAY + timedelta(hours=71))
    async with city.database.worker.unit_of_work() as uow:
        assert await retire_superseded(uow, 10) == 0
    await city.database.set_business_time(MONDAY + timedelta(hours=72, minutes=1))
    async with city.database.worker.unit_of_work() as uow:
        assert await retire_superseded(uow, 10) == 1
    accepted(await decide(city, approve_payouts, city.approver, two))
    rows = await city.sql("owner", "SELECT payout_id, account_id FROM instructions")
    pinned = {row.payout_id: row.account_id for row in rows}
    assert (pinned[one.id] != changed, pinned[two.id] == changed) == (True, True)
    assert len(await city.events("account.retired")) == 1


async def test_no_account_and_an_account_that_cools_off(city: City) -> None:
    await city.begin()
    case = replace(Case(), mandate_id=None)
    (payout,) = await walk(city, PayoutState.REVIEWED, await city.open(case))
    assert codes(await decide(city, approve_payouts, city.approver, payout)) == ["account_missing"]
    await city.account(str(case.person_id), kind="worker", number="6222020000000009")
    assert codes(await decide(city, approve_payouts, city.approver, payout)) == ["account_cooling_off"]
    await city.database.set_business_time(MONDAY + timedelta(hours=72, minutes=1))
    accepted(await decide(city, approve_payouts, city.approver, payout))


async def test_an_amount_above_the_limit_needs_a_second_approval_before_it_is_published(city: City) -> None:
    await city.begin()
    await city.sql("owner", "UPDATE dated_rules SET value = 159999 WHERE name = 'second_approval_above_fen'")
    (payout,) = await walk(city, PayoutState.APPROVED, await city.open())
    assert codes(await decide(city, publish_payouts, city.approver, payout)) == ["second_approval_missing"]
    accepted(await decide(city, second_approve_payouts, city.second, payout))
    third = officer(Role.OFFICER)
    assert codes(await decide(city, second_approve_payouts, third, payout)) == ["second_approval_given"]
    accepted(await decide(city, publish_payouts, city.approver, payout))
    assert codes(await decide(city, publish_payouts, city.approver, payout)) == ["wrong_state"]


async def test_the_limit_itself_needs_none(city: City) -> None:
    await city.begin()
    await city.sql("owner", "UPDATE dated_rules SET value = 160000 WHERE name = 'second_approval_above_fen'")
    await walk(city, PayoutState.PUBLISHED, await city.open())


async def test_the_public_notice_lasts_five_working_days_from_a_friday_too(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.APPROVED, await city.open())
    friday = MONDAY + timedelta(days=4)
    await city.database.set_business_time(friday)
    (published,) = accepted(await decide(city, publish_payouts, city.approver, payout))
    assert published.notice_ends_at is not None
    assert published.notice_ends_at - friday < timedelta(days=7, minutes=1)
    await city.database.set_business_time(friday + timedelta(days=6))
    await city.tick()
    assert (await city.now_of(payout)).status is PayoutState.PUBLISHED


async def test_approvals_at_once_take_one_step(city: City) -> None:
    await city.begin()
    payouts = await walk(city, PayoutState.REVIEWED, *[await city.open() for _ in range(4)])
    approvers = [officer(Role.OFFICER) for _ in range(4)]
    lists = [payouts, payouts[::-1], payouts, payouts[::-1]]
    answers = await asyncio.gather(
        *(decide(city, approve_payouts, one, *some) for one, some in zip(approvers, lists, strict=True))
    )
    assert sorted(str(code) for answer in answers for code in codes(answer)) == ["None"] * 4 + ["wrong_state"] * 12
    rows = await city.sql("owner", "SELECT count(*) AS n FROM instructions")
    assert rows[0].n == 4
    assert len(await city.events("payout.approved")) == 4


async def test_an_approval_and_a_revocation_at_once_never_leave_an_approved_payout(city: City) -> None:
    await city.begin()
    cases = [Case() for _ in range(6)]
    payouts = await walk(city, PayoutState.REVIEWED, *[await city.open(case) for case in cases])
    revoked = [
        city.tell(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 7), reason_code="fraud")
        for case in cases
    ]
    await asyncio.gather(
        *(city.hear(event) for event in revoked),
        *(decide(city, approve_payouts, officer(Role.OFFICER), one) for one in payouts),
    )
    assert {(await city.now_of(one)).status for one in payouts} == {PayoutState.REJECTED}


async def test_rejections_answer_row_by_row(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.REVIEWED, await city.open())
    unknown = uuid7()
    async with city.database.api.unit_of_work() as uow:
        reasons = [(payout.id, "false_roster"), (unknown, "false_roster"), (payout.id, "again")]
        outcomes = await reject_payouts(uow, city.reviewer, reasons)
    assert codes(outcomes) == [None, "payout_not_found", "wrong_state"]
    assert (await city.now_of(payout)).code == "false_roster"


async def test_every_persons_step_is_written_down(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.PUBLISHED, await city.open())
    async with city.database.api.unit_of_work() as uow:
        decisions = await decisions_of(uow, payout.id)
    people: list[Principal] = [city.reviewer, city.approver, city.approver]
    assert [(one.version, one.action, one.person_id) for one in decisions] == [
        (version, action, caller.person)
        for version, action, caller in zip((3, 4, 5), ("review", "approve", "publish"), people, strict=True)
    ]
