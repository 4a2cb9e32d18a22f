"""The happy path over HTTP: from a completed training to a signed certificate."""

from shared.kernel.ids import check_certificate_number
from shared.security import verify_certificate
from tests.api_client import done
from tests.evaluation.scenario import SKILL, Scenario


async def test_a_completed_training_becomes_a_certificate(scenario: Scenario) -> None:
    body = await scenario.body()
    enrolments = await scenario.trainees(3)
    session = await scenario.session(body)
    candidates = await scenario.admitted(body, session, enrolments)
    await scenario.open(body, session)
    good, bad = {"theory": 60, "practice": 60}, {"theory": 90, "practice": 59}
    await scenario.scored(body, session, {candidates[0]: good, candidates[1]: good, candidates[2]: bad})
    read = done(await scenario.get(body.account, f"/v1/assessment-sessions/{session}"))
    assert read["status"] == "scored"
    confirmed = done(await scenario.confirm(body.supervisor, session))
    assert (confirmed["status"], confirmed["candidates"], confirmed["passed"]) == ("confirmed", 3, 2)
    assert confirmed["withheld"] == []
    assert confirmed["flags"] == []
    statuses = [
        done(await scenario.get(body.account, f"/v1/candidates/{candidate}"))["status"] for candidate in candidates
    ]
    assert statuses == ["passed", "passed", "failed"]
    issued = {certificate["candidate_id"]: certificate for certificate in confirmed["certificates"]}
    assert set(issued) == set(candidates[:2])
    certificate = done(await scenario.get(body.account, f"/v1/certificates/{issued[candidates[0]]['id']}"))
    facts = verify_certificate(certificate["jws"], scenario.database.api.keys.certificates)
    assert facts.person_id == enrolments[0].person_id
    assert (facts.skill_code, facts.level) == (SKILL["skill_code"], SKILL["level"])
    assert facts.voucher_id == enrolments[0].voucher_id
    assert facts.assessed_on == await scenario.today()
    assert facts.channel == "social"
    number = check_certificate_number(facts.number, year=(await scenario.today()).year, level=4)
    assert (number.issuer, number.body, number.site) == ("S", "0001", "000001")


async def test_every_step_is_emitted_once_and_in_order(scenario: Scenario) -> None:
    body = await scenario.body()
    (certificate,) = await scenario.certified(body)
    emitted = await scenario.outbox()
    names = [event["name"] for event in emitted]
    assert names == [
        "body.listed", "assessor.registered", "assessor.registered", "assessment_session.scheduled",
        "candidate.admitted", "assessment_session.opened", "candidate.sat", "candidate.scored",
        "assessment_session.scored", "assessment_session.confirmed", "candidate.passed", "certificate.issued",
    ]  # fmt: skip
    issued = emitted[-1]
    assert issued["id"] == certificate["id"]
    assert issued["jws"] == certificate["jws"]
    assert issued["version"] == 1
    assert [event["version"] for event in emitted if event["name"].startswith("candidate.")] == [1, 2, 3, 4]
