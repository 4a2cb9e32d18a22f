"""The catalogue: applications, and two officers who put an institution on it."""

import pytest

from shared.contracts.training import InstitutionListedV1
from shared.kernel.credit_code import make_credit_code
from tests.api_client import done, refused
from tests.training.scenario import AREA, ELSEWHERE, SKILL, Scenario


async def test_two_officers_put_an_institution_on_the_catalogue(scenario: Scenario) -> None:
    said = scenario.application()
    path = f"/v1/institutions/{said['credit_code']}"
    applied = done(await scenario.post(scenario.officer, "/v1/institutions", said), 201)
    assert (applied["status"], applied["version"]) == ("applied", 1)
    assert refused(await scenario.post(scenario.officer, f"{path}/listings")) == (409, "institution_same_officer")
    assert done(await scenario.post(scenario.second_officer, f"{path}/listings"))["status"] == "listed"
    (event,) = await scenario.emitted(InstitutionListedV1)
    assert event.id == said["credit_code"]
    assert [(line.skill_code, line.level) for line in event.scope] == [("4-03-02-01", 4), ("ZX-4104-001", 0)]
    assert refused(await scenario.post(scenario.officer, "/v1/institutions", said)) == (409, "wrong_state")


async def test_an_application_may_be_entered_anew_until_it_is_listed(scenario: Scenario) -> None:
    said = scenario.application()
    done(await scenario.post(scenario.officer, "/v1/institutions", said), 201)
    said = {**said, "name": "新名", "area": ELSEWHERE, "kind": "public", "scope": said["scope"][:1]}
    again = done(await scenario.post(scenario.second_officer, "/v1/institutions", said), 201)
    assert (again["version"], again["name"], len(again["scope"])) == (2, "新名", 1)
    assert (again["area"], again["kind"]) == (ELSEWHERE, "public")
    path = f"/v1/institutions/{said['credit_code']}/listings"
    assert refused(await scenario.post(scenario.second_officer, path)) == (409, "institution_same_officer")
    done(await scenario.post(scenario.foreign_officer, path))


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
async def test_what_no_application_says(scenario: Scenario, change: dict[str, object], status: int, code: str) -> None:
    assert refused(await scenario.post(scenario.officer, "/v1/institutions", scenario.application(**change))) == (
        status,
        code,
    )


async def test_the_catalogue_is_public(scenario: Scenario) -> None:
    first, second = await scenario.institution(), await scenario.institution()
    page = done(await scenario.get(None, "/v1/institutions", limit=1))
    assert page["has_more"]
    rest = done(await scenario.get(None, "/v1/institutions", cursor=page["next_cursor"]))
    assert {row["id"] for row in page["data"] + rest["data"]} == {first.institution, second.institution}
    assert done(await scenario.get(None, "/v1/institutions", area=ELSEWHERE))["data"] == []
    assert done(await scenario.get(None, "/v1/institutions", status="removed"))["data"] == []
    assert done(await scenario.get(None, f"/v1/institutions/{first.institution}"))["area"] == AREA
    assert refused(await scenario.get(None, f"/v1/institutions/{make_credit_code(AREA, 1)}")) == (
        404,
        "institution_not_found",
    )


async def test_the_scope_of_an_applicant_has_no_overlap(scenario: Scenario) -> None:
    said = scenario.application()
    done(await scenario.post(scenario.officer, "/v1/institutions", said), 201)
    statement = "INSERT INTO institution_scopes VALUES ($1, '4-03-02-01', 4, '2026-01-01', NULL)"
    assert await scenario.attack(statement, said["credit_code"], role="api") == "ex_institution_scopes_days"
