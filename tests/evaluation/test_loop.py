"""The happy path over HTTP: from a completed training to a signed certificate."""

from shared.kernel.ids import check_certificate_number
from shared.security import verify_certificate
from tests.evaluation.town import SKILL, Town, done


async def test_a_completed_training_becomes_a_certificate(town: Town) -> None:
    body = await town.body()
    enrolments = await town.trainees(3)
    session = await town.session(body)
    candidates = await town.admitted(body, session, enrolments)
    await town.open(body, session)
    good, bad = {"theory": 60, "practice": 60}, {"theory": 90, "practice": 59}
    await town.scored(body, session, {candidates[0]: good, candidates[1]: good, candidates[2]: bad})
    read = done(await town.door.get(body.account, f"/v1/assessment-sessions/{session}"))
    assert read["status"] == "scored"
    confirmed = done(await town.confirm(body.supervisor, session))
    assert (confirmed["status"], confirmed["candidates"], confirmed["passed"]) == ("confirmed", 3, 2)
    assert confirmed["withheld"] == []
    assert confirmed["flags"] == []
    statuses = [done(await town.door.get(body.account, f"/v1/candidates/{one}"))["status"] for one in candidates]
    assert statuses == ["passed", "passed", "failed"]
    issued = {one["candidate_id"]: one for one in confirmed["certificates"]}
    assert set(issued) == set(candidates[:2])
    certificate = done(await town.door.get(body.account, f"/v1/certificates/{issued[candidates[0]]['id']}"))
    facts = verify_certificate(certificate["jws"], town.database.api.keys.certificates)
    assert facts.person_id == enrolments[0].person_id
    assert (facts.skill_code, facts.level) == (SKILL["skill_code"], SKILL["level"])
    assert facts.voucher_id == enrolments[0].voucher_id
    assert facts.assessed_on == await town.today()
    assert facts.channel == "social"
    number = check_certificate_number(facts.number, year=(await town.today()).year, level=4)
    assert (number.issuer, number.body, number.site) == ("S", "0001", "000001")


async def test_every_step_is_told_once_and_in_order(town: Town) -> None:
    body = await town.body()
    (certificate,) = await town.certified(body)
    told = await town.outbox()
    names = [event["name"] for event in told]
    assert names == [
        "body.listed", "assessor.registered", "assessor.registered", "assessment_session.scheduled",
        "candidate.admitted", "assessment_session.opened", "candidate.sat", "candidate.scored",
        "assessment_session.scored", "assessment_session.confirmed", "candidate.passed", "certificate.issued",
    ]  # fmt: skip
    issued = told[-1]
    assert issued["id"] == certificate["id"]
    assert issued["jws"] == certificate["jws"]
    assert issued["version"] == 1
    assert [event["version"] for event in told if event["name"].startswith("candidate.")] == [1, 2, 3, 4]
