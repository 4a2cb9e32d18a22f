"""People over HTTP: one record each, masked, seen by those who may."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.api_client import Account, ApiClient, code_of
from tests.databases import ServiceDatabase
from tests.voucher.people import ID_NUMBER, registered, registration
from tests.voucher.requests import PORTAL, officer, worker
from tests.voucher.scenario import AREA, ELSEWHERE, INSTITUTION, Scenario


async def test_the_same_id_number_is_the_same_person_however_it_is_written(client: ApiClient) -> None:
    first = await client.post(PORTAL, "/v1/workers", registration())
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in ID_NUMBER.lower())
    again = await client.post(PORTAL, "/v1/workers", registration(full_width))
    assert first.json() == again.json()
    assert first.json()["name"] == "李*"
    assert first.json()["id_number"] == ID_NUMBER[:3] + "*" * 11 + ID_NUMBER[-4:]


async def test_a_name_is_shown_as_registered_and_compared_in_any_spelling(client: ApiClient) -> None:
    person = await registered(client, name="\ufeffAli•买买提\ue863")
    for spelling in ("ALI·买买提䶮", "ａｌｉ．买 买提\u200b䶮"):
        assert await registered(client, name=spelling) == person
    body = {"reason_code": "complaint", "fields": ["name"]}
    shown = await client.post(officer(AREA), f"/v1/workers/{person}/unmaskings", body)
    assert shown.json()["name"] == "Ali•买买提䶮"


async def test_another_name_for_an_id_number_is_refused(client: ApiClient) -> None:
    await registered(client)
    answer = await client.post(PORTAL, "/v1/workers", registration(name="王五"))
    assert (answer.status_code, code_of(answer)) == (409, "name_contradicts")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"id_number": ID_NUMBER[:17] + ("0" if ID_NUMBER[17] != "0" else "1")}, "citizen_id_invalid"),
        ({"phone": "no phone"}, "phone_invalid"),
        ({"name": "  "}, "name_invalid"),
        ({"name": "\u200b·"}, "name_invalid"),
        ({"name": "李\ue000"}, "name_private_use"),
        ({"area": "110101"}, "area_unknown"),
        ({"surname": "李"}, "validation_failed"),
    ],
)
async def test_what_is_not_well_formed_is_refused_without_echo(
    client: ApiClient, said: dict[str, str], code: str
) -> None:
    answer = await client.post(PORTAL, "/v1/workers", registration() | said)
    assert (answer.status_code, code_of(answer)) == (422, code)
    assert all(value.strip() not in answer.text for value in said.values() if len(value.strip()) > 4)


async def test_only_the_portal_registers(client: ApiClient) -> None:
    for actor in (officer(), worker(uuid4()), Account("institution", institution=INSTITUTION)):
        assert code_of(await client.post(actor, "/v1/workers", registration())) == "role_not_allowed"


async def test_a_record_is_seen_by_its_person_and_officers_of_the_area(client: ApiClient) -> None:
    person = await registered(client)
    for actor in (worker(person), officer(AREA), officer()):
        answer = await client.get(actor, f"/v1/workers/{person}")
        assert answer.status_code == 200
        assert answer.json()["phone"] == "139****5678"
    for stranger in (worker(uuid4()), officer(ELSEWHERE)):
        answer = await client.get(stranger, f"/v1/workers/{person}")
        assert (answer.status_code, code_of(answer)) == (404, "person_not_found")


async def test_unmasking_shows_and_is_recorded(client: ApiClient, scenario: Scenario) -> None:
    person = await registered(client)
    body = {"reason_code": "complaint", "fields": ["name", "id_number"]}
    answer = await client.post(officer(AREA), f"/v1/workers/{person}/unmaskings", body)
    assert answer.json() == {"person_id": str(person), "name": "李四", "id_number": ID_NUMBER, "phone": None}
    async with scenario.database.api.engine.connect() as connection:
        (unmasking,) = (await connection.execute(text("SELECT id, reason_code, fields FROM unmaskings"))).all()
    assert (unmasking.reason_code, unmasking.fields) == ("complaint", ["id_number", "name"])
    assert await scenario.emitted(unmasking.id) == ["unmasking.recorded"]


@pytest.mark.parametrize("act", ["unmaskings", "groups", "register-extracts"])
async def test_a_foreign_officer_finds_nobody(client: ApiClient, act: str) -> None:
    person = await registered(client)
    bodies: dict[str, dict[str, object]] = {
        "unmaskings": {"reason_code": "complaint", "fields": ["name"]},
        "groups": {"group": "veteran", "evidence": "证 123", "source": "veterans bureau", "as_of": "2026-01-01"},
        "register-extracts": {
            "pension": "unknown", "fiscal_payroll": "unknown", "source": "portal", "as_of": "2026-01-01",
        },
    }  # fmt: skip
    answer = await client.post(officer(ELSEWHERE), f"/v1/workers/{person}/{act}", bodies[act])
    assert (answer.status_code, code_of(answer)) == (404, "person_not_found")


async def test_no_personal_data_in_the_database_outside_its_columns(
    client: ApiClient, voucher: ServiceDatabase
) -> None:
    person = await registered(client)
    fields = {"reason_code": "complaint", "fields": ["name", "id_number", "phone"]}
    assert (await client.post(officer(), f"/v1/workers/{person}/unmaskings", fields)).json()["phone"] == "13912345678"
    group = {"group": "disabled", "evidence": "残疾人证", "source": "cl", "as_of": "2026-01-01"}
    await client.post(officer(), f"/v1/workers/{person}/groups", group)
    async with voucher.owner.engine.connect() as connection:
        rows = [
            str(row)
            for table in ("workers", "unmaskings", "group_evidence", "outbox", "idempotency_keys")
            for row in await connection.scalars(text(f"SELECT {table}::text FROM {table}"))  # five names
        ]
    for secret in (ID_NUMBER, ID_NUMBER[6:14], "李四", "13912345678", "残疾人证"):
        hexed = secret.encode().hex()
        assert not any(secret in row or hexed in row for row in rows)
