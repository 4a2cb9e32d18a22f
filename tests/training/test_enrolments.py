"""Enrolling by presence code, and what voucher answers; duplicates and disorder; the last seat."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from shared.kernel.credit_code import make_credit_code
from shared.security import PaymentMandate, new_key_pair, parse_signing_key
from tests.training.town import COMPETENCE, SKILL, Course, Holder, Town, codes, done, refused


async def taken(town: Town, course: Course) -> int:
    """Seats taken in a class, which is how many enrolments hold one."""
    (row,) = await town.rows("SELECT taken FROM class_seats WHERE class_id = :id", id=course.id)
    (held,) = await town.rows(
        "SELECT count(*) AS held FROM enrolments WHERE class_id = :id AND status NOT IN ('refused', 'withdrawn')",
        id=course.id,
    )
    assert row.taken == held.held
    return int(row.taken)


async def test_a_presented_voucher_is_requested_with_all_that_voucher_needs(town: Town) -> None:
    course, holder = await town.course(), town.holder()
    (enrolment,) = await town.enrol(course, holder)
    (event,) = await town.told("enrolment.requested")
    said = event.model_dump()
    assert said["id"] == enrolment
    assert (said["voucher_id"], said["person_id"], said["class_id"]) == (holder.voucher, holder.person, course.id)
    assert (said["payee_kind"], said["payee_id"]) == ("institution", course.account.institution)
    assert said["mandate_id"] is not None
    assert (said["skill_code"], said["level"], said["act"]) == (*SKILL.values(), "first")
    assert str(said["starts_on"]) < str(said["ends_on"])
    assert await taken(town, course) == 1


async def test_without_a_mandate_the_worker_is_paid(town: Town) -> None:
    account = await town.institution()
    course, holder = await town.course(account), town.holder()
    mandate = PaymentMandate(id=uuid4(), payee_id=str(account.institution))
    rows = [
        {"presence_code": await town.code(holder, account.institution, mandate=None)},
        {"presence_code": await town.code(town.holder(), account.institution, mandate=mandate)},
    ]
    assert codes(await town.present(course, rows)) == ["ok", "ok"]
    first, second = await town.told("enrolment.requested")
    assert (first.payee_kind, first.payee_id, first.mandate_id) == ("worker", str(holder.person), None)  # type: ignore[attr-defined]  # of its class
    assert (second.payee_kind, str(second.mandate_id)) == ("institution", str(mandate.id))  # type: ignore[attr-defined]  # of its class


async def test_no_institution_gives_itself_a_mandate(town: Town) -> None:
    course, other = await town.course(), make_credit_code("410402", 78)
    home = course.account.institution
    row = {"presence_code": await town.code(town.holder(), home, mandate=None), "mandate_id": str(uuid4())}
    assert codes(await town.present(course, [row])) == ["validation_failed"]
    draft = await town.draft(course.account, course.trainer)
    draft["payee"]["mandate_id"] = str(uuid4())
    refused(await town.door.post(course.account, "/v1/classes", draft), 422, "validation_failed")
    elsewhere = {
        "presence_code": await town.code(town.holder(), home, mandate=PaymentMandate(id=uuid4(), payee_id=other))
    }
    assert codes(await town.present(course, [elsewhere])) == ["mandate_for_another_payee"]
    assert await town.told("enrolment.requested") == []


async def test_every_row_has_its_own_answer(town: Town) -> None:
    course, elsewhere = await town.course(), await town.institution()
    home = course.account.institution
    good, used = town.holder(), town.holder()
    forged, _ = new_key_pair("presence")
    stranger = Town(town.database, town.door, parse_signing_key(forged))
    trainer = Holder(course.trainer, uuid4())
    code = await town.code(used, home)
    rows = [
        {"presence_code": await town.code(good, home)},
        {"presence_code": "x" * 40},
        {"presence_code": await stranger.code(town.holder(), home)},
        {"presence_code": await town.code(town.holder(), home, age=61)},
        {"presence_code": await town.code(town.holder(), home, age=-120)},
        {"presence_code": await town.code(town.holder(), elsewhere.institution)},
        {"presence_code": await town.code(town.holder(), home, level=3)},
        {"presence_code": await town.code(town.holder(), home, **COMPETENCE)},
        {"presence_code": await town.code(trainer, home)},
        {"presence_code": code},
        {"presence_code": code},
        {"presence_code": await town.code(Holder(uuid4(), used.voucher), home)},
        {"presence_code": await town.code(Holder(used.person, uuid4()), home)},
        {"presence_code": await town.code(town.holder(), home), "employer": "nonsense"},
    ]
    assert codes(await town.present(course, rows)) == [
        "ok", "presence_code_invalid", "presence_code_invalid", "presence_code_expired", "presence_code_invalid",
        "presence_code_elsewhere", "enrolment_skill_differs", "enrolment_skill_differs", "trainer_enrols", "ok",
        "presence_code_used", "voucher_already_presented", "enrolment_overlaps", "credit_code_invalid",
    ]  # fmt: skip
    assert await taken(town, course) == 2
    assert len(await town.told("enrolment.requested")) == 2


async def test_what_was_taken_before_is_refused_later(town: Town) -> None:
    course, holder = await town.course(), town.holder()
    home = course.account.institution
    code = await town.code(holder, home)
    assert codes(await town.present(course, [{"presence_code": code}])) == ["ok"]
    rows = [
        {"presence_code": code},
        {"presence_code": await town.code(Holder(uuid4(), holder.voucher), home)},
        {"presence_code": await town.code(Holder(holder.person, uuid4()), home)},
    ]
    assert codes(await town.present(course, rows)) == [
        "presence_code_used", "voucher_already_presented", "enrolment_overlaps",
    ]  # fmt: skip


async def test_one_person_under_two_records_is_one_person(town: Town) -> None:
    first, second = await town.course(), await town.course()
    old, new = await town.person(), await town.person()
    await town.enrol(first, Holder(old, uuid4()))
    await town.supersede(old, new)
    row = {"presence_code": await town.code(Holder(new, uuid4()), second.account.institution)}
    assert codes(await town.present(second, [row])) == ["enrolment_overlaps"]


async def test_classes_one_after_the_other_do_not_overlap(town: Town) -> None:
    holder = town.holder()
    await town.enrol(await town.course(), holder)
    later = await town.course(lead=15)
    row = {"presence_code": await town.code(Holder(holder.person, uuid4()), later.account.institution)}
    assert codes(await town.present(later, [row])) == ["ok"]
    meeting = await town.course(lead=14)
    row = {"presence_code": await town.code(Holder(holder.person, uuid4()), meeting.account.institution)}
    assert codes(await town.present(meeting, [row])) == ["enrolment_overlaps"]


async def test_a_class_that_has_begun_or_is_not_approved_takes_nobody(town: Town) -> None:
    account, trainer = await town.institution(), await town.person()
    filed = Course(UUID(await town.filed(account, trainer)), account, trainer, [])
    row = {"presence_code": await town.code(town.holder(), account.institution)}
    refused(await town.present(filed, [row]), 409, "class_not_enrolling")
    course = await town.course()
    await town.database.set_business_time(course.time(0, "starts_at"))
    row = {"presence_code": await town.code(town.holder(), course.account.institution)}
    refused(await town.present(course, [row]), 409, "class_not_enrolling")


async def test_requested_enrolments_count_and_a_refused_one_frees_its_seat(town: Town) -> None:
    course = await town.course(seats=2)
    first, second, third = (town.holder() for _ in range(3))
    rows = [{"presence_code": await town.code(one, course.account.institution)} for one in (first, second, third)]
    answer = done(await town.present(course, rows), 200)
    assert answer["results"][2]["error"]["code"] == "class_full"
    enrolment = UUID(answer["results"][0]["result"]["id"])
    await town.hear(town.bind_refused(course, first, enrolment, "voucher_held"))
    assert await town.status_of(enrolment) == "refused"
    (event,) = await town.told("enrolment.refused")
    assert event.reason_code == "voucher_held"  # type: ignore[attr-defined]  # of its class
    await town.enrol(course, third)
    assert await taken(town, course) == 2


async def test_voucher_binds(town: Town) -> None:
    course, holder = await town.course(), town.holder()
    (enrolment,) = await town.enrol(course, holder)
    bound = town.bound(course, holder, enrolment)
    await town.hear(bound, bound)
    assert await town.status_of(enrolment) == "registered"
    assert len(await town.told("enrolment.registered")) == 1


async def test_a_bind_of_another_voucher_registers_nobody(town: Town) -> None:
    course, holder = await town.course(), town.holder()
    (enrolment,) = await town.enrol(course, holder)
    await town.hear(town.bound(course, town.holder(), enrolment))
    assert await town.status_of(enrolment) == "requested"


async def test_an_answer_that_comes_after_a_withdrawal_changes_nothing(town: Town) -> None:
    course = await town.course()
    for answer in ("bound", "refused"):
        holder = town.holder()
        (enrolment,) = await town.enrol(course, holder)
        path = f"/v1/enrolments/{enrolment}/withdrawals"
        done(await town.door.post(holder.account, path, {"reason_code": "changed_mind"}))
        event = town.bound if answer == "bound" else None
        await town.hear(
            event(course, holder, enrolment) if event else town.bind_refused(course, holder, enrolment, "voucher_held")
        )
        assert await town.status_of(enrolment) == "withdrawn"
    assert await taken(town, course) == 0


async def test_voucher_unbinds(town: Town) -> None:
    course = await town.course()
    (registered,) = await town.register(course, 1)
    holder = course.holders[0]
    unbound = town.unbound(course, holder, registered)
    await town.hear(unbound, unbound)
    assert await town.status_of(registered) == "withdrawn"
    (event,) = await town.told("enrolment.withdrawn")
    assert (event.voucher_id, event.reason_code) == (holder.voucher, "withdrawn_by_officer")  # type: ignore[attr-defined]  # of its class
    assert await taken(town, course) == 0


async def test_a_withdrawal_is_possible_until_a_session_counted(town: Town) -> None:
    course = await town.course()
    stays, leaves = await town.register(course, 2)
    await town.after(course, 0)
    done(await town.roster(course, 0, [stays]), 200)
    body = {"reason_code": "changed_mind"}
    refused(await town.door.post(course.account, f"/v1/enrolments/{stays}/withdrawals", body), 409, "wrong_state")
    left = done(await town.door.post(course.account, f"/v1/enrolments/{leaves}/withdrawals", body))
    assert left["status"] == "withdrawn"


async def test_a_withdrawn_holder_may_come_again(town: Town) -> None:
    course, holder = await town.course(), town.holder()
    (enrolment,) = await town.enrol(course, holder)
    path = f"/v1/enrolments/{enrolment}/withdrawals"
    done(await town.door.post(holder.account, path, {"reason_code": "mistake"}))
    await town.enrol(course, holder)
    assert await taken(town, course) == 1


async def test_who_is_expelled_keeps_his_seat_taken(town: Town) -> None:
    course = await town.course()
    (one,) = await town.register(course, 1)
    path = f"/v1/enrolments/{one}/expulsions"
    assert done(await town.door.post(course.account, path))["status"] == "expelled"
    refused(await town.door.post(course.account, path), 409, "wrong_state")
    assert await taken(town, course) == 1


async def test_the_last_seats_are_never_sold_twice(town: Town) -> None:
    course = await town.course(seats=5)
    holders = [town.holder() for _ in range(16)]
    rows = [{"presence_code": await town.code(one, course.account.institution)} for one in holders]
    answers = await asyncio.gather(*(town.present(course, [row]) for row in rows))
    said = [codes(answer)[0] for answer in answers]
    assert sorted(said) == ["class_full"] * 11 + ["ok"] * 5
    assert await taken(town, course) == 5


async def test_one_voucher_at_two_institutions_at_once_gets_one_seat(town: Town) -> None:
    courses = [await town.course() for _ in range(2)]
    for _ in range(5):
        holder = town.holder()
        rows = [{"presence_code": await town.code(holder, one.account.institution)} for one in courses]
        answers = await asyncio.gather(*(town.present(one, [row]) for one, row in zip(courses, rows, strict=True)))
        said = {codes(answer)[0] for answer in answers}
        assert len(said) == 2
        assert "ok" in said
        assert said <= {"ok", "enrolment_overlaps", "voucher_already_presented"}
    assert sum([await taken(town, one) for one in courses]) == 5


async def test_own_staff_only_for_an_enterprise(town: Town) -> None:
    account, plant, other = await town.institution(), make_credit_code("410402", 77), make_credit_code("410402", 78)
    payee, mandate = {"kind": "enterprise", "id": plant}, PaymentMandate(id=uuid4(), payee_id=plant)
    course = await town.course(account, channel="enterprise", payee=payee)
    shown = [await town.code(town.holder(), account.institution, mandate=mandate) for _ in range(3)]
    rows = [
        {"presence_code": shown[0], "employer": plant},
        {"presence_code": shown[1], "employer": other},
        {"presence_code": shown[2]},
    ]
    answer = await town.present(course, rows)
    assert codes(answer) == ["ok", "payee_not_employer", "ok"]
    assert answer.json()["results"][2]["result"]["employer"] == plant


async def test_the_day_of_the_listing_is_the_day_of_the_enrolment(town: Town) -> None:
    today = await town.today()
    until = today + timedelta(days=14)
    account = await town.institution(scope=[{**SKILL, "valid_from": str(today), "valid_to": str(until)}])
    course = await town.course(account)
    await town.enrol(course, town.holder())
    assert await taken(town, course) == 1
