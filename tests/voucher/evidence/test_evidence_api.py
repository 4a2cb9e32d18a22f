"""Evidence over HTTP: it goes in by name and never comes out."""

from shared.kernel.clock import business_date
from tests.api_client import ApiClient, code_of, done, refused
from tests.voucher.people import registered
from tests.voucher.requests import PORTAL, officer
from tests.voucher.scenario import AREA, Scenario


async def test_facts_travel_by_name_and_never_by_content(client: ApiClient, scenario: Scenario) -> None:
    person = await registered(client)
    group = {"group": "rehabilitation", "evidence": "所内登记", "source": "justice bureau", "as_of": "2026-01-01"}
    extract = {"pension": "not_drawn", "fiscal_payroll": "off", "source": "portal", "as_of": "2026-01-01"}
    assert (await client.post(officer(AREA), f"/v1/workers/{person}/groups", group)).json()["version"] == 2
    assert (await client.post(PORTAL, f"/v1/workers/{person}/register-extracts", extract)).json()["version"] == 3
    assert await scenario.emitted(person) == ["person.registered", "person.facts_recorded", "person.facts_recorded"]
    assert (await scenario.last_emitted(person))["facts"] == ["pension", "fiscal_payroll"]
    later = extract | {"as_of": "2199-12-31"}
    assert code_of(await client.post(PORTAL, f"/v1/workers/{person}/register-extracts", later)) == "day_not_yet"


async def test_an_officer_states_nothing_about_themselves(client: ApiClient, scenario: Scenario) -> None:
    clerk_id, alias, other = [await scenario.person() for _ in range(3)]
    await scenario.merge(alias, clerk_id)
    day = str(business_date(await scenario.now()))
    extract = {"pension": "not_drawn", "fiscal_payroll": "off", "source": "bureau", "as_of": day}
    group = {"group": "veteran", "evidence": "x", "source": "bureau", "as_of": day}
    clerk = officer(person=clerk_id)
    for record in (clerk_id, alias):
        for act, body in (("register-extracts", extract), ("groups", group)):
            assert code_of(await client.post(clerk, f"/v1/workers/{record}/{act}", body)) == "own_record"
        for person, survivor in ((record, other), (other, record)):
            said = {"reason_code": "same_person", "evidence": "x"}
            body = {"person_id": str(person), "survivor_id": str(survivor), **said}
            assert code_of(await client.post(clerk, "/v1/mergers", body)) == "own_record"
    assert (await client.post(clerk, f"/v1/workers/{other}/register-extracts", extract)).status_code == 200
    assert (await client.post(officer(), f"/v1/workers/{clerk_id}/register-extracts", extract)).status_code == 200


async def test_a_group_counts_to_a_day_not_before_its_first(client: ApiClient, scenario: Scenario) -> None:
    person = await registered(client)
    group = {"group": "veteran", "evidence": "退役证", "source": "veterans bureau", "as_of": "2026-01-02"}
    answer = await client.post(officer(AREA), f"/v1/workers/{person}/groups", group | {"until": "2026-01-01"})
    assert refused(answer) == (422, "validation_failed")
    assert await scenario.emitted(person) == ["person.registered"]
    recorded = await client.post(officer(AREA), f"/v1/workers/{person}/groups", group | {"until": "2026-01-02"})
    assert done(recorded)["version"] == 2
