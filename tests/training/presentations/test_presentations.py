"""Vouchers presented by code: row by row, by everybody at once, the last seat."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from shared.contracts.training import EnrolmentRequestedV1
from shared.kernel.credit_code import make_credit_code
from shared.security import PaymentMandate, new_key_pair, parse_signing_key
from tests.api_client import codes, done, refused
from tests.training.scenario import COMPETENCE, SKILL, Course, Holder, Scenario


async def test_a_presented_voucher_is_requested_with_all_that_voucher_needs(scenario: Scenario) -> None:
    course, holder = await scenario.course(), scenario.holder()
    (enrolment,) = await scenario.enrol(course, holder)
    (event,) = await scenario.emitted(EnrolmentRequestedV1)
    said = event.model_dump()
    assert said["id"] == enrolment
    assert (said["voucher_id"], said["person_id"], said["class_id"]) == (holder.voucher, holder.person, course.id)
    assert (said["payee_kind"], said["payee_id"]) == ("institution", course.account.institution)
    assert said["mandate_id"] is not None
    assert (said["skill_code"], said["level"], said["act"]) == (*SKILL.values(), "first")
    assert str(said["starts_on"]) < str(said["ends_on"])
    assert await scenario.seats_taken(course) == 1


async def test_without_a_mandate_the_worker_is_paid(scenario: Scenario) -> None:
    account = await scenario.institution()
    course, holder = await scenario.course(account), scenario.holder()
    mandate = PaymentMandate(id=uuid4(), payee_id=str(account.institution))
    rows = [
        {"presence_code": await scenario.code(holder, account.institution, mandate=None)},
        {"presence_code": await scenario.code(scenario.holder(), account.institution, mandate=mandate)},
    ]
    assert codes(done(await scenario.present(course, rows))) == [None, None]
    first, second = await scenario.emitted(EnrolmentRequestedV1)
    assert (first.payee_kind, first.payee_id, first.mandate_id) == ("worker", str(holder.person), None)
    assert (second.payee_kind, str(second.mandate_id)) == ("institution", str(mandate.id))


async def test_no_institution_gives_itself_a_mandate(scenario: Scenario) -> None:
    course, other = await scenario.course(), make_credit_code("410402", 78)
    home = course.account.institution
    row = {"presence_code": await scenario.code(scenario.holder(), home, mandate=None), "mandate_id": str(uuid4())}
    assert codes(done(await scenario.present(course, [row]))) == ["validation_failed"]
    draft = await scenario.draft(course.account, course.trainer)
    draft["payee"]["mandate_id"] = str(uuid4())
    assert refused(await scenario.post(course.account, "/v1/classes", draft)) == (422, "validation_failed")
    elsewhere = {
        "presence_code": await scenario.code(
            scenario.holder(), home, mandate=PaymentMandate(id=uuid4(), payee_id=other)
        )
    }
    assert codes(done(await scenario.present(course, [elsewhere]))) == ["mandate_for_another_payee"]
    assert await scenario.emitted(EnrolmentRequestedV1) == []


async def test_every_row_has_its_own_answer(scenario: Scenario) -> None:
    course, elsewhere = await scenario.course(), await scenario.institution()
    home = course.account.institution
    good, used = scenario.holder(), scenario.holder()
    forged, _ = new_key_pair("presence")
    stranger = Scenario(scenario.database, scenario.client, parse_signing_key(forged))
    trainer = Holder(course.trainer, uuid4())
    code = await scenario.code(used, home)
    rows = [
        {"presence_code": await scenario.code(good, home)},
        {"presence_code": "x" * 40},
        {"presence_code": await stranger.code(scenario.holder(), home)},
        {"presence_code": await scenario.code(scenario.holder(), home, age=61)},
        {"presence_code": await scenario.code(scenario.holder(), home, age=-120)},
        {"presence_code": await scenario.code(scenario.holder(), elsewhere.institution)},
        {"presence_code": await scenario.code(scenario.holder(), home, level=3)},
        {"presence_code": await scenario.code(scenario.holder(), home, **COMPETENCE)},
        {"presence_code": await scenario.code(trainer, home)},
        {"presence_code": code},
        {"presence_code": code},
        {"presence_code": await scenario.code(Holder(uuid4(), used.voucher), home)},
        {"presence_code": await scenario.code(Holder(used.person, uuid4()), home)},
        {"presence_code": await scenario.code(scenario.holder(), home), "employer": "nonsense"},
    ]
    assert codes(done(await scenario.present(course, rows))) == [
        None, "presence_code_invalid", "presence_code_invalid", "presence_code_expired", "presence_code_invalid",
        "presence_code_elsewhere", "enrolment_skill_differs", "enrolment_skill_differs", "trainer_enrols", None,
        "presence_code_used", "voucher_already_presented", "enrolment_overlaps", "credit_code_invalid",
    ]  # fmt: skip
    assert await scenario.seats_taken(course) == 2
    assert len(await scenario.emitted(EnrolmentRequestedV1)) == 2


async def test_what_was_taken_before_is_refused_later(scenario: Scenario) -> None:
    course, holder = await scenario.course(), scenario.holder()
    home = course.account.institution
    code = await scenario.code(holder, home)
    assert codes(done(await scenario.present(course, [{"presence_code": code}]))) == [None]
    rows = [
        {"presence_code": code},
        {"presence_code": await scenario.code(Holder(uuid4(), holder.voucher), home)},
        {"presence_code": await scenario.code(Holder(holder.person, uuid4()), home)},
    ]
    assert codes(done(await scenario.present(course, rows))) == [
        "presence_code_used", "voucher_already_presented", "enrolment_overlaps",
    ]  # fmt: skip


async def test_one_person_under_two_records_is_one_person(scenario: Scenario) -> None:
    first, second = await scenario.course(), await scenario.course()
    old, new = await scenario.person(), await scenario.person()
    await scenario.enrol(first, Holder(old, uuid4()))
    await scenario.supersede(old, new)
    row = {"presence_code": await scenario.code(Holder(new, uuid4()), second.account.institution)}
    assert codes(done(await scenario.present(second, [row]))) == ["enrolment_overlaps"]


async def test_classes_one_after_the_other_do_not_overlap(scenario: Scenario) -> None:
    holder = scenario.holder()
    await scenario.enrol(await scenario.course(), holder)
    later = await scenario.course(lead=15)
    row = {"presence_code": await scenario.code(Holder(holder.person, uuid4()), later.account.institution)}
    assert codes(done(await scenario.present(later, [row]))) == [None]
    meeting = await scenario.course(lead=14)
    row = {"presence_code": await scenario.code(Holder(holder.person, uuid4()), meeting.account.institution)}
    assert codes(done(await scenario.present(meeting, [row]))) == ["enrolment_overlaps"]


async def test_a_class_that_has_begun_or_is_not_approved_takes_nobody(scenario: Scenario) -> None:
    account, trainer = await scenario.institution(), await scenario.person()
    filed = Course(UUID(await scenario.filed(account, trainer)), account, trainer, [])
    row = {"presence_code": await scenario.code(scenario.holder(), account.institution)}
    assert refused(await scenario.present(filed, [row])) == (409, "class_not_enrolling")
    course = await scenario.course()
    await scenario.database.set_business_time(course.time(0, "starts_at"))
    row = {"presence_code": await scenario.code(scenario.holder(), course.account.institution)}
    assert refused(await scenario.present(course, [row])) == (409, "class_not_enrolling")


async def test_the_last_seats_are_never_sold_twice(scenario: Scenario) -> None:
    course = await scenario.course(seats=5)
    holders = [scenario.holder() for _ in range(16)]
    rows = [{"presence_code": await scenario.code(holder, course.account.institution)} for holder in holders]
    answers = await asyncio.gather(*(scenario.present(course, [row]) for row in rows))
    said = [codes(done(answer))[0] for answer in answers]
    assert (said.count("class_full"), said.count(None)) == (11, 5)
    assert await scenario.seats_taken(course) == 5


async def test_one_voucher_at_two_institutions_at_once_gets_one_seat(scenario: Scenario) -> None:
    courses = [await scenario.course() for _ in range(2)]
    for _ in range(5):
        holder = scenario.holder()
        rows = [{"presence_code": await scenario.code(holder, course.account.institution)} for course in courses]
        answers = await asyncio.gather(
            *(scenario.present(course, [row]) for course, row in zip(courses, rows, strict=True))
        )
        said = {codes(done(answer))[0] for answer in answers}
        assert len(said) == 2
        assert None in said
        assert said <= {None, "enrolment_overlaps", "voucher_already_presented"}
    assert sum([await scenario.seats_taken(course) for course in courses]) == 5


async def test_own_staff_only_for_an_enterprise(scenario: Scenario) -> None:
    account, plant, other = await scenario.institution(), make_credit_code("410402", 77), make_credit_code("410402", 78)
    payee, mandate = {"kind": "enterprise", "id": plant}, PaymentMandate(id=uuid4(), payee_id=plant)
    course = await scenario.course(account, channel="enterprise", payee=payee)
    shown = [await scenario.code(scenario.holder(), account.institution, mandate=mandate) for _ in range(3)]
    rows = [
        {"presence_code": shown[0], "employer": plant},
        {"presence_code": shown[1], "employer": other},
        {"presence_code": shown[2]},
    ]
    answer = await scenario.present(course, rows)
    assert codes(done(answer)) == [None, "payee_not_employer", None]
    assert answer.json()["results"][2]["result"]["employer"] == plant


async def test_the_day_of_the_listing_is_the_day_of_the_enrolment(scenario: Scenario) -> None:
    today = await scenario.today()
    until = today + timedelta(days=14)
    account = await scenario.institution(scope=[{**SKILL, "valid_from": str(today), "valid_to": str(until)}])
    course = await scenario.course(account)
    await scenario.enrol(course, scenario.holder())
    assert await scenario.seats_taken(course) == 1


async def test_two_records_in_one_request_are_one_person(scenario: Scenario) -> None:
    course = await scenario.course()
    old, new = await scenario.person(), await scenario.person()
    await scenario.supersede(old, new)
    rows = [
        {"presence_code": await scenario.code(Holder(record, uuid4()), course.account.institution)}
        for record in (old, new)
    ]
    assert codes(done(await scenario.present(course, rows))) == [None, "enrolment_overlaps"]
