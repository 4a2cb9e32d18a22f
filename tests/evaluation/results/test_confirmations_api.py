"""The supervisor's confirmation: who may, from where, flags, superseding and withholding, a whole session at once."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from shared.security import verify_certificate
from tests.api_client import Account, codes, done, refused
from tests.evaluation.scenario import AREA, PERMIT, SKILL, AssessingBody, Scenario

SESSIONS = "/v1/assessment-sessions"
PASS = {"theory": 80, "practice": 80}


async def scored(scenario: Scenario, body: AssessingBody, count: int = 1, **other: object) -> str:
    """A session in which everybody is scored."""
    session = await scenario.session(body)
    candidates = await scenario.admitted(body, session, await scenario.trainees(count, **other))
    await scenario.open(body, session)
    await scenario.scored(body, session, dict.fromkeys(candidates, PASS))
    return session


async def test_only_the_supervisor_confirms(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scored(scenario, body)
    for other in (body.account, body.assessors[0], scenario.officer):
        assert refused(await scenario.confirm(other, session)) == (403, "not_the_supervisor")
    assert refused(await scenario.confirm(Account("worker", body.supervisor.person), session)) == (
        403,
        "role_not_allowed",
    )
    done(await scenario.confirm(body.supervisor, session))
    assert refused(await scenario.confirm(body.supervisor, session)) == (409, "wrong_state")


@pytest.mark.parametrize("kind", ["employer", "school"])
async def test_an_outside_supervisor_confirms_from_outside(scenario: Scenario, kind: str) -> None:
    body = await scenario.body(kind)
    session = await scored(scenario, body, employer=body.code, school=body.code)
    inside = Account("body", body.supervisor.person, institution=body.code)
    assert refused(await scenario.confirm(inside, session)) == (409, "supervisor_from_the_body")
    lent = Account("officer", body.supervisor.person, institution=body.code, areas=(AREA,))
    assert refused(await scenario.confirm(lent, session)) == (409, "supervisor_from_the_body")
    outside = Account("body", body.supervisor.person, institution="91410402000001230R")
    done(await scenario.confirm(outside, session))


async def test_a_public_body_may_have_its_own_supervisor(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scored(scenario, body)
    inside = Account("body", body.supervisor.person, institution=body.code)
    assert done(await scenario.confirm(inside, session))["passed"] == 1


async def test_a_suspended_body_is_confirmed_nothing(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scored(scenario, body)
    done(await scenario.post(scenario.officer, f"/v1/bodies/{body.code}/suspensions", {"reason_code": "waved_through"}))
    assert refused(await scenario.confirm(body.supervisor, session)) == (409, "body_not_listed")


async def test_a_panel_that_turns_out_to_be_two_people_confirms_nothing(scenario: Scenario) -> None:
    body, trainees = await scenario.body(), await scenario.trainees(1)
    session = await scenario.session(body)
    (candidate,) = await scenario.admitted(body, session, trainees)
    await scenario.open(body, session)
    await scenario.scored(body, session, {candidate: {"theory": 80, "practice": 80}})
    await scenario.supersede(body.assessors[1].person, body.assessors[0].person)
    assert refused(await scenario.confirm(body.supervisor, session)) == (422, "panel_not_distinct")
    assert done(await scenario.get(body.account, "/v1/certificates"))["data"] == []


async def test_a_whole_room_is_confirmed_at_once_and_flagged(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scored(scenario, body, 70)
    confirmed = done(await scenario.confirm(body.supervisor, session))
    assert confirmed["flags"] == ["pass_rate_unlikely"]
    numbers = [certificate["number"] for certificate in confirmed["certificates"]]
    assert len(set(numbers)) == 70
    assert sorted(int(number[-6:]) for number in numbers) == list(range(1, 71))
    emitted = next(event for event in await scenario.outbox() if event["name"] == "assessment_session.confirmed")
    assert (emitted["candidates"], emitted["passed"], emitted["flags"]) == (70, 70, ["pass_rate_unlikely"])
    same_day = await scenario.session(body, held_on=str(await scenario.today()))
    candidates = await scenario.admitted(body, same_day, await scenario.trainees(60))
    done(await scenario.post(body.account, f"{SESSIONS}/{same_day}/openings"))
    scores = {candidate: {"theory": 50 + number % 20, "practice": 80} for number, candidate in enumerate(candidates)}
    await scenario.scored(body, same_day, scores)
    confirmed = done(await scenario.confirm(body.supervisor, same_day))
    assert confirmed["flags"] == ["assessor_volume_unlikely"]
    assert confirmed["passed"] == 30


async def test_a_certificate_under_suspension_is_not_washed_away(scenario: Scenario) -> None:
    body = await scenario.body()
    trainee = (await scenario.trainees(1))[0]
    session = await scenario.session(body)
    (candidate,) = await scenario.admitted(body, session, [trainee])
    double = await scenario.person()
    twin = await scenario.enrolment(double)
    other = await scenario.session(body)
    (twin_candidate,) = await scenario.admitted(body, other, [twin])
    await scenario.open(body, session)
    done(await scenario.post(body.account, f"{SESSIONS}/{other}/openings"))
    await scenario.scored(body, session, {candidate: PASS})
    await scenario.scored(body, other, {twin_candidate: PASS})
    (issued,) = done(await scenario.confirm(body.supervisor, session))["certificates"]
    reason = {"reason_code": "looked_into"}
    done(await scenario.post(scenario.officer, f"/v1/certificates/{issued['id']}/suspensions", reason))
    await scenario.supersede(double, trainee.person_id)
    confirmed = done(await scenario.confirm(body.supervisor, other))
    assert (confirmed["passed"], confirmed["certificates"]) == (1, [])
    assert confirmed["withheld"] == [twin_candidate]


async def test_a_valid_certificate_gives_way_to_a_newer_one(scenario: Scenario) -> None:
    """Two records of one person, each assessed: the later confirmation supersedes the earlier certificate."""
    body = await scenario.body()
    trainee, double = (await scenario.trainees(1))[0], await scenario.person()
    twin = await scenario.enrolment(double)
    sessions = [await scenario.session(body) for _ in range(2)]
    candidates = [
        (await scenario.admitted(body, session, [enrolment]))[0]
        for session, enrolment in zip(sessions, (trainee, twin), strict=True)
    ]
    await scenario.open(body, sessions[0])
    done(await scenario.post(body.account, f"{SESSIONS}/{sessions[1]}/openings"))
    for session, candidate in zip(sessions, candidates, strict=True):
        await scenario.scored(body, session, {candidate: PASS})
    await scenario.supersede(double, trainee.person_id)
    (older,) = done(await scenario.confirm(body.supervisor, sessions[0]))["certificates"]
    (newer,) = done(await scenario.confirm(body.supervisor, sessions[1]))["certificates"]
    worker = Account("worker", trainee.person_id)
    seen = {row["id"]: row["status"] for row in done(await scenario.get(worker, "/v1/certificates"))["data"]}
    assert seen == {older["id"]: "superseded", newer["id"]: "valid"}


async def test_sessions_confirmed_at_once_share_no_number(scenario: Scenario) -> None:
    body = await scenario.body()
    sessions = []
    for _ in range(4):
        session = await scenario.session(body)
        sessions.append((session, await scenario.admitted(body, session, await scenario.trainees(5))))
    await scenario.pass_days(1)
    for session, candidates in sessions:
        done(await scenario.post(body.account, f"{SESSIONS}/{session}/openings"))
        await scenario.scored(body, session, dict.fromkeys(candidates, PASS))
    answers = await asyncio.gather(*[scenario.confirm(body.supervisor, session) for session, _ in sessions])
    numbers = [certificate["number"] for answer in answers for certificate in done(answer)["certificates"]]
    assert len(set(numbers)) == 20


async def test_a_confirmation_asked_twice_at_once_is_one(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scored(scenario, body, 3)
    answers = await asyncio.gather(*[scenario.confirm(body.supervisor, session) for _ in range(3)])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    issued = [event for event in await scenario.outbox() if event["name"] == "certificate.issued"]
    assert len(issued) == 3


async def test_a_certificate_says_nothing_of_the_person_but_ids(scenario: Scenario) -> None:
    body = await scenario.body()
    (certificate,) = await scenario.certified(body)
    facts = verify_certificate(certificate["jws"], scenario.database.api.keys.certificates)
    assert str(facts.person_id) == certificate["person_id"]
    assert facts.subject_digest == certificate["subject_digest"]
    assert (facts.body, facts.act, facts.level) == (body.code, "first", SKILL["level"])
    assert str(facts.enrolment_id) == certificate["enrolment_id"]
    assert facts.completed_on is not None
    assert facts.assessed_on is not None
    assert facts.completed_on <= facts.assessed_on == facts.issued_on


async def test_a_permit_is_assessed_by_a_government_body(scenario: Scenario) -> None:
    body = await scenario.body("government")
    (certificate,) = await scenario.certified(body, **PERMIT)
    assert certificate["kind"] == "special_operation"
    assert certificate["valid_until"] is not None
    assert certificate["number"].startswith("TZC")
    assert (certificate["occasion"], certificate["review_due_on"] < certificate["valid_until"]) == ("first", True)


async def test_each_review_of_a_permit_is_an_occasion_of_its_own(scenario: Scenario) -> None:
    body = await scenario.body("government")
    (certificate,) = await scenario.certified(body, **PERMIT)
    early = await scenario.session(body, **PERMIT, act="review")
    training = await scenario.enrolment(certificate["person_id"], **PERMIT, act="review")
    answer = await scenario.admit(body, early, [{"enrolment_id": str(training.id)}])
    assert codes(answer) == ["review_not_due"]
    due = date.fromisoformat(certificate["review_due_on"])
    first = await reviewed(scenario, body, certificate, due - timedelta(days=60))
    assert (first["occasion"], first["valid_until"]) == (f"review:{due}", certificate["valid_until"])
    old = done(await scenario.get(body.account, f"/v1/certificates/{certificate['id']}"))
    assert (old["status"], old["reason_code"]) == ("superseded", "newer_certificate")
    assert first["review_due_on"] == certificate["valid_until"]
    # The one at the end of its validity begins another; missed, but not by more than sixty days, it still may.
    ends = date.fromisoformat(first["valid_until"])
    await scenario.pass_days((ends + timedelta(days=1) - await scenario.today()).days)
    await scenario.run_timers()
    missed = done(await scenario.get(body.account, f"/v1/certificates/{first['id']}"))
    assert (missed["status"], missed["reason_code"]) == ("expired", "validity_over")
    second = await reviewed(scenario, body, first, ends + timedelta(days=60))
    assert (second["occasion"], second["status"]) == (f"review:{ends}", "valid")
    assert date.fromisoformat(second["valid_until"]).year == ends.year + 6
    assert date.fromisoformat(second["review_due_on"]).year == ends.year + 3


async def test_a_permit_that_is_not_reviewed_expires(scenario: Scenario) -> None:
    body = await scenario.body("government")
    (certificate,) = await scenario.certified(body, **PERMIT)
    due = date.fromisoformat(certificate["review_due_on"])
    await scenario.pass_days((due - await scenario.today()).days)
    assert (await scenario.run_timers())["evaluation.expire_certificates"] == 0
    await scenario.pass_days(1)
    await scenario.run_timers()
    missed = done(await scenario.get(body.account, f"/v1/certificates/{certificate['id']}"))
    assert (missed["status"], missed["reason_code"]) == ("expired", "review_missed")
    await scenario.pass_days(60)
    training = await scenario.enrolment(certificate["person_id"], **PERMIT, act="review")
    late = await scenario.session(body, **PERMIT, act="review")
    assert codes(await scenario.admit(body, late, [{"enrolment_id": str(training.id)}])) == ["review_not_due"]


async def test_a_permit_revoked_since_the_admission_is_not_renewed_and_takes_no_other_with_it(
    scenario: Scenario,
) -> None:
    body = await scenario.body("government")
    permits = await scenario.certified(body, 2, **PERMIT)
    due = date.fromisoformat(permits[0]["review_due_on"])
    await scenario.pass_days((due - timedelta(days=1) - await scenario.today()).days)
    trainings = [await scenario.enrolment(permit["person_id"], **PERMIT, act="review") for permit in permits]
    session = await scenario.session(body, **PERMIT, act="review")
    revoked, other = await scenario.admitted(body, session, trainings)
    await scenario.open(body, session)
    await scenario.scored(body, session, {revoked: PASS, other: PASS})
    path = f"/v1/certificates/{permits[0]['id']}"
    done(await scenario.post(scenario.officer, f"{path}/revocations", {"reason_code": "fraud"}))
    done(await scenario.post(scenario.second_officer, f"{path}/revocation-approvals"))
    confirmed = done(await scenario.confirm(body.supervisor, session))
    (renewed,) = confirmed["certificates"]
    assert renewed["person_id"] == permits[1]["person_id"]
    assert confirmed["withheld"] == [revoked]


async def reviewed(scenario: Scenario, body: AssessingBody, permit: dict[str, Any], day: date) -> dict[str, Any]:
    """The certificate of a review that is held on `day`."""
    await scenario.pass_days((day - timedelta(days=1) - await scenario.today()).days)
    review = await scenario.enrolment(permit["person_id"], **PERMIT, act="review")
    session = await scenario.session(body, **PERMIT, act="review")
    (candidate,) = await scenario.admitted(body, session, [review])
    await scenario.open(body, session)
    await scenario.scored(body, session, {candidate: PASS})
    (renewed,) = done(await scenario.confirm(body.supervisor, session))["certificates"]
    assert renewed["number"] != permit["number"]
    return done(await scenario.get(body.account, f"/v1/certificates/{renewed['id']}"))
