"""Drafting, filing, approving and returning classes; the calendar of trainers and rooms."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.training.classes.domain import ClassPlan
from shared.contracts.training import ClassApprovedV1, ClassSessionPlannedV1
from shared.kernel.clock import start_of_day
from shared.reference.calendar import working_days_after
from tests.api_client import Account, done, refused
from tests.training.scenario import AREA, CITY, COMPETENCE, DAYS, ELSEWHERE, Scenario
from tests.worker_process import overdue


async def test_a_draft_knows_its_sessions_from_the_start(scenario: Scenario) -> None:
    account, trainer = await scenario.institution(), await scenario.person()
    drafted = done(await scenario.post(account, "/v1/classes", await scenario.draft(account, trainer)), 201)
    assert (drafted["status"], drafted["version"], drafted["class_hours"]) == ("draft", 1, 64)
    assert {session["status"] for session in drafted["sessions"]} == {"drafted"}
    path = f"/v1/classes/{drafted['id']}"
    filed = done(await scenario.post(account, f"{path}/filings"))
    assert filed["content_digest"] == drafted["content_digest"]
    approved = done(await scenario.post(scenario.officer, f"{path}/approvals"))
    assert {session["status"] for session in approved["sessions"]} == {"planned"}
    assert [session["id"] for session in approved["sessions"]] == [session["id"] for session in drafted["sessions"]]
    assert len(await scenario.emitted(ClassSessionPlannedV1)) == DAYS


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"seats": 51}, 409, "class_too_large"),
        ({"lead": 6}, 409, "class_filed_too_late"),
        ({"days": 7}, 409, "class_hours_too_few"),
        ({"skill_code": "4-03-02-02"}, 409, "skill_not_in_scope"),
        ({"level": 3}, 409, "skill_not_in_scope"),
        ({"level": 0}, 422, "skill_level_invalid"),
        ({"area": ELSEWHERE}, 409, "area_not_in_scope"),
        ({"area": CITY}, 422, "whole_city_no_area"),
        ({"area": "410499"}, 422, "area_unknown"),
        ({"department": "nobody"}, 422, "department_unknown"),
        ({"form": "隔空"}, 422, "validation_failed"),
        ({"payee": {"kind": "worker", "id": "91110108551385082Q"}}, 422, "class_payee_invalid"),
        ({"payee": {"kind": "institution", "id": "x"}}, 422, "credit_code_invalid"),
    ],
)
async def test_what_no_filing_passes_with(scenario: Scenario, change: dict[str, Any], status: int, code: str) -> None:
    account, trainer = await scenario.institution(), await scenario.person()
    days, lead = change.pop("days", DAYS), change.pop("lead", 7)
    first = await scenario.today() + timedelta(days=lead)
    draft = {
        **await scenario.draft(account, trainer),
        "sessions": scenario.sessions(first, trainer, "A", days),
        **change,
    }
    answer = await scenario.post(account, "/v1/classes", draft)
    if answer.status_code == 201:
        answer = await scenario.post(account, f"/v1/classes/{answer.json()['id']}/filings")
    assert refused(answer) == (status, code)


async def test_a_filing_that_waits_longer_than_five_working_days_is_counted(scenario: Scenario) -> None:
    """A26. What is decided waits no more."""
    account, trainer = await scenario.institution(), await scenario.person()
    filed = await scenario.filed(account, trainer, lead=40)
    due = working_days_after(await scenario.today(), 5)
    for day, late in ((due, 0), (due + timedelta(days=1), 1)):
        await scenario.database.set_business_time(start_of_day(day) + timedelta(hours=12))
        assert (await overdue(scenario.database))["class_filed"] == late
    done(await scenario.post(scenario.officer, f"/v1/classes/{filed}/approvals"))
    assert (await overdue(scenario.database))["class_filed"] == 0


async def test_since_when_a_class_stands_where_it_stands_is_the_databases_to_say(scenario: Scenario) -> None:
    await scenario.filed(await scenario.institution(), await scenario.person())
    async with scenario.database.owner.engine.begin() as connection:
        ((created, entered),) = await connection.execute(text("SELECT created_at, entered_at FROM classes"))
        assert created <= entered <= created + timedelta(minutes=1)
        for change in ("entered_at = '1999-01-01'", "entered_at = '1999-01-01', version = version + 1"):
            await connection.execute(text(f"UPDATE classes SET {change}"))
        assert await connection.scalar(text("SELECT entered_at FROM classes")) == entered


async def test_who_is_listed_for_the_whole_city_files_in_every_area(scenario: Scenario) -> None:
    scenario.officer = replace(scenario.officer, areas=(CITY,))
    account, trainer = await scenario.institution(area=CITY), await scenario.person()
    for area in (AREA, ELSEWHERE):
        await scenario.filed(account, trainer, area=area, lead=7 if area == AREA else 40)


async def test_the_database_refuses_a_class_where_its_institution_is_not_listed(scenario: Scenario) -> None:
    account, trainer = await scenario.institution(), await scenario.person()
    for area, said in ((ELSEWHERE, "ck_classes_area_in_scope"), (AREA, "nothing")):
        drafted = done(
            await scenario.post(account, "/v1/classes", await scenario.draft(account, trainer, area=area)), 201
        )
        filing = "UPDATE classes SET status = 'filed', version = version + 1, filed_at = now() WHERE id = $1"
        assert await scenario.attack(filing, drafted["id"]) == said


async def test_a_specific_competence_needs_forty_hours(scenario: Scenario) -> None:
    account, trainer = await scenario.institution(), await scenario.person()
    first = await scenario.today() + timedelta(days=7)
    await scenario.filed(
        account, trainer, **COMPETENCE, form="项目制", sessions=scenario.sessions(first, trainer, "A", 5)
    )


async def test_a_returned_filing_is_written_anew(scenario: Scenario) -> None:
    account, trainer = await scenario.institution(), await scenario.person()
    class_id = await scenario.filed(account, trainer)
    path = f"/v1/classes/{class_id}"
    returned = done(await scenario.post(scenario.officer, f"{path}/returns", {"reason": "教室面积不足"}))
    assert returned["status"] == "returned"
    assert done(await scenario.get(account, path))["to_correct"] == "教室面积不足"
    again = done(await scenario.post(account, f"{path}/drafts", await scenario.draft(account, trainer, seats=20)))
    assert (again["status"], again["edition"], again["seats"]) == ("draft", 2, 20)
    assert again["content_digest"] != returned["content_digest"]
    done(await scenario.post(account, f"{path}/filings"))
    assert done(await scenario.post(scenario.officer, f"{path}/approvals"))["to_correct"] is None
    draft = await scenario.draft(account, trainer)
    assert refused(await scenario.post(account, f"{path}/drafts", draft)) == (409, "wrong_state")


async def test_who_files_does_not_approve(scenario: Scenario) -> None:
    account, trainer = await scenario.institution(), await scenario.person()
    both = Account("institution", scenario.officer.person, account.institution)
    class_id = await scenario.filed(both, trainer)
    assert refused(await scenario.post(scenario.officer, f"/v1/classes/{class_id}/approvals")) == (
        409,
        "class_same_person",
    )
    done(await scenario.post(scenario.second_officer, f"/v1/classes/{class_id}/approvals"))


async def test_a_trainer_is_a_registered_person(scenario: Scenario) -> None:
    account, ghost = await scenario.institution(), uuid4()
    class_id = await scenario.filed(account, ghost)
    assert refused(await scenario.post(scenario.officer, f"/v1/classes/{class_id}/approvals")) == (
        409,
        "not_received_yet",
    )
    merged, survivor = await scenario.person(), await scenario.person()
    await scenario.supersede(merged, survivor)
    class_id = await scenario.filed(account, merged, lead=30)
    assert refused(await scenario.post(scenario.officer, f"/v1/classes/{class_id}/approvals")) == (
        409,
        "not_received_yet",
    )


async def test_nothing_is_approved_after_the_fact(scenario: Scenario) -> None:
    account, trainer = await scenario.institution(), await scenario.person()
    class_id = await scenario.filed(account, trainer)
    starts_at = done(await scenario.get(account, f"/v1/classes/{class_id}"))["starts_at"]
    await scenario.database.set_business_time(datetime.fromisoformat(starts_at))
    assert refused(await scenario.post(scenario.officer, f"/v1/classes/{class_id}/approvals")) == (
        409,
        "class_already_begun",
    )


async def test_one_trainer_and_one_room_are_never_used_twice_at_once(scenario: Scenario) -> None:
    account, other = await scenario.institution(), await scenario.institution()
    course = await scenario.course(account, room="一号")
    draft = await scenario.draft(other, course.trainer)
    busy = done(await scenario.post(other, "/v1/classes", draft), 201)["id"]
    assert refused(await scenario.post(other, f"/v1/classes/{busy}/filings")) == (409, "trainer_busy")
    await scenario.course(other, room="一号")
    draft = await scenario.draft(account, await scenario.person(), room=" 一号 ")
    busy = done(await scenario.post(account, "/v1/classes", draft), 201)["id"]
    assert refused(await scenario.post(account, f"/v1/classes/{busy}/filings")) == (409, "room_busy")


async def test_two_filings_for_one_trainer_are_parted_by_the_database(scenario: Scenario) -> None:
    """Both filings pass, both officers approve at once: the exclusion constraint lets one through."""
    trainer = await scenario.person()
    first = await scenario.filed(await scenario.institution(), trainer)
    second = await scenario.filed(await scenario.institution(), trainer)
    answers = await asyncio.gather(
        *(scenario.post(scenario.officer, f"/v1/classes/{class_id}/approvals") for class_id in (first, second))
    )
    lost = [answer for answer in answers if answer.status_code != 200]
    assert len(lost) == 1
    assert lost[0].json()["code"] in {"trainer_busy", "busy"}
    assert len(await scenario.emitted(ClassApprovedV1)) == 1


async def test_the_content_is_kept_edition_by_edition_with_its_hash(scenario: Scenario) -> None:
    course = await scenario.course()
    (row,) = await scenario.rows("SELECT content, digest FROM class_contents WHERE class_id = :id", id=course.id)
    assert ClassPlan.of_content(row.content).digest() == row.digest
    assert UUID(row.content["sessions"][0][0]) == UUID(course.sessions[0]["id"])
