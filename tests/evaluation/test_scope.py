"""Who sees what by area, and that foreign bodies change nothing (DOMAIN §4, 15)."""

import pytest

from tests.api_client import Account, done, refused
from tests.evaluation.scenario import AREA, Scenario

SESSIONS = "/v1/assessment-sessions"


@pytest.mark.parametrize(("areas", "sees"), [((AREA,), True), (("410400",), True), (("410482",), False), ((), False)])
async def test_an_auditor_sees_their_areas_only(scenario: Scenario, areas: tuple[str, ...], sees: bool) -> None:  # noqa: FBT001  # a table
    body = await scenario.body()
    (certificate,) = await scenario.certified(body)
    candidate = done(await scenario.get(body.account, "/v1/candidates"))["data"][0]
    auditor = Account("auditor", areas=areas)
    for path, found in (
        ("/v1/certificates", certificate["id"]),
        ("/v1/candidates", candidate["id"]),
        (SESSIONS, candidate["session_id"]),
        ("/v1/assessors", str(body.assessors[0].person)),
    ):
        answer = await scenario.get(auditor, f"{path}/{found}")
        assert answer.status_code == (200 if sees else 404), path
        assert (found in [row["id"] for row in done(await scenario.get(auditor, path))["data"]]) == sees, path


async def test_foreign_bodies_change_nothing(scenario: Scenario) -> None:
    body, other = await scenario.body(), await scenario.body()
    (trainee,) = await scenario.trainees(1)
    session = await scenario.session(body)
    (candidate,) = await scenario.admitted(body, session, [trainee])
    rows = {
        "candidates": [{"enrolment_id": str(trainee.id)}],
        "absences": [{"candidate_id": candidate}],
        "scores": [{"candidate_id": candidate, "theory": 60, "practice": 60}],
    }
    for act in ("candidates", "openings", "absences", "scores", "confirmations"):
        given = {"rows": rows[act]} if act in rows else None
        refusal = await scenario.post(other.account, f"{SESSIONS}/{session}/{act}", given)
        assert refused(refusal) == (404, "assessment_session_not_found"), act
    voiding = {"rows": [{"candidate_id": candidate, "reason_code": "cheated"}]}
    refusal = await scenario.post(scenario.foreign_officer, f"{SESSIONS}/{session}/voidings", voiding)
    assert refused(refusal) == (404, "assessment_session_not_found")
    outside_assessor = body.assessors[0].but(institution=other.code)
    refusal = await scenario.post(outside_assessor, f"{SESSIONS}/{session}/openings")
    assert refused(refusal) == (404, "assessment_session_not_found")
