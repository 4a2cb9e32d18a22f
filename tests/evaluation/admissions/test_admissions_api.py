"""Admission over HTTP and on the real database."""

from datetime import timedelta
from uuid import uuid4

from tests.api_client import codes, done, refused
from tests.evaluation.scenario import Scenario

SESSIONS = "/v1/assessment-sessions"
PASS, FAIL = {"theory": 80, "practice": 80}, {"theory": 59, "practice": 80}


async def test_each_row_is_answered_by_itself(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scenario.session(body)
    good, later = await scenario.trainees(2)
    other_level = await scenario.enrolment(await scenario.person(), level=3)
    late = await scenario.enrolment(await scenario.person(), completed_on=await scenario.today() + timedelta(days=2))
    panel = await scenario.enrolment(body.assessors[0].person)
    own = await scenario.enrolment(await scenario.person(), institution=body.code)
    unknown = await scenario.enrolment(uuid4())
    rows = [
        {"enrolment_id": str(good.id)},
        {"enrolment_id": str(uuid4())},
        {"enrolment_id": str(other_level.id)},
        {"enrolment_id": str(late.id)},
        {"enrolment_id": str(panel.id)},
        {"enrolment_id": str(own.id)},
        {"enrolment_id": str(unknown.id)},
        {"enrolment_id": str(good.id)},
        {},
        {"enrolment_id": str(later.id), "person_id": str(later.person_id)},
        {"person_id": str(await scenario.person())},
        {"enrolment_id": str(later.id)},
    ]
    answer = await scenario.admit(body, session, rows)
    assert codes(answer) == [
        None, "not_received_yet", "candidate_skill_differs", "candidate_completes_after_assessment",
        "candidate_on_panel", "trained_by_the_body", "not_received_yet", "candidate_already_admitted",
        "candidate_named_wrongly", "candidate_named_wrongly", "entry_basis_missing", None,
    ]  # fmt: skip
    first = answer["results"][0]["result"]
    assert (first["status"], first["voucher_id"], first["channel"]) == ("admitted", str(good.voucher_id), "social")
    assert (answer["accepted"], answer["refused"]) == (2, 10)


async def test_independence_looks_at_every_training_of_the_person(scenario: Scenario) -> None:
    """A body cannot hide that it trained somebody by naming them without their enrolment, nor under another record."""
    body = await scenario.body()
    person, double = await scenario.person(), await scenario.person()
    await scenario.enrolment(person, institution=body.code)
    await scenario.supersede(double, person)
    session = await scenario.session(body)
    entry = {"basis": "secondary_vocational_graduate", "evidence": "毕业证书 2020"}
    for record in (person, double):
        answer = await scenario.admit(body, session, [{"person_id": str(record), "entry": entry}])
        assert codes(answer) == ["trained_by_the_body"]


async def test_an_employer_assesses_its_own_whom_its_assessors_did_not_teach(scenario: Scenario) -> None:
    body = await scenario.body("employer")
    session = await scenario.session(body)
    own = {"employer": body.code, "channel": "enterprise"}
    employee = await scenario.enrolment(await scenario.person(), institution=body.code, trainer_ids=(uuid4(),), **own)
    taught = await scenario.enrolment(await scenario.person(), trainer_ids=(body.assessors[1].person,), **own)
    stranger = await scenario.enrolment(await scenario.person(), employer="91410402000001230R")
    rows = [{"enrolment_id": str(enrolment.id)} for enrolment in (employee, taught, stranger)]
    entry = {"basis": "work_experience", "evidence": "社保 2020-2026"}
    rows.append({"person_id": str(await scenario.person()), "entry": entry})  # type: ignore[dict-item]  # a JSON row
    rows.append({"person_id": str(await scenario.person()), "entry": entry, "affiliation": "社保 2026-05"})  # type: ignore[dict-item]  # a JSON row
    answer = await scenario.admit(body, session, rows)
    expected = [None, "taught_by_an_assessor", "candidate_not_of_the_body", "candidate_not_of_the_body", None]
    assert codes(answer) == expected
    assert [row["result"]["channel"] for row in answer["results"] if "result" in row] == ["enterprise"] * 2


async def test_a_school_assesses_its_own_students(scenario: Scenario) -> None:
    body = await scenario.body("school")
    session = await scenario.session(body)
    student = await scenario.enrolment(
        await scenario.person(), institution=body.code, school=body.code, channel="school"
    )
    stranger = await scenario.enrolment(await scenario.person(), employer=body.code)
    rows = [{"enrolment_id": str(enrolment.id)} for enrolment in (student, stranger)]
    assert codes(await scenario.admit(body, session, rows)) == [None, "candidate_not_of_the_body"]


async def test_nobody_is_in_two_assessments_of_one_skill_at_once(scenario: Scenario) -> None:
    body, other = await scenario.body(), await scenario.body()
    (trainee,) = await scenario.trainees(1)
    again = await scenario.enrolment(trainee.person_id)
    await scenario.admitted(body, await scenario.session(body), [trainee])
    session = await scenario.session(other)
    for enrolment in (trainee, again):
        answer = await scenario.admit(other, session, [{"enrolment_id": str(enrolment.id)}])
        assert codes(answer) == ["candidate_already_admitted"]


async def test_candidates_are_named_before_the_session_opens(scenario: Scenario) -> None:
    body = await scenario.body()
    first, second = await scenario.trainees(2)
    session = await scenario.session(body)
    await scenario.admitted(body, session, [first])
    await scenario.open(body, session)
    rows = {"rows": [{"enrolment_id": str(second.id)}]}
    refusal = await scenario.post(body.account, f"{SESSIONS}/{session}/candidates", rows)
    assert refused(refusal) == (409, "session_closed_to_candidates")


async def test_a_resit_is_a_new_candidate_once(scenario: Scenario) -> None:
    body = await scenario.body()
    (trainee,) = await scenario.trainees(1)
    row = {"enrolment_id": str(trainee.id)}
    for attempt in (1, 2):
        session = await scenario.session(body)
        admitted = (await scenario.admit(body, session, [row]))["results"][0]["result"]
        assert admitted["attempt"] == attempt
        await scenario.open(body, session)
        await scenario.scored(body, session, {admitted["id"]: FAIL})
        assert done(await scenario.confirm(body.supervisor, session))["passed"] == 0
    session = await scenario.session(body)
    assert codes(await scenario.admit(body, session, [row])) == ["resit_used_up"]
    retrained = await scenario.enrolment(trainee.person_id)
    assert codes(await scenario.admit(body, session, [{"enrolment_id": str(retrained.id)}])) == [None]


async def test_who_passed_or_holds_the_certificate_does_not_sit_again(scenario: Scenario) -> None:
    body = await scenario.body()
    (certificate,) = await scenario.certified(body)
    session = await scenario.session(body)
    enrolment = await scenario.enrolment(certificate["person_id"])
    double = await scenario.person()
    await scenario.supersede(double, certificate["person_id"])
    absorbed = await scenario.enrolment(double)
    rows = [
        {"enrolment_id": enrolment_id}
        for enrolment_id in (certificate["enrolment_id"], str(enrolment.id), str(absorbed.id))
    ]
    assert codes(await scenario.admit(body, session, rows)) == ["candidate_already_certified"] * 3


async def test_nobody_assesses_themselves_or_their_trainee_under_another_record(scenario: Scenario) -> None:
    body = await scenario.body("employer")
    alias, middle, trainer = [await scenario.person() for _ in range(3)]
    same_person = await scenario.enrolment(alias, employer=body.code)
    taught = await scenario.enrolment(await scenario.person(), employer=body.code, trainer_ids=(trainer,))
    session = await scenario.session(body)
    for record, survivor in ((alias, middle), (middle, body.assessors[0].person), (trainer, body.assessors[1].person)):
        await scenario.supersede(record, survivor)
    rows = [{"enrolment_id": str(enrolment.id)} for enrolment in (same_person, taught)]
    assert codes(await scenario.admit(body, session, rows)) == ["candidate_on_panel", "taught_by_an_assessor"]


async def test_an_enrolment_may_arrive_before_its_person(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scenario.session(body)
    person = scenario.registration()
    enrolment = scenario.completion(person.id, await scenario.today())
    row = {"enrolment_id": str(enrolment.id)}
    assert codes(await scenario.admit(body, session, [row])) == ["not_received_yet"]
    await scenario.receive(enrolment)
    assert codes(await scenario.admit(body, session, [row])) == ["not_received_yet"]
    await scenario.receive(person)
    assert codes(await scenario.admit(body, session, [row])) == [None]
