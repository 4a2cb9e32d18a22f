"""The catalogue: what officers do to it, and who may not."""

from tests.api_client import Account, done, refused
from tests.evaluation.scenario import AREA, ELSEWHERE, PERMIT, SKILL, Scenario


async def test_a_body_is_listed_once_and_read_by_all(scenario: Scenario) -> None:
    listing = scenario.listing()
    answer = done(await scenario.post(scenario.officer, "/v1/bodies", listing), 201)
    assert (answer["id"], answer["status"], answer["version"]) == (listing["credit_code"], "listed", 1)
    again = await scenario.post(scenario.officer, "/v1/bodies", {**listing, "province_code": "9999"})
    assert refused(again) == (409, "body_already_listed")
    other = scenario.listing(province_code=listing["province_code"])
    assert refused(await scenario.post(scenario.officer, "/v1/bodies", other)) == (
        409,
        "body_province_code_taken",
    )
    worker = Account("worker")
    assert done(await scenario.get(worker, f"/v1/bodies/{listing['credit_code']}"))["kind"] == "social"
    page = done(await scenario.get(worker, "/v1/bodies", kind="social", area=AREA))
    assert [row["id"] for row in page["data"]] == [listing["credit_code"]]
    assert done(await scenario.get(worker, "/v1/bodies", kind="school"))["data"] == []
    assert refused(await scenario.get(worker, "/v1/bodies/91110108551385082Q"))[0] == 404
    assert refused(await scenario.get(worker, "/v1/bodies/nobody"))[0] == 422


async def test_listings_that_are_refused(scenario: Scenario) -> None:
    line = scenario.listing()["scope"][0]
    for listing, expected in (
        (scenario.listing(credit_code="91410400MA0000001X"), (422, "credit_code_invalid")),
        (scenario.listing(area="999999"), (422, "area_unknown")),
        (scenario.listing(scope=[{**line, "skill_code": "9-99-99-99"}]), (422, "skill_unknown")),
        (scenario.listing(scope=[{**line, "level": 0}]), (422, "skill_level_invalid")),
        (scenario.listing(scope=[{**line, **PERMIT}]), (422, "body_scope_outside_kind")),
        (scenario.listing(scope=[line, {**line, "valid_from": "2023-01-01"}]), (409, "body_scope_overlaps")),
        (scenario.listing(scope=[{**line, "valid_to": "2021-01-01"}]), (422, "validation_failed")),
        (scenario.listing(kind="private"), (422, "validation_failed")),
    ):
        assert refused(await scenario.post(scenario.officer, "/v1/bodies", listing)) == expected
    assert await scenario.outbox() == []


async def test_officers_act_in_their_areas_only(scenario: Scenario) -> None:
    listing = scenario.listing()
    assert refused(await scenario.post(scenario.foreign_officer, "/v1/bodies", listing)) == (403, "area_outside_scope")
    body = await scenario.body()
    for act in ("suspensions", "removals", "reinstatements"):
        given = {} if act == "reinstatements" else {"reason_code": "found"}
        answer = await scenario.post(scenario.foreign_officer, f"/v1/bodies/{body.code}/{act}", given)
        assert refused(answer) == (404, "body_not_found")
    amendment = {"scope": listing["scope"]}
    answer = await scenario.post(scenario.foreign_officer, f"/v1/bodies/{body.code}/scope-amendments", amendment)
    assert refused(answer) == (404, "body_not_found")
    for role in (body.account, Account("worker"), Account("auditor")):
        assert refused(await scenario.post(role, "/v1/bodies", listing)) == (403, "role_not_allowed")


async def test_the_life_of_a_body(scenario: Scenario) -> None:
    body = await scenario.body()
    path = f"/v1/bodies/{body.code}"
    assert refused(await scenario.post(scenario.officer, f"{path}/reinstatements")) == (409, "wrong_state")
    reason = {"reason_code": "complaints"}
    suspended = done(await scenario.post(scenario.officer, f"{path}/suspensions", reason))
    assert (suspended["status"], suspended["reason_code"]) == ("suspended", "complaints")
    plan = await scenario.plan(body)
    assert refused(await scenario.post(body.account, "/v1/assessment-sessions", plan)) == (
        409,
        "body_not_listed",
    )
    named = {"person_id": str(await scenario.person()), "skills": [SKILL]}
    assert refused(await scenario.post(body.account, "/v1/assessors", named)) == (409, "body_not_listed")
    assert done(await scenario.post(scenario.officer, f"{path}/reinstatements"))["reason_code"] is None
    await scenario.session(body)
    assert done(await scenario.post(scenario.officer, f"{path}/removals", reason))["status"] == "removed"
    for act in ("suspensions", "removals"):
        assert refused(await scenario.post(scenario.officer, f"{path}/{act}", reason)) == (409, "wrong_state")
    emitted = [event["name"] for event in await scenario.outbox() if event["name"].startswith("body.")]
    assert emitted == ["body.listed", "body.suspended", "body.reinstated", "body.removed"]


async def test_a_scope_is_amended_by_lines(scenario: Scenario) -> None:
    body = await scenario.body()
    ended = {**SKILL, "valid_from": "2022-01-01", "valid_to": "2022-12-31"}
    added = {"skill_code": "4-03-02-01", "level": 3, "valid_from": "2023-01-01", "edition": "2023"}
    answer = done(
        await scenario.post(scenario.officer, f"/v1/bodies/{body.code}/scope-amendments", {"scope": [ended, added]})
    )
    lines = {(line["skill_code"], line["level"]): line for line in answer["scope"]}
    assert lines["4-03-02-01", 4]["valid_to"] == "2022-12-31"
    assert lines["4-03-02-01", 3]["edition"] == "2023"
    refusal = await scenario.post(body.account, "/v1/assessment-sessions", await scenario.plan(body))
    assert refused(refusal) == (409, "body_outside_scope")
    emitted = (await scenario.outbox())[-1]
    assert emitted["name"] == "body.scope_amended"
    assert len(emitted["scope"]) == 3


async def test_a_request_is_repeated_without_harm(scenario: Scenario) -> None:
    listing = scenario.listing(area=ELSEWHERE)
    first = await scenario.post(scenario.officer, "/v1/bodies", listing, key="k1")
    again = await scenario.post(scenario.officer, "/v1/bodies", listing, key="k1")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert len(await scenario.outbox()) == 1
