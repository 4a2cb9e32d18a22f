"""The catalogue: two officers, supervision, what a suspension and a removal do to those who have not begun."""

import asyncio

import pytest

from tests.training.town import AREA, ELSEWHERE, SKILL, Town, codes, done, refused


async def test_two_officers_put_an_institution_on_the_catalogue(town: Town) -> None:
    said = town.application()
    path = f"/v1/institutions/{said['credit_code']}"
    applied = done(await town.door.post(town.officer, "/v1/institutions", said))
    assert (applied["status"], applied["version"]) == ("applied", 1)
    refused(await town.door.post(town.officer, f"{path}/listings"), 409, "institution_same_officer")
    assert done(await town.door.post(town.second_officer, f"{path}/listings"))["status"] == "listed"
    (event,) = await town.told("institution.listed")
    assert event.id == said["credit_code"]
    assert [(line.skill_code, line.level) for line in event.scope] == [("4-03-02-01", 4), ("ZX-4104-001", 0)]  # type: ignore[attr-defined]  # of its class
    refused(await town.door.post(town.officer, "/v1/institutions", said), 409, "wrong_state")


async def test_an_application_may_be_entered_anew_until_it_is_listed(town: Town) -> None:
    said = town.application()
    done(await town.door.post(town.officer, "/v1/institutions", said))
    said = {**said, "name": "新名", "scope": said["scope"][:1]}
    again = done(await town.door.post(town.second_officer, "/v1/institutions", said))
    assert (again["version"], again["name"], len(again["scope"])) == (2, "新名", 1)
    path = f"/v1/institutions/{said['credit_code']}/listings"
    refused(await town.door.post(town.second_officer, path), 409, "institution_same_officer")
    done(await town.door.post(town.officer, path))


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"credit_code": "914104007000010001"}, 422, "credit_code_invalid"),
        ({"area": "999999"}, 422, "area_unknown"),
        ({"area": ELSEWHERE}, 404, "institution_not_found"),
        ({"scope": [{**SKILL, "valid_from": "2026-01-01", "valid_to": "2025-01-01"}]}, 422, "catalogue_scope_invalid"),
        ({"scope": [{"skill_code": "9-9", "level": 1, "valid_from": "2026-01-01"}]}, 422, "skill_unknown"),
        (
            {"scope": [{"skill_code": "ZX-4104-001", "level": 3, "valid_from": "2026-01-01"}]},
            422,
            "skill_level_invalid",
        ),
    ],
)
async def test_what_no_application_says(town: Town, change: dict[str, object], status: int, code: str) -> None:
    refused(await town.door.post(town.officer, "/v1/institutions", town.application(**change)), status, code)


async def test_the_catalogue_is_public(town: Town) -> None:
    first, second = await town.institution(), await town.institution()
    page = done(await town.door.get(None, "/v1/institutions", limit=1), 200)
    assert page["has_more"]
    rest = done(await town.door.get(None, "/v1/institutions", cursor=page["next_cursor"]), 200)
    assert {one["id"] for one in page["data"] + rest["data"]} == {first.institution, second.institution}
    assert done(await town.door.get(None, "/v1/institutions", area=ELSEWHERE), 200)["data"] == []
    assert done(await town.door.get(None, "/v1/institutions", status="removed"), 200)["data"] == []
    assert done(await town.door.get(None, f"/v1/institutions/{first.institution}"), 200)["area"] == AREA
    refused(await town.door.get(None, "/v1/institutions/nobody"), 404, "institution_not_found")


async def test_only_officers_of_the_area_supervise(town: Town) -> None:
    account = await town.institution()
    path = f"/v1/institutions/{account.institution}"
    for act in ("listings", "warnings", "suspensions", "reinstatements", "removals"):
        body = {} if act == "listings" else {"reason_code": "hours_cut"}
        refused(await town.door.post(town.foreign_officer, f"{path}/{act}", body), 404, "institution_not_found")
        refused(await town.door.post(account, f"{path}/{act}", body), 403, "role_not_allowed")


async def test_warned_suspended_reinstated_removed(town: Town) -> None:
    account = await town.institution()
    path, body = f"/v1/institutions/{account.institution}", {"reason_code": "hours_cut"}
    for act, status in (
        ("warnings", "warned"),
        ("warnings", "warned"),
        ("suspensions", "suspended"),
        ("reinstatements", "listed"),
        ("suspensions", "suspended"),
        ("removals", "removed"),
    ):
        assert done(await town.door.post(town.officer, f"{path}/{act}", body))["status"] == status
    refused(await town.door.post(town.officer, f"{path}/reinstatements", body), 409, "wrong_state")
    acts = await town.rows("SELECT action, reason_code, officer FROM institution_acts ORDER BY version")
    assert [one.action for one in acts] == [
        "apply", "list", "warn", "warn", "suspend", "reinstate", "suspend", "remove",
    ]  # fmt: skip
    assert acts[-1].reason_code == "hours_cut"
    assert acts[-1].officer == town.officer.person


@pytest.mark.parametrize(
    ("act", "reason"), [("suspensions", "institution_suspended"), ("removals", "institution_removed")]
)
async def test_who_has_not_begun_is_withdrawn(town: Town, act: str, reason: str) -> None:
    account = await town.institution()
    running = await town.course(account)
    (begun,) = await town.register(running, 1)
    await town.after(running, 0)
    done(await town.roster(running, 0, [begun]), 200)
    course = await town.course(account)
    (registered,) = await town.register(course, 1)
    (requested,) = await town.enrol(course, town.holder())
    path = f"/v1/institutions/{account.institution}/{act}"
    done(await town.door.post(town.officer, path, {"reason_code": "hours_cut"}))
    assert [await town.status_of(one) for one in (begun, registered, requested)] == [
        "attending", "withdrawn", "withdrawn",
    ]  # fmt: skip
    withdrawn = await town.told("enrolment.withdrawn")
    assert {event.reason_code for event in withdrawn} == {reason}  # type: ignore[attr-defined]  # of its class
    (seats,) = await town.rows("SELECT taken FROM class_seats WHERE class_id = :id", id=course.id)
    assert seats.taken == 0
    code = await town.code(town.holder(), account.institution)
    refused(await town.present(course, [{"presence_code": code}]), 409, "institution_not_active")
    draft = await town.draft(account, course.trainer, lead=30)
    refused(await town.door.post(account, "/v1/classes", draft), 409, "institution_not_active")


async def test_a_removed_institutions_classes_are_cancelled_and_give_back_trainer_and_room(town: Town) -> None:
    account, other = await town.institution(), await town.institution()
    course = await town.course(account, room="一号")
    path = f"/v1/institutions/{account.institution}/removals"
    done(await town.door.post(town.officer, path, {"reason_code": "hours_cut"}))
    shown = done(await town.door.get(account, f"/v1/classes/{course.id}"), 200)
    assert shown["status"] == "cancelled"
    assert {one["status"] for one in shown["sessions"]} == {"dropped"}
    await town.course(other, trainer=course.trainer)


async def test_a_suspended_institutions_class_is_given_up_when_its_time_comes(town: Town) -> None:
    course, kept = await town.course(), await town.course()
    institution = course.account.institution
    done(await town.door.post(town.officer, f"/v1/institutions/{institution}/suspensions", {"reason_code": "check"}))
    await town.database.set_business_time(course.time(0, "starts_at"))
    assert await town.tick() == 2
    assert [row.status for row in await town.rows("SELECT status FROM classes ORDER BY id")] == ["cancelled", "running"]
    assert (await town.told("class.started"))[0].id == kept.id


async def test_a_suspension_waits_for_an_enrolment_that_is_being_made(town: Town) -> None:
    """The shared lock on the institution: no enrolment slips in beside a suspension."""
    for _ in range(5):
        course = await town.course()
        code = await town.code(town.holder(), course.account.institution)
        path = f"/v1/institutions/{course.account.institution}/suspensions"
        enrolling = town.present(course, [{"presence_code": code}])
        suspending = town.door.post(town.officer, path, {"reason_code": "check"})
        answer, suspended = await asyncio.gather(enrolling, suspending)
        done(suspended)
        if answer.status_code == 200:
            assert codes(answer) == ["ok"]
        else:
            refused(answer, 409, "institution_not_active")
        rows = await town.rows("SELECT status FROM enrolments WHERE class_id = :id", id=course.id)
        assert {row.status for row in rows} <= {"withdrawn"}
