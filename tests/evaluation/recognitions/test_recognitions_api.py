"""Imports and direct recognitions: recorded by one officer, verified by another; permits' numbers hidden."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from shared.kernel.citizen_id import make_citizen_id
from shared.security import verify_certificate
from tests.api_client import Account, codes, done, refused
from tests.evaluation.scenario import AREA, ELSEWHERE, PERMIT, SKILL, Scenario

IMPORTS = "/v1/certificate-imports"
BODY = "91410402000001230R"
CITIZEN_ID = make_citizen_id(AREA, date(1990, 5, 17), 3)
NUMBER = "S000141000001244000009"
SAID = {"answer": "verified", "source": "省平台 2026-11"}


def row(person: object, **other: Any) -> dict[str, Any]:
    """A certificate from elsewhere in Henan."""
    said = {
        "person_id": str(person), "kind": "skill_level", **SKILL, "number": NUMBER, "body": BODY, "body_kind": "social",
        "assessed_on": "2024-03-01", "issued_on": "2024-03-09", "basis": "import", "source": "省平台 查询 17",
        "evidence_digest": "ab" * 32, "decided_on": "2024-04-01",
    }  # fmt: skip
    return {**said, **other}


async def recorded(scenario: Scenario, *rows: dict[str, Any]) -> dict[str, Any]:
    """The answer to an import."""
    return done(await scenario.post(scenario.officer, IMPORTS, {"rows": list(rows)}))


async def one_recorded(scenario: Scenario, given: dict[str, Any]) -> dict[str, Any]:
    """The only certificate of an import."""
    answer = await recorded(scenario, given)
    assert codes(answer) == [None], answer
    result: dict[str, Any] = answer["results"][0]["result"]
    return result


async def test_an_import_counts_once_another_officer_had_it_verified(scenario: Scenario) -> None:
    person = await scenario.person()
    certificate = await one_recorded(scenario, row(person))
    assert (certificate["status"], certificate["number"]) == ("imported", NUMBER)
    shown = done(await scenario.post(None, "/v1/certificate-verifications", {"number": NUMBER}))
    assert shown == {"verdict": "not_found_yet", "status": "imported", "printed": None}
    path = f"/v1/certificates/{certificate['id']}/register-answers"
    assert refused(await scenario.post(scenario.officer, path, SAID)) == (409, "recognition_same_officer")
    waiting = done(await scenario.post(scenario.second_officer, path, {**SAID, "answer": "not_found_yet"}))
    assert waiting["status"] == "imported"
    assert done(await scenario.post(scenario.second_officer, path, SAID))["status"] == "valid"
    assert refused(await scenario.post(scenario.second_officer, path, SAID)) == (409, "wrong_state")
    emitted = await scenario.outbox()
    assert [event["name"] for event in emitted] == ["certificate.imported", "certificate.verified"]
    assert emitted[1]["jws"] == emitted[0]["jws"]
    facts = verify_certificate(emitted[1]["jws"], scenario.database.api.keys.certificates)
    assert (facts.body, facts.assessed_on, facts.channel) == (BODY, date(2024, 3, 1), "social")


async def test_what_the_register_contradicts_is_proposed_for_revocation(scenario: Scenario) -> None:
    certificate = await one_recorded(scenario, row(await scenario.person()))
    path = f"/v1/certificates/{certificate['id']}"
    said = {**SAID, "answer": "contradicted"}
    assert done(await scenario.post(scenario.second_officer, f"{path}/register-answers", said))["status"] == "imported"
    refusal = await scenario.post(scenario.second_officer, f"{path}/revocation-approvals")
    assert refused(refusal) == (409, "certificate_revocation_same_officer")
    revoked = done(await scenario.post(scenario.officer, f"{path}/revocation-approvals"))
    assert (revoked["status"], revoked["reason_code"]) == ("revoked", "contradicted_by_register")


async def test_a_permits_number_is_hidden(scenario: Scenario) -> None:
    person = await scenario.person()
    permit = {**PERMIT, "kind": "special_operation", "number": f"T{CITIZEN_ID}", "valid_until": "2030-03-08"}
    certificate = await one_recorded(scenario, row(person, **permit))
    assert certificate["number"].startswith("TZC24")
    async with scenario.database.owner.engine.connect() as connection:
        statement = text("SELECT number_encrypted, number_index FROM certificates")
        encrypted, index = (await connection.execute(statement)).one()
        everything = []
        for table in ("certificates", "recognitions", "outbox", "idempotency_keys"):
            rows = await connection.execute(text(f"SELECT {table}::text FROM {table}"))  # our own names
            everything += [row[0] for row in rows]
    opened = scenario.database.api.keys.fields.decrypt(
        encrypted, table="certificates", column="number_encrypted", row=certificate["id"]
    )
    assert opened == f"T{CITIZEN_ID}"
    assert len(index) == 32
    assert everything
    assert not any(CITIZEN_ID in found or CITIZEN_ID.encode().hex() in found for found in everything)
    for event in await scenario.outbox():
        assert (
            CITIZEN_ID
            not in verify_certificate(event["jws"], scenario.database.api.keys.certificates).model_dump_json()
        )


async def test_one_id_number_is_not_two_peoples(scenario: Scenario) -> None:
    person, other = await scenario.person(), await scenario.person()
    operation = {**PERMIT, "kind": "special_operation", "number": f"T{CITIZEN_ID}"}
    await one_recorded(scenario, row(person, **operation))
    await one_recorded(scenario, row(person, **{**operation, "skill_code": "SO-01-01"}))
    assert codes(await recorded(scenario, row(other, **operation))) == ["permit_of_another_person"]


async def test_rows_that_are_refused(scenario: Scenario) -> None:
    person, foreign = await scenario.person(), await scenario.person(area=ELSEWHERE)
    enrolment = await scenario.enrolment(person, completed_on=date(2024, 2, 1))
    others = await scenario.enrolment(await scenario.person())
    late = await scenario.enrolment(person, completed_on=date(2024, 3, 20))
    await one_recorded(scenario, row(person))
    permit = {**PERMIT, "kind": "special_operation", "number": f"T{CITIZEN_ID}"}
    cases = [
        (row(uuid4()), "not_received_yet"),
        (row(person, kind="specific_competence"), "recognition_kind_differs"),
        (row(person, act="review"), "recognition_kind_differs"),
        (row(person, level=0), "skill_level_invalid"),
        (row(person, level=3), "certificate_number_invalid"),
        (row(person, number="nonsense"), "certificate_number_invalid"),
        (row(person, assessed_on="2024-03-10"), "recognition_dates_wrong"),
        (row(person, **permit, valid_until="2024-03-01"), "recognition_dates_wrong"),
        (row(person, **permit, act="review"), "reviewed_due_on_missing"),
        (row(person, decided_on=str(date(2199, 12, 31))), "recognition_dates_wrong"),
        (row(person, body="9141040200000123AB"), "credit_code_invalid"),
        (row(person, enrolment_id=str(others.id)), "recognition_enrolment_differs"),
        (row(person, enrolment_id=str(uuid4())), "not_received_yet"),
        (row(person, enrolment_id=str(late.id)), "recognition_dates_wrong"),
        (row(person), "certificate_number_taken"),
        (row(person, enrolment_id=str(enrolment.id), number="S000141000001244000010"), None),
    ]
    answer = await recorded(scenario, *[given for given, _ in cases])
    assert codes(answer) == [expected for _, expected in cases]
    officer = Account("officer", areas=(AREA,))
    answer = done(await scenario.post(officer, IMPORTS, {"rows": [row(foreign)]}))
    assert codes(answer) == ["not_received_yet"]


async def test_an_import_brings_the_voucher_of_its_enrolment(scenario: Scenario) -> None:
    person = await scenario.person()
    enrolment = await scenario.enrolment(person, completed_on=date(2024, 2, 1), channel="enterprise")
    await one_recorded(scenario, row(person, enrolment_id=str(enrolment.id)))
    (emitted,) = await scenario.outbox()
    assert (emitted["voucher_id"], emitted["enrolment_id"]) == (str(enrolment.voucher_id), str(enrolment.id))
    assert (emitted["channel"], emitted["completed_on"]) == ("enterprise", "2024-02-01")


async def test_a_person_has_one_live_certificate_of_a_skill_and_level(scenario: Scenario) -> None:
    (held,) = await scenario.certified(await scenario.body())
    certificate = await one_recorded(scenario, row(held["person_id"]))
    path = f"/v1/certificates/{certificate['id']}/register-answers"
    assert refused(await scenario.post(scenario.second_officer, path, SAID)) == (409, "certificate_already_live")


async def test_direct_recognition_can_be_switched_off(scenario: Scenario) -> None:
    given = row(await scenario.person(), basis="direct_recognition")
    certificate = await one_recorded(scenario, given)
    read = done(await scenario.get(scenario.officer, f"/v1/certificates/{certificate['id']}"))
    assert read["basis"] == "direct_recognition"
    today = await scenario.today()
    async with scenario.database.owner.engine.begin() as connection:
        await connection.execute(
            text("UPDATE dated_rules SET valid_to = :day WHERE name = 'direct_recognition_allowed'"),
            {"day": today - timedelta(days=1)},
        )
        await connection.execute(
            text("INSERT INTO dated_rules VALUES ('direct_recognition_allowed', :day, NULL, 0, 'test')"), {"day": today}
        )
    assert codes(await recorded(scenario, {**given, "number": "S000141000001244000010"})) == ["direct_recognition_off"]


async def test_foreign_officers_verify_nothing(scenario: Scenario) -> None:
    certificate = await one_recorded(scenario, row(await scenario.person()))
    path = f"/v1/certificates/{certificate['id']}/register-answers"
    assert refused(await scenario.post(scenario.foreign_officer, path, SAID)) == (404, "certificate_not_found")
    assert refused(await scenario.post(Account("worker"), path, SAID)) == (403, "role_not_allowed")
