"""One scenario that calls every operation of evaluation: the examples of its OpenAPI document."""

from collections.abc import Callable
from uuid import UUID

from tests.api_client import Account, done
from tests.evaluation.scenario import AssessingBody, Scenario
from tests.examples import NOON, Recorder
from tests.keys import CERTIFICATE_KID

PASS, FAIL = {"theory": 82, "practice": 91}, {"theory": 52, "practice": 71}
LINE = {"skill_code": "4-03-02-01", "level": 3, "valid_from": "2036-01-01", "edition": "2036"}
PUBLISHED_KEY = {
    "kid": CERTIFICATE_KID,
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
"""The public key that RFC 7515 shows; a test's own key differs from run to run."""
IMPORT = {
    "kind": "skill_level", "skill_code": "4-03-02-01", "level": 5, "number": "S000141000001245000009",
    "body": "91410402000001230R", "body_kind": "social", "assessed_on": "2024-03-01", "issued_on": "2024-03-09",
    "source": "省平台 查询 17", "evidence_digest": "ab" * 32, "decided_on": "2036-05-19",
}  # fmt: skip


async def test_examples(scenario: Scenario, record_examples: Callable[..., Recorder]) -> None:
    await scenario.database.set_business_time(NOON)
    recorder = record_examples("evaluation", **PUBLISHED_KEY)
    recorder.listen(scenario.client.client)
    body = await catalogue(scenario)
    passed, appealed = await assessment(scenario, body, recorder)
    await appeal(scenario, body, *appealed)
    await certificate(scenario, passed)
    await recognition(scenario)
    reason = {"reason_code": "waved_through"}
    done(await scenario.post(scenario.officer, f"/v1/assessors/{body.assessors[0].person}/strike-offs", reason))
    done(await scenario.post(scenario.officer, f"/v1/bodies/{body.code}/removals", reason))
    recorder.check()


async def catalogue(scenario: Scenario) -> AssessingBody:
    """A body is listed, amended, suspended and reinstated."""
    body = await scenario.body()
    path = f"/v1/bodies/{body.code}"
    done(await scenario.post(scenario.officer, f"{path}/scope-amendments", {"scope": [LINE]}))
    done(await scenario.post(scenario.officer, f"{path}/suspensions", {"reason_code": "complaints"}))
    done(await scenario.post(scenario.officer, f"{path}/reinstatements"))
    done(await scenario.get(body.account, path))
    done(await scenario.get(body.account, "/v1/bodies", kind="social", area="410402"))
    done(await scenario.get(body.account, "/v1/assessors", limit=1))
    done(await scenario.get(body.account, f"/v1/assessors/{body.assessors[0].person}"))
    return body


async def assessment(
    scenario: Scenario, body: AssessingBody, recorder: Recorder
) -> tuple[UUID, tuple[str, str, Account]]:
    """Four people are admitted: one passes, one fails, one is annulled, one does not come.

    Answers who passed; and session, candidate and account of who failed.
    """
    trainees = await scenario.trainees(4)
    session = await scenario.session(body)
    unheld = await scenario.session(body)
    panel = {
        "assessor_ids": [str(assessor.person) for assessor in reversed(body.assessors)],
        "supervisor_id": str(await scenario.person()), "reason_code": "supervisor_ill",
    }  # fmt: skip
    done(await scenario.post(body.account, f"/v1/assessment-sessions/{unheld}/panels", panel))
    cancelled = f"/v1/assessment-sessions/{unheld}/cancellations"
    done(await scenario.post(body.account, cancelled, {"reason_code": "site_closed"}))
    path = f"/v1/assessment-sessions/{session}"
    good, bad, cheat, absent = await scenario.admitted(body, session, trainees)
    done(await scenario.get(body.account, "/v1/assessment-sessions", status="scheduled"))
    await scenario.open(body, session)
    done(await scenario.get(body.account, path))
    rows = [{"candidate_id": cheat, "reason_code": "impersonated"}]
    done(await scenario.post(scenario.officer, f"{path}/voidings", {"rows": rows}))
    done(await scenario.post(body.account, f"{path}/absences", {"rows": [{"candidate_id": absent}]}))
    await scenario.sign(body.assessors[0], session, {good: PASS, bad: FAIL})
    recorder.forget("signScores")
    await scenario.sign(body.assessors[1], session, {good: PASS, bad: FAIL})
    done(await scenario.confirm(body.supervisor, session))
    done(await scenario.get(body.account, "/v1/candidates", session_id=session, limit=2))
    done(await scenario.get(body.account, f"/v1/candidates/{good}"))
    return trainees[0].person_id, (session, bad, Account("worker", trainees[1].person_id))


async def appeal(scenario: Scenario, body: AssessingBody, session: str, candidate: str, worker: Account) -> None:
    """Who failed objects, is scored anew, and passes."""
    path = f"/v1/candidates/{candidate}"
    done(await scenario.post(worker, f"{path}/appeals", {"reason_code": "scores_added_wrongly"}))
    await scenario.scored(body, session, {candidate: PASS})
    done(await scenario.post(body.supervisor, f"{path}/appeal-decisions"))


async def certificate(scenario: Scenario, person: UUID) -> None:
    """A certificate is read, verified, suspended, reinstated, and revoked by two officers."""
    (found,) = done(await scenario.get(scenario.officer, "/v1/certificates", person_id=str(person)))["data"]
    path = f"/v1/certificates/{found['id']}"
    done(await scenario.get(scenario.officer, path))
    done(
        await scenario.post(
            None, "/v1/certificate-verifications", {"number": found["number"], "issued_on": found["issued_on"]}
        )
    )
    done(await scenario.get(None, "/v1/certificate-keys"))
    done(await scenario.get(None, "/v1/certificate-context"))
    done(await scenario.post(scenario.officer, f"{path}/suspensions", {"reason_code": "looked_into"}))
    done(await scenario.post(scenario.officer, f"{path}/reinstatements", {"reason_code": "in_order"}))
    done(await scenario.post(scenario.officer, f"{path}/revocations", {"reason_code": "bought"}))
    done(await scenario.post(scenario.second_officer, f"{path}/revocation-approvals"))


async def recognition(scenario: Scenario) -> None:
    """A certificate from elsewhere is recorded and verified."""
    rows = [{**IMPORT, "person_id": str(await scenario.person())}]
    (row,) = done(await scenario.post(scenario.officer, "/v1/certificate-imports", {"rows": rows}))["results"]
    path = f"/v1/certificates/{row['result']['id']}/register-answers"
    done(await scenario.post(scenario.second_officer, path, {"answer": "verified", "source": "省平台 2036-05"}))
