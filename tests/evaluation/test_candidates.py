"""Admission, absence and annulment over HTTP and on the real database."""

from datetime import timedelta
from uuid import uuid4

from tests.evaluation.door import Actor
from tests.evaluation.town import COMPETENCE, INSTITUTION, PERMIT, SKILL, Town, codes, done, refused

SESSIONS = "/v1/assessment-sessions"
PASS, FAIL = {"theory": 80, "practice": 80}, {"theory": 59, "practice": 80}


async def test_each_row_is_answered_by_itself(town: Town) -> None:
    body = await town.body()
    session = await town.session(body)
    good, later = await town.trainees(2)
    other_level = await town.enrolment(await town.person(), level=3)
    late = await town.enrolment(await town.person(), completed_on=await town.today() + timedelta(days=2))
    panel = await town.enrolment(body.assessors[0].person)
    own = await town.enrolment(await town.person(), institution=body.code)
    unheard = await town.enrolment(uuid4())
    rows = [
        {"enrolment_id": str(good.id)},
        {"enrolment_id": str(uuid4())},
        {"enrolment_id": str(other_level.id)},
        {"enrolment_id": str(late.id)},
        {"enrolment_id": str(panel.id)},
        {"enrolment_id": str(own.id)},
        {"enrolment_id": str(unheard.id)},
        {"enrolment_id": str(good.id)},
        {},
        {"enrolment_id": str(later.id), "person_id": str(later.person_id)},
        {"person_id": str(await town.person())},
        {"enrolment_id": str(later.id)},
    ]
    answer = await town.admit(body, session, rows)
    assert codes(answer) == [
        None, "candidate_enrolment_not_completed", "candidate_skill_differs", "candidate_completes_after_assessment",
        "candidate_on_panel", "trained_by_the_body", "candidate_person_unknown", "candidate_already_admitted",
        "candidate_named_wrongly", "candidate_named_wrongly", "entry_basis_missing", None,
    ]  # fmt: skip
    first = answer["results"][0]["result"]
    assert (first["status"], first["voucher_id"], first["channel"]) == ("admitted", str(good.voucher_id), "social")
    assert (answer["accepted"], answer["refused"]) == (2, 10)


async def test_independence_looks_at_every_training_of_the_person(town: Town) -> None:
    """A body cannot hide that it trained somebody by naming him without his enrolment, nor under another record."""
    body = await town.body()
    person, double = await town.person(), await town.person()
    await town.enrolment(person, institution=body.code)
    await town.supersede(double, person)
    session = await town.session(body)
    entry = {"basis": "secondary_vocational_graduate", "evidence": "毕业证书 2020"}
    for one in (person, double):
        answer = await town.admit(body, session, [{"person_id": str(one), "entry": entry}])
        assert codes(answer) == ["trained_by_the_body"]


async def test_an_employer_assesses_its_own_whom_its_assessors_did_not_teach(town: Town) -> None:
    body = await town.body("employer")
    session = await town.session(body)
    own = {"employer": body.code, "channel": "enterprise"}
    employee = await town.enrolment(await town.person(), institution=body.code, trainer_ids=(uuid4(),), **own)
    taught = await town.enrolment(await town.person(), trainer_ids=(body.assessors[1].person,), **own)
    stranger = await town.enrolment(await town.person(), employer="91410402000001230R")
    rows = [{"enrolment_id": str(one.id)} for one in (employee, taught, stranger)]
    entry = {"basis": "work_experience", "evidence": "社保 2020-2026"}
    rows.append({"person_id": str(await town.person()), "entry": entry})  # type: ignore[dict-item]  # a JSON row
    rows.append({"person_id": str(await town.person()), "entry": entry, "affiliation": "社保 2026-05"})  # type: ignore[dict-item]  # a JSON row
    answer = await town.admit(body, session, rows)
    expected = [None, "taught_by_an_assessor", "candidate_not_of_the_body", "candidate_not_of_the_body", None]
    assert codes(answer) == expected
    assert [row["result"]["channel"] for row in answer["results"] if "result" in row] == ["enterprise"] * 2


async def test_a_school_assesses_its_own_students(town: Town) -> None:
    body = await town.body("school")
    session = await town.session(body)
    student = await town.enrolment(await town.person(), institution=body.code, school=body.code, channel="school")
    stranger = await town.enrolment(await town.person(), employer=body.code)
    rows = [{"enrolment_id": str(one.id)} for one in (student, stranger)]
    assert codes(await town.admit(body, session, rows)) == [None, "candidate_not_of_the_body"]


async def test_nobody_is_in_two_assessments_of_one_skill_at_once(town: Town) -> None:
    one, other = await town.body(), await town.body()
    (trainee,) = await town.trainees(1)
    again = await town.enrolment(trainee.person_id)
    await town.admitted(one, await town.session(one), [trainee])
    session = await town.session(other)
    for enrolment in (trainee, again):
        answer = await town.admit(other, session, [{"enrolment_id": str(enrolment.id)}])
        assert codes(answer) == ["candidate_already_admitted"]


async def test_candidates_are_named_before_the_session_opens(town: Town) -> None:
    body = await town.body()
    first, second = await town.trainees(2)
    session = await town.session(body)
    await town.admitted(body, session, [first])
    await town.open(body, session)
    rows = {"rows": [{"enrolment_id": str(second.id)}]}
    refusal = await town.door.post(body.account, f"{SESSIONS}/{session}/candidates", rows)
    assert refused(refusal) == (409, "session_closed_to_candidates")


async def test_a_resit_is_a_new_candidate_once(town: Town) -> None:
    body = await town.body()
    (trainee,) = await town.trainees(1)
    row = {"enrolment_id": str(trainee.id)}
    for attempt in (1, 2):
        session = await town.session(body)
        admitted = (await town.admit(body, session, [row]))["results"][0]["result"]
        assert admitted["attempt"] == attempt
        await town.open(body, session)
        await town.scored(body, session, {admitted["id"]: FAIL})
        assert done(await town.confirm(body.supervisor, session))["passed"] == 0
    session = await town.session(body)
    assert codes(await town.admit(body, session, [row])) == ["resit_used_up"]
    retrained = await town.enrolment(trainee.person_id)
    assert codes(await town.admit(body, session, [{"enrolment_id": str(retrained.id)}])) == [None]


async def test_who_passed_or_holds_the_certificate_does_not_sit_again(town: Town) -> None:
    body = await town.body()
    (certificate,) = await town.certified(body)
    session = await town.session(body)
    enrolment = await town.enrolment(certificate["person_id"])
    double = await town.person()
    await town.supersede(double, certificate["person_id"])
    absorbed = await town.enrolment(double)
    rows = [{"enrolment_id": one} for one in (certificate["enrolment_id"], str(enrolment.id), str(absorbed.id))]
    assert codes(await town.admit(body, session, rows)) == ["candidate_already_certified"] * 3


async def test_an_absence_uses_up_no_attempt(town: Town) -> None:
    body = await town.body()
    here, absent = await town.trainees(2)
    session = await town.session(body)
    candidates = await town.admitted(body, session, [here, absent])
    path = f"{SESSIONS}/{session}/absences"
    rows = {"rows": [{"candidate_id": candidates[1]}]}
    assert refused(await town.door.post(body.account, path, rows)) == (409, "assessment_not_open")
    await town.open(body, session)
    many = {"rows": [{"candidate_id": one} for one in (candidates[1], candidates[1], str(uuid4()))]}
    answer = done(await town.door.post(body.account, path, many))
    assert codes(answer) == [None, "wrong_state", "candidate_not_found"]
    assert codes(await town.sign(body.assessors[0], session, {candidates[1]: PASS})) == ["candidate_not_scorable"]
    await town.scored(body, session, {candidates[0]: PASS})
    assert done(await town.confirm(body.supervisor, session))["candidates"] == 1
    again = await town.session(body)
    answer = await town.admit(body, again, [{"enrolment_id": str(absent.id)}])
    assert answer["results"][0]["result"]["attempt"] == 1


async def test_the_last_absence_closes_the_scoring(town: Town) -> None:
    body = await town.body()
    trainees = await town.trainees(2)
    session = await town.session(body)
    candidates = await town.admitted(body, session, trainees)
    await town.open(body, session)
    await town.scored(body, session, {candidates[0]: PASS})
    rows = {"rows": [{"candidate_id": candidates[1]}]}
    done(await town.door.post(body.account, f"{SESSIONS}/{session}/absences", rows))
    assert done(await town.door.get(body.account, f"{SESSIONS}/{session}"))["status"] == "scored"


async def test_a_breach_annuls_until_the_confirmation(town: Town) -> None:
    body = await town.body()
    trainees = await town.trainees(3)
    session = await town.session(body)
    candidates = await town.admitted(body, session, trainees)
    await town.open(body, session)
    await town.scored(body, session, dict.fromkeys(candidates[:2], PASS))
    path = f"{SESSIONS}/{session}/voidings"
    rows = [{"candidate_id": one, "reason_code": "impersonated"} for one in (candidates[0], candidates[2])]
    assert codes(done(await town.door.post(town.officer, path, {"rows": rows}))) == [None, None]
    confirmed = done(await town.confirm(body.supervisor, session))
    assert [one["candidate_id"] for one in confirmed["certificates"]] == [candidates[1]]
    late = {"rows": [{"candidate_id": candidates[1], "reason_code": "impersonated"}]}
    assert codes(done(await town.door.post(town.officer, path, late))) == ["wrong_state"]


async def test_candidates_are_seen_by_those_concerned(town: Town) -> None:
    body, other = await town.body(), await town.body()
    trainees = await town.trainees(2)
    session = await town.session(body)
    candidates = await town.admitted(body, session, trainees)
    worker = Actor("worker", trainees[0].person_id)
    path = f"/v1/candidates/{candidates[0]}"
    for may in (worker, body.account, body.assessors[0], body.supervisor, town.officer):
        assert done(await town.door.get(may, path))["id"] == candidates[0]
    for foreign in (Actor("worker", trainees[1].person_id), other.account, town.foreign_officer):
        assert refused(await town.door.get(foreign, path)) == (404, "candidate_not_found")
    assert [one["id"] for one in done(await town.door.get(worker, "/v1/candidates"))["data"]] == candidates[:1]
    page = done(await town.door.get(body.account, "/v1/candidates", session_id=session, limit=1))
    assert (len(page["data"]), page["has_more"]) == (1, True)
    rest = await town.door.get(body.account, "/v1/candidates", session_id=session, cursor=page["next_cursor"])
    assert [one["id"] for one in done(rest)["data"]] == candidates[1:]


async def test_a_permit_is_assessed_by_a_government_body(town: Town) -> None:
    body = await town.body("government")
    (certificate,) = await town.certified(body, **PERMIT)
    assert certificate["kind"] == "special_operation"
    assert certificate["valid_until"] is not None
    assert certificate["number"].startswith("TZC")
    review = await town.enrolment(certificate["person_id"], **PERMIT, act="review")
    session = await town.session(body, **PERMIT, act="review")
    (candidate,) = await town.admitted(body, session, [review])
    await town.open(body, session)
    await town.scored(body, session, {candidate: PASS})
    (renewed,) = done(await town.confirm(body.supervisor, session))["certificates"]
    assert renewed["number"] != certificate["number"]
    old = done(await town.door.get(body.account, f"/v1/certificates/{certificate['id']}"))
    assert (old["status"], old["reason_code"]) == ("superseded", "newer_certificate")


async def test_a_specific_competence_is_practice_only(town: Town) -> None:
    body = await town.body()
    session = await town.session(body, **COMPETENCE)
    trainee = await town.enrolment(await town.person(), **COMPETENCE, institution=INSTITUTION)
    (candidate,) = await town.admitted(body, session, [trainee])
    await town.open(body, session)
    await town.scored(body, session, {candidate: {"practice": 60}})
    (issued,) = done(await town.confirm(body.supervisor, session))["certificates"]
    assert issued["number"].startswith("ZXN")


async def test_the_review_counts_at_levels_2_and_1(town: Town) -> None:
    lines = [{"skill_code": SKILL["skill_code"], "level": 2, "valid_from": "2022-01-01"}]
    body = await town.body(scope=lines)
    session = await town.session(body, level=2)
    good, bad = [await town.enrolment(await town.person(), level=2) for _ in range(2)]
    candidates = await town.admitted(body, session, [good, bad])
    await town.open(body, session)
    assert codes(await town.sign(body.assessors[0], session, {candidates[0]: PASS})) == ["marks_incomplete"]
    marks = {candidates[0]: {**PASS, "review": 60}, candidates[1]: {**PASS, "review": 59}}
    await town.scored(body, session, marks)
    confirmed = done(await town.confirm(body.supervisor, session))
    assert [one["candidate_id"] for one in confirmed["certificates"]] == candidates[:1]
