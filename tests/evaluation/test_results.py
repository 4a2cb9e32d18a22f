"""The supervisor's confirmation: who may, from where, flags, superseding and withholding, a whole room at once."""

import asyncio

import pytest

from shared.security import verify_certificate
from tests.evaluation.door import Actor
from tests.evaluation.town import AREA, SKILL, Body, Town, done, refused

SESSIONS = "/v1/assessment-sessions"
PASS = {"theory": 80, "practice": 80}


async def scored(town: Town, body: Body, count: int = 1, **other: object) -> str:
    """A session in which everybody is scored."""
    session = await town.session(body)
    candidates = await town.admitted(body, session, await town.trainees(count, **other))
    await town.open(body, session)
    await town.scored(body, session, dict.fromkeys(candidates, PASS))
    return session


async def test_only_the_supervisor_confirms(town: Town) -> None:
    body = await town.body()
    session = await scored(town, body)
    for other in (body.account, body.assessors[0], town.officer):
        assert refused(await town.confirm(other, session)) == (403, "not_the_supervisor")
    assert refused(await town.confirm(Actor("worker", body.supervisor.person), session)) == (403, "role_not_allowed")
    done(await town.confirm(body.supervisor, session))
    assert refused(await town.confirm(body.supervisor, session)) == (409, "wrong_state")


@pytest.mark.parametrize("kind", ["employer", "school"])
async def test_an_outside_supervisor_confirms_from_outside(town: Town, kind: str) -> None:
    body = await town.body(kind)
    session = await scored(town, body, employer=body.code, school=body.code)
    inside = Actor("body", body.supervisor.person, institution=body.code)
    assert refused(await town.confirm(inside, session)) == (409, "supervisor_from_the_body")
    lent = Actor("officer", body.supervisor.person, institution=body.code, areas=(AREA,))
    assert refused(await town.confirm(lent, session)) == (409, "supervisor_from_the_body")
    outside = Actor("body", body.supervisor.person, institution="91410402000001230R")
    done(await town.confirm(outside, session))


async def test_a_public_body_may_have_its_own_supervisor(town: Town) -> None:
    body = await town.body()
    session = await scored(town, body)
    inside = Actor("body", body.supervisor.person, institution=body.code)
    assert done(await town.confirm(inside, session))["passed"] == 1


async def test_a_suspended_body_is_confirmed_nothing(town: Town) -> None:
    body = await town.body()
    session = await scored(town, body)
    done(await town.door.post(town.officer, f"/v1/bodies/{body.code}/suspensions", {"reason_code": "waved_through"}))
    assert refused(await town.confirm(body.supervisor, session)) == (409, "body_not_listed")


async def test_a_whole_room_is_confirmed_at_once_and_flagged(town: Town) -> None:
    body = await town.body()
    session = await scored(town, body, 70)
    confirmed = done(await town.confirm(body.supervisor, session))
    assert confirmed["flags"] == ["pass_rate_unlikely"]
    numbers = [one["number"] for one in confirmed["certificates"]]
    assert len(set(numbers)) == 70
    assert sorted(int(number[-6:]) for number in numbers) == list(range(1, 71))
    told = next(event for event in await town.outbox() if event["name"] == "assessment_session.confirmed")
    assert (told["candidates"], told["passed"], told["flags"]) == (70, 70, ["pass_rate_unlikely"])
    same_day = await town.session(body, held_on=str(await town.today()))
    candidates = await town.admitted(body, same_day, await town.trainees(60))
    done(await town.door.post(body.account, f"{SESSIONS}/{same_day}/openings"))
    marks = {one: {"theory": 50 + number % 20, "practice": 80} for number, one in enumerate(candidates)}
    await town.scored(body, same_day, marks)
    confirmed = done(await town.confirm(body.supervisor, same_day))
    assert confirmed["flags"] == ["assessor_volume_unlikely"]
    assert confirmed["passed"] == 30


async def test_a_certificate_under_suspension_is_not_washed_away(town: Town) -> None:
    body = await town.body()
    trainee = (await town.trainees(1))[0]
    session = await town.session(body)
    (candidate,) = await town.admitted(body, session, [trainee])
    double = await town.person()
    twin = await town.enrolment(double)
    other = await town.session(body)
    (twin_candidate,) = await town.admitted(body, other, [twin])
    await town.open(body, session)
    done(await town.door.post(body.account, f"{SESSIONS}/{other}/openings"))
    await town.scored(body, session, {candidate: PASS})
    await town.scored(body, other, {twin_candidate: PASS})
    (issued,) = done(await town.confirm(body.supervisor, session))["certificates"]
    reason = {"reason_code": "looked_into"}
    done(await town.door.post(town.officer, f"/v1/certificates/{issued['id']}/suspensions", reason))
    await town.supersede(double, trainee.person_id)
    confirmed = done(await town.confirm(body.supervisor, other))
    assert (confirmed["passed"], confirmed["certificates"]) == (1, [])
    assert confirmed["withheld"] == [twin_candidate]


async def test_a_valid_certificate_gives_way_to_a_newer_one(town: Town) -> None:
    """Two records of one person, each assessed: the later confirmation supersedes the earlier certificate."""
    body = await town.body()
    trainee, double = (await town.trainees(1))[0], await town.person()
    twin = await town.enrolment(double)
    sessions = [await town.session(body) for _ in range(2)]
    candidates = [
        (await town.admitted(body, session, [one]))[0] for session, one in zip(sessions, (trainee, twin), strict=True)
    ]
    await town.open(body, sessions[0])
    done(await town.door.post(body.account, f"{SESSIONS}/{sessions[1]}/openings"))
    for session, candidate in zip(sessions, candidates, strict=True):
        await town.scored(body, session, {candidate: PASS})
    await town.supersede(double, trainee.person_id)
    (older,) = done(await town.confirm(body.supervisor, sessions[0]))["certificates"]
    (newer,) = done(await town.confirm(body.supervisor, sessions[1]))["certificates"]
    worker = Actor("worker", trainee.person_id)
    seen = {one["id"]: one["status"] for one in done(await town.door.get(worker, "/v1/certificates"))["data"]}
    assert seen == {older["id"]: "superseded", newer["id"]: "valid"}


async def test_sessions_confirmed_at_once_share_no_number(town: Town) -> None:
    body = await town.body()
    sessions = []
    for _ in range(4):
        session = await town.session(body)
        sessions.append((session, await town.admitted(body, session, await town.trainees(5))))
    await town.pass_days(1)
    for session, candidates in sessions:
        done(await town.door.post(body.account, f"{SESSIONS}/{session}/openings"))
        await town.scored(body, session, dict.fromkeys(candidates, PASS))
    answers = await asyncio.gather(*[town.confirm(body.supervisor, session) for session, _ in sessions])
    numbers = [one["number"] for answer in answers for one in done(answer)["certificates"]]
    assert len(set(numbers)) == 20


async def test_a_confirmation_asked_twice_at_once_is_one(town: Town) -> None:
    body = await town.body()
    session = await scored(town, body, 3)
    answers = await asyncio.gather(*[town.confirm(body.supervisor, session) for _ in range(3)])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    issued = [event for event in await town.outbox() if event["name"] == "certificate.issued"]
    assert len(issued) == 3


async def test_a_certificate_says_nothing_of_the_person_but_ids(town: Town) -> None:
    body = await town.body()
    (certificate,) = await town.certified(body)
    facts = verify_certificate(certificate["jws"], town.database.api.keys.certificates)
    assert str(facts.person_id) == certificate["person_id"]
    assert facts.subject_digest == certificate["subject_digest"]
    assert (facts.body, facts.act, facts.level) == (body.code, "first", SKILL["level"])
    assert str(facts.enrolment_id) == certificate["enrolment_id"]
    assert facts.completed_on is not None
    assert facts.assessed_on is not None
    assert facts.completed_on <= facts.assessed_on == facts.issued_on
