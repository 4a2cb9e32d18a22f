"""The catalogue and its assessors: what officers and bodies do to them, and who may not."""

from datetime import date
from uuid import uuid4

import pytest

from services.evaluation.bodies.domain import (
    BodyKind,
    BodyNotListed,
    BodyOutsideScope,
    BodyScopeOutsideKind,
    CatalogueEntry,
    ScopeLine,
    check_may_assess,
    check_scope,
)
from shared.reference.skills import canonical_skill
from tests.evaluation.door import Actor
from tests.evaluation.town import AREA, ELSEWHERE, PERMIT, SKILL, Town, done, refused

LINE = ScopeLine("4-03-02-01", 4, date(2022, 1, 1), date(2026, 6, 30))


@pytest.mark.parametrize(
    ("entry", "level", "day", "refusal"),
    [
        (CatalogueEntry("listed", (LINE,)), 4, date(2026, 7, 1), BodyOutsideScope),
        (CatalogueEntry("listed", (LINE,)), 4, date(2021, 12, 31), BodyOutsideScope),
        (CatalogueEntry("listed", (LINE,)), 3, date(2026, 1, 1), BodyOutsideScope),
        (CatalogueEntry("listed", ()), 4, date(2026, 1, 1), BodyOutsideScope),
        (CatalogueEntry("suspended", (LINE,)), 4, date(2026, 1, 1), BodyNotListed),
        (CatalogueEntry("removed", (LINE,)), 4, date(2026, 1, 1), BodyNotListed),
    ],
)
def test_nothing_outside_the_catalogue(entry: CatalogueEntry, level: int, day: date, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_may_assess(entry, "4-03-02-01", level, day)


def test_scope_days_are_both_included() -> None:
    for day in (LINE.valid_from, LINE.valid_to):
        assert day is not None
        check_may_assess(CatalogueEntry("listed", (LINE,)), "4-03-02-01", 4, day)


def test_permits_belong_to_government_bodies() -> None:
    permit = canonical_skill("SO-01-02")
    check_scope(BodyKind.GOVERNMENT, [permit])
    for kind in (BodyKind.EMPLOYER, BodyKind.SCHOOL, BodyKind.SOCIAL):
        with pytest.raises(BodyScopeOutsideKind):
            check_scope(kind, [permit])


async def test_a_body_is_listed_once_and_read_by_all(town: Town) -> None:
    listing = town.listing()
    answer = done(await town.door.post(town.officer, "/v1/bodies", listing), 201)
    assert (answer["id"], answer["status"], answer["version"]) == (listing["credit_code"], "listed", 1)
    again = await town.door.post(town.officer, "/v1/bodies", {**listing, "province_code": "9999"})
    assert refused(again) == (409, "body_already_listed")
    other = town.listing(province_code=listing["province_code"])
    assert refused(await town.door.post(town.officer, "/v1/bodies", other)) == (409, "body_province_code_taken")
    worker = Actor("worker", uuid4())
    assert done(await town.door.get(worker, f"/v1/bodies/{listing['credit_code']}"))["kind"] == "social"
    page = done(await town.door.get(worker, "/v1/bodies", kind="social", area=AREA))
    assert [one["id"] for one in page["data"]] == [listing["credit_code"]]
    assert done(await town.door.get(worker, "/v1/bodies", kind="school"))["data"] == []
    assert refused(await town.door.get(worker, "/v1/bodies/nobody"))[0] == 404


async def test_listings_that_are_refused(town: Town) -> None:
    line = town.listing()["scope"][0]
    for listing, expected in (
        (town.listing(credit_code="91410400MA0000001X"), (422, "credit_code_invalid")),
        (town.listing(area="999999"), (422, "area_unknown")),
        (town.listing(scope=[{**line, "skill_code": "9-99-99-99"}]), (422, "skill_unknown")),
        (town.listing(scope=[{**line, "level": 0}]), (422, "skill_level_invalid")),
        (town.listing(scope=[{**line, **PERMIT}]), (422, "body_scope_outside_kind")),
        (town.listing(scope=[line, {**line, "valid_from": "2023-01-01"}]), (409, "body_scope_overlaps")),
        (town.listing(scope=[{**line, "valid_to": "2021-01-01"}]), (422, "validation_failed")),
        (town.listing(kind="private"), (422, "validation_failed")),
    ):
        assert refused(await town.door.post(town.officer, "/v1/bodies", listing)) == expected
    assert await town.outbox() == []


async def test_officers_act_in_their_areas_only(town: Town) -> None:
    listing = town.listing()
    assert refused(await town.door.post(town.foreign_officer, "/v1/bodies", listing)) == (403, "area_outside_scope")
    body = await town.body()
    for act in ("suspensions", "removals", "reinstatements"):
        given = {} if act == "reinstatements" else {"reason_code": "found"}
        answer = await town.door.post(town.foreign_officer, f"/v1/bodies/{body.code}/{act}", given)
        assert refused(answer) == (404, "body_not_found")
    amendment = {"scope": listing["scope"]}
    answer = await town.door.post(town.foreign_officer, f"/v1/bodies/{body.code}/scope-amendments", amendment)
    assert refused(answer) == (404, "body_not_found")
    for role in (body.account, Actor("worker", uuid4()), Actor("auditor", uuid4())):
        assert refused(await town.door.post(role, "/v1/bodies", listing)) == (403, "role_not_allowed")


async def test_the_life_of_a_body(town: Town) -> None:
    body = await town.body()
    path = f"/v1/bodies/{body.code}"
    assert refused(await town.door.post(town.officer, f"{path}/reinstatements")) == (409, "wrong_state")
    reason = {"reason_code": "complaints"}
    suspended = done(await town.door.post(town.officer, f"{path}/suspensions", reason))
    assert (suspended["status"], suspended["reason_code"]) == ("suspended", "complaints")
    plan = await town.plan(body)
    assert refused(await town.door.post(body.account, "/v1/assessment-sessions", plan)) == (409, "body_not_listed")
    named = {"person_id": str(await town.person()), "skills": [SKILL]}
    assert refused(await town.door.post(body.account, "/v1/assessors", named)) == (409, "body_not_listed")
    assert done(await town.door.post(town.officer, f"{path}/reinstatements"))["reason_code"] is None
    await town.session(body)
    assert done(await town.door.post(town.officer, f"{path}/removals", reason))["status"] == "removed"
    for act in ("suspensions", "removals"):
        assert refused(await town.door.post(town.officer, f"{path}/{act}", reason)) == (409, "wrong_state")
    told = [event["name"] for event in await town.outbox() if event["name"].startswith("body.")]
    assert told == ["body.listed", "body.suspended", "body.reinstated", "body.removed"]


async def test_a_scope_is_amended_by_lines(town: Town) -> None:
    body = await town.body()
    ended = {**SKILL, "valid_from": "2022-01-01", "valid_to": "2022-12-31"}
    added = {"skill_code": "4-03-02-01", "level": 3, "valid_from": "2023-01-01", "edition": "2023"}
    answer = done(
        await town.door.post(town.officer, f"/v1/bodies/{body.code}/scope-amendments", {"scope": [ended, added]})
    )
    lines = {(line["skill_code"], line["level"]): line for line in answer["scope"]}
    assert lines["4-03-02-01", 4]["valid_to"] == "2022-12-31"
    assert lines["4-03-02-01", 3]["edition"] == "2023"
    refusal = await town.door.post(body.account, "/v1/assessment-sessions", await town.plan(body))
    assert refused(refusal) == (409, "body_outside_scope")
    told = (await town.outbox())[-1]
    assert told["name"] == "body.scope_amended"
    assert len(told["scope"]) == 3


async def test_one_person_is_one_assessor_for_all_bodies(town: Town) -> None:
    one, other = await town.body(), await town.body()
    person = str(one.assessors[0].person)
    named = {"person_id": person, "skills": [SKILL]}
    again = done(await town.door.post(one.account, "/v1/assessors", named), 201)
    assert (again["id"], again["version"]) == (person, 1)
    vouched = done(await town.door.post(other.account, "/v1/assessors", named), 201)
    assert (vouched["version"], vouched["body"]) == (2, one.code)
    assert {skill["body"] for skill in vouched["skills"]} == {one.code, other.code}
    told = (await town.outbox())[-1]
    assert (told["name"], told["body"]) == ("assessor.qualified", other.code)


async def test_who_is_named_is_registered_first(town: Town) -> None:
    body = await town.body()
    named = {"person_id": str(uuid4()), "skills": [SKILL]}
    assert refused(await town.door.post(body.account, "/v1/assessors", named)) == (409, "assessor_person_unknown")


async def test_assessors_are_seen_by_their_bodies_and_officers(town: Town) -> None:
    body, other = await town.body(), await town.body()
    assessor = body.assessors[0]
    path = f"/v1/assessors/{assessor.person}"
    for may in (body.account, town.officer, Actor("worker", assessor.person), Actor("auditor", uuid4(), areas=(AREA,)),
                Actor("officer", uuid4(), areas=(AREA,))):  # fmt: skip
        assert done(await town.door.get(may, path))["person_id"] == str(assessor.person)
    for foreign in (other.account, town.foreign_officer, Actor("worker", uuid4())):
        assert refused(await town.door.get(foreign, path)) == (404, "assessor_not_found")
        listed = done(await town.door.get(foreign, "/v1/assessors"))["data"]
        assert str(assessor.person) not in [one["id"] for one in listed]
    assert len(done(await town.door.get(body.account, "/v1/assessors", limit=1))["data"]) == 1


async def test_who_is_struck_off_assesses_no_more(town: Town) -> None:
    body = await town.body()
    path = f"/v1/assessors/{body.assessors[0].person}/strike-offs"
    reason = {"reason_code": "waved_through"}
    assert refused(await town.door.post(town.foreign_officer, path, reason)) == (404, "assessor_not_found")
    assert done(await town.door.post(town.officer, path, reason))["status"] == "struck_off"
    plan = await town.plan(body)
    refusal = await town.door.post(body.account, "/v1/assessment-sessions", plan)
    assert refused(refusal) == (409, "assessor_not_qualified")
    named = {"person_id": str(body.assessors[0].person), "skills": [{**SKILL, "level": 3}]}
    assert refused(await town.door.post(body.account, "/v1/assessors", named)) == (409, "wrong_state")


async def test_a_request_is_repeated_without_harm(town: Town) -> None:
    listing = town.listing(area=ELSEWHERE)
    first = await town.door.post(town.officer, "/v1/bodies", listing, key="k1")
    again = await town.door.post(town.officer, "/v1/bodies", listing, key="k1")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert len(await town.outbox()) == 1
