"""Who sees what by area, and that two records of one person are one (DOMAIN §4, 8, 13 and 15)."""

from uuid import uuid4

import pytest

from tests.evaluation.door import Actor
from tests.evaluation.town import AREA, COMPETENCE, SKILL, Town, codes, done, refused

SESSIONS = "/v1/assessment-sessions"


@pytest.mark.parametrize(("areas", "sees"), [((AREA,), True), (("410400",), True), (("410482",), False), ((), False)])
async def test_an_auditor_sees_his_areas_only(town: Town, areas: tuple[str, ...], sees: bool) -> None:  # noqa: FBT001  # a table
    body = await town.body()
    (certificate,) = await town.certified(body)
    candidate = done(await town.door.get(body.account, "/v1/candidates"))["data"][0]
    auditor = Actor("auditor", uuid4(), areas=areas)
    for path, one in (
        ("/v1/certificates", certificate["id"]),
        ("/v1/candidates", candidate["id"]),
        (SESSIONS, candidate["session_id"]),
        ("/v1/assessors", str(body.assessors[0].person)),
    ):
        answer = await town.door.get(auditor, f"{path}/{one}")
        assert answer.status_code == (200 if sees else 404), path
        assert (one in [row["id"] for row in done(await town.door.get(auditor, path))["data"]]) == sees, path


async def test_a_panel_is_three_natural_persons(town: Town) -> None:
    """Neither both assessors, nor an assessor and the supervisor, are one person under two records."""
    body = await town.body()
    alias, again = await town.person(), await town.person()
    for double in (alias, again):
        done(await town.door.post(body.account, "/v1/assessors", {"person_id": str(double), "skills": [SKILL]}), 201)
    await town.supersede(again, alias)
    await town.supersede(alias, body.assessors[0].person)
    first = str(body.assessors[0].person)
    for panel in ({"assessor_ids": [first, str(alias)]}, {"assessor_ids": [str(again), first]},
                  {"supervisor_id": str(again)}):  # fmt: skip
        refusal = await town.door.post(body.account, SESSIONS, await town.plan(body, **panel))
        assert refused(refusal) == (422, "panel_not_distinct")


async def test_a_panel_that_turns_out_to_be_two_people_confirms_nothing(town: Town) -> None:
    body, trainees = await town.body(), await town.trainees(1)
    session = await town.session(body)
    (candidate,) = await town.admitted(body, session, trainees)
    await town.open(body, session)
    await town.scored(body, session, {candidate: {"theory": 80, "practice": 80}})
    await town.supersede(body.assessors[1].person, body.assessors[0].person)
    assert refused(await town.confirm(body.supervisor, session)) == (422, "panel_not_distinct")
    assert done(await town.door.get(body.account, "/v1/certificates"))["data"] == []


async def test_nobody_assesses_himself_or_his_trainee_under_another_record(town: Town) -> None:
    body = await town.body("employer")
    alias, middle, trainer = [await town.person() for _ in range(3)]
    himself = await town.enrolment(alias, employer=body.code)
    taught = await town.enrolment(await town.person(), employer=body.code, trainer_ids=(trainer,))
    session = await town.session(body)
    for record, survivor in ((alias, middle), (middle, body.assessors[0].person), (trainer, body.assessors[1].person)):
        await town.supersede(record, survivor)
    rows = [{"enrolment_id": str(one.id)} for one in (himself, taught)]
    assert codes(await town.admit(body, session, rows)) == ["candidate_on_panel", "taught_by_an_assessor"]


async def test_an_employers_supervisor_is_none_of_its_assessors_under_another_record(town: Town) -> None:
    body, alias = await town.body("employer"), await town.person()
    named = {"person_id": str(alias), "skills": [COMPETENCE]}
    done(await town.door.post(body.account, "/v1/assessors", named), 201)
    await town.supersede(alias, body.supervisor.person)
    refusal = await town.door.post(body.account, SESSIONS, await town.plan(body))
    assert refused(refusal) == (409, "supervisor_from_the_body")


async def test_an_officer_with_two_records_does_not_revoke_alone(town: Town) -> None:
    (certificate,) = await town.certified(await town.body())
    path, alias = f"/v1/certificates/{certificate['id']}", await town.person()
    done(await town.door.post(town.officer.as_(person=alias), f"{path}/revocations", {"reason_code": "forged"}))
    survivor = await town.person()
    await town.supersede(alias, survivor)
    himself = await town.door.post(town.officer.as_(person=survivor), f"{path}/revocation-approvals")
    assert refused(himself)[0] == 409
    assert done(await town.door.post(town.second_officer, f"{path}/revocation-approvals"))["status"] == "revoked"
