"""Classes: drafting, filing, approving, amending, cancelling, stopping; the calendar of trainers and rooms."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.training.filings.domain import plan_of
from tests.training.door import Account
from tests.training.town import COMPETENCE, DAYS, Course, Town, done, refused


async def test_a_draft_knows_its_sessions_from_the_start(town: Town) -> None:
    account, trainer = await town.institution(), await town.person()
    drafted = done(await town.door.post(account, "/v1/classes", await town.draft(account, trainer)))
    assert (drafted["status"], drafted["version"], drafted["class_hours"]) == ("draft", 1, 64)
    assert {one["status"] for one in drafted["sessions"]} == {"drafted"}
    path = f"/v1/classes/{drafted['id']}"
    filed = done(await town.door.post(account, f"{path}/filings"))
    assert filed["content_digest"] == drafted["content_digest"]
    approved = done(await town.door.post(town.officer, f"{path}/approvals"))
    assert {one["status"] for one in approved["sessions"]} == {"planned"}
    assert [one["id"] for one in approved["sessions"]] == [one["id"] for one in drafted["sessions"]]
    assert len(await town.told("class_session.planned")) == DAYS


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"seats": 51}, 409, "class_too_large"),
        ({"lead": 6}, 409, "class_filed_too_late"),
        ({"days": 7}, 409, "class_hours_too_few"),
        ({"skill_code": "4-03-02-02"}, 409, "skill_not_in_scope"),
        ({"level": 3}, 409, "skill_not_in_scope"),
        ({"level": 0}, 422, "skill_level_invalid"),
        ({"department": "nobody"}, 422, "department_unknown"),
        ({"form": "隔空"}, 422, "validation_failed"),
        ({"payee": {"kind": "worker", "id": "x"}}, 422, "class_payee_invalid"),
        ({"payee": {"kind": "institution", "id": "x"}}, 422, "credit_code_invalid"),
    ],
)
async def test_what_no_filing_passes_with(town: Town, change: dict[str, Any], status: int, code: str) -> None:
    account, trainer = await town.institution(), await town.person()
    days, lead = change.pop("days", DAYS), change.pop("lead", 7)
    first = await town.today() + timedelta(days=lead)
    draft = {**await town.draft(account, trainer), "sessions": town.sessions(first, trainer, "A", days), **change}
    answer = await town.door.post(account, "/v1/classes", draft)
    if answer.status_code == 201:
        answer = await town.door.post(account, f"/v1/classes/{answer.json()['id']}/filings")
    refused(answer, status, code)


async def test_a_specific_competence_needs_forty_hours(town: Town) -> None:
    account, trainer = await town.institution(), await town.person()
    first = await town.today() + timedelta(days=7)
    await town.filed(account, trainer, **COMPETENCE, form="项目制", sessions=town.sessions(first, trainer, "A", 5))


async def test_a_returned_filing_is_written_anew(town: Town) -> None:
    account, trainer = await town.institution(), await town.person()
    class_id = await town.filed(account, trainer)
    path = f"/v1/classes/{class_id}"
    returned = done(await town.door.post(town.officer, f"{path}/returns", {"reason": "教室面积不足"}))
    assert returned["status"] == "returned"
    again = done(await town.door.post(account, f"{path}/drafts", await town.draft(account, trainer, seats=20)))
    assert (again["status"], again["edition"], again["seats"]) == ("draft", 2, 20)
    assert again["content_digest"] != returned["content_digest"]
    done(await town.door.post(account, f"{path}/filings"))
    done(await town.door.post(town.officer, f"{path}/approvals"))
    refused(await town.door.post(account, f"{path}/drafts", await town.draft(account, trainer)), 409, "wrong_state")
    acts = await town.rows("SELECT action, reason FROM class_acts WHERE class_id = :id ORDER BY version", id=class_id)
    assert [one.action for one in acts] == ["draft", "file", "return", "draft", "file", "approve"]
    assert acts[2].reason == "教室面积不足"


async def test_who_files_does_not_approve(town: Town) -> None:
    account, trainer = await town.institution(), await town.person()
    both = Account("institution", town.officer.person, account.institution)
    class_id = await town.filed(both, trainer)
    refused(await town.door.post(town.officer, f"/v1/classes/{class_id}/approvals"), 409, "class_same_person")
    done(await town.door.post(town.second_officer, f"/v1/classes/{class_id}/approvals"))


async def test_a_trainer_is_a_registered_person(town: Town) -> None:
    account, ghost = await town.institution(), uuid4()
    class_id = await town.filed(account, ghost)
    refused(await town.door.post(town.officer, f"/v1/classes/{class_id}/approvals"), 503, "trainer_unknown")
    merged, survivor = await town.person(), await town.person()
    await town.supersede(merged, survivor)
    class_id = await town.filed(account, merged, lead=30)
    refused(await town.door.post(town.officer, f"/v1/classes/{class_id}/approvals"), 503, "trainer_unknown")


async def test_nothing_is_approved_after_the_fact(town: Town) -> None:
    account, trainer = await town.institution(), await town.person()
    class_id = await town.filed(account, trainer)
    starts_at = done(await town.door.get(account, f"/v1/classes/{class_id}"), 200)["starts_at"]
    await town.database.set_business_time(datetime.fromisoformat(starts_at))
    refused(await town.door.post(town.officer, f"/v1/classes/{class_id}/approvals"), 409, "class_already_begun")


async def test_one_trainer_and_one_room_are_never_used_twice_at_once(town: Town) -> None:
    account, other = await town.institution(), await town.institution()
    course = await town.course(account, room="一号")
    draft = await town.draft(other, course.trainer)
    busy = done(await town.door.post(other, "/v1/classes", draft))["id"]
    refused(await town.door.post(other, f"/v1/classes/{busy}/filings"), 409, "trainer_busy")
    await town.course(other, room="一号")
    draft = await town.draft(account, await town.person(), room=" 一号 ")
    busy = done(await town.door.post(account, "/v1/classes", draft))["id"]
    refused(await town.door.post(account, f"/v1/classes/{busy}/filings"), 409, "room_busy")


async def test_two_filings_for_one_trainer_are_parted_by_the_database(town: Town) -> None:
    """Both filings pass, both officers approve at once: the exclusion constraint lets one through."""
    trainer = await town.person()
    first = await town.filed(await town.institution(), trainer)
    second = await town.filed(await town.institution(), trainer)
    answers = await asyncio.gather(
        *(town.door.post(town.officer, f"/v1/classes/{one}/approvals") for one in (first, second))
    )
    lost = [answer for answer in answers if answer.status_code != 201]
    assert len(lost) == 1
    assert lost[0].json()["code"] in {"trainer_busy", "busy"}
    assert len(await town.told("class.approved")) == 1


def moved(course: Course, session: int, **change: Any) -> dict[str, Any]:
    """A change of one session, as an amendment says it."""
    one = course.sessions[session]
    said = {"session_id": one["id"], **{name: one[name] for name in ("starts_at", "ends_at", "trainer_id", "room")}}
    return {**said, **change}


async def test_an_amendment_has_its_own_approval_and_hash(town: Town) -> None:
    course, stand_in = await town.course(), await town.person()
    path = f"/v1/classes/{course.id}"
    before = done(await town.door.get(course.account, path), 200)
    body = {"changes": [moved(course, 1, trainer_id=str(stand_in), room="二号")]}
    proposed = done(await town.door.post(course.account, f"{path}/amendments", body))
    assert proposed["edition"] == 2
    assert done(await town.door.get(course.account, path), 200) == before
    refused(
        await town.door.post(town.officer, f"{path}/amendment-approvals", {"edition": 3}),
        404,
        "class_amendment_not_found",
    )
    after = done(await town.door.post(town.officer, f"{path}/amendment-approvals", {"edition": 2}))
    assert (after["status"], after["edition"]) == ("approved", 2)
    assert after["content_digest"] != before["content_digest"]
    assert after["sessions"][1]["trainer_id"] == str(stand_in)
    assert set(after["trainer_ids"]) == {str(course.trainer), str(stand_in)}
    assert len(await town.told("class.amended")) == 1
    refused(
        await town.door.post(town.officer, f"{path}/amendment-approvals", {"edition": 2}),
        404,
        "class_amendment_not_found",
    )


async def test_two_sessions_change_places(town: Town) -> None:
    course = await town.course()
    one, two = course.sessions[1], course.sessions[2]
    times = [{name: other[name] for name in ("starts_at", "ends_at")} for other in (two, one)]
    body = {"changes": [moved(course, 1, **times[0]), moved(course, 2, **times[1])]}
    path = f"/v1/classes/{course.id}"
    done(await town.door.post(course.account, f"{path}/amendments", body))
    after = done(await town.door.post(town.officer, f"{path}/amendment-approvals", {"edition": 2}))
    assert [session["id"] for session in after["sessions"][1:3]] == [two["id"], one["id"]]


@pytest.mark.parametrize("wrong", ["outside", "shorter", "held", "foreign"])
async def test_what_no_amendment_does(town: Town, wrong: str) -> None:
    course = await town.course()
    last = course.time(-1, "starts_at")
    change = moved(course, 1)
    if wrong == "outside":
        change |= {"starts_at": (last + timedelta(days=1)).isoformat()}
        change |= {"ends_at": (last + timedelta(days=1, hours=1)).isoformat()}
    elif wrong == "shorter":
        change |= {"ends_at": (course.time(1, "starts_at") + timedelta(minutes=60)).isoformat()}
    elif wrong == "held":
        await town.after(course, 1)
    else:
        change |= {"session_id": str(uuid4())}
    answer = await town.door.post(course.account, f"/v1/classes/{course.id}/amendments", {"changes": [change]})
    status, code = (409, "class_hours_too_few") if wrong == "shorter" else (422, "class_amendment_invalid")
    refused(answer, status, code)


async def test_a_cancelled_class_gives_vouchers_seats_trainers_and_rooms_back(town: Town) -> None:
    course = await town.course(room="一号")
    (registered,) = await town.register(course, 1)
    (requested,) = await town.enrol(course, town.holder())
    path = f"/v1/classes/{course.id}/cancellations"
    assert done(await town.door.post(course.account, path, {"reason_code": "too_few"}))["status"] == "cancelled"
    assert {await town.status_of(one) for one in (registered, requested)} == {"withdrawn"}
    assert {event.reason_code for event in await town.told("enrolment.withdrawn")} == {"class_cancelled"}  # type: ignore[attr-defined]  # of its class
    await town.course(course.account, trainer=course.trainer, room="一号")
    refused(await town.door.post(course.account, path, {"reason_code": "again"}), 409, "wrong_state")


async def test_a_stopped_class_takes_no_voucher_from_anybody(town: Town) -> None:
    course = await town.course()
    attending, absent = await town.register(course, 2)
    await town.after(course, 0)
    done(await town.roster(course, 0, [attending]), 200)
    assert await town.status_of(attending) == "attending"
    stopped = done(await town.door.post(town.officer, f"/v1/classes/{course.id}/stops", {"reason_code": "ghosts"}))
    assert stopped["status"] == "stopped"
    assert {await town.status_of(one) for one in (attending, absent)} == {"withdrawn"}
    assert len(await town.told("class_session.dropped")) == DAYS - 1


async def test_the_clock_starts_and_finishes_a_class(town: Town) -> None:
    course = await town.course()
    (one,) = await town.register(course, 1)
    assert await town.tick() == 0
    await town.database.set_business_time(course.time(0, "starts_at") - timedelta(seconds=5))
    assert await town.tick() == 0
    await town.database.set_business_time(course.time(0, "starts_at"))
    assert await town.tick() == 1
    await town.attend_all(course, [one])
    assert await town.tick() == 1
    assert done(await town.door.get(course.account, f"/v1/classes/{course.id}"), 200)["status"] == "finished"


async def test_the_content_is_kept_edition_by_edition_with_its_hash(town: Town) -> None:
    course = await town.course()
    (row,) = await town.rows("SELECT content, digest FROM class_contents WHERE class_id = :id", id=course.id)
    assert plan_of(row.content).digest() == row.digest
    assert UUID(row.content["sessions"][0][0]) == UUID(course.sessions[0]["id"])
