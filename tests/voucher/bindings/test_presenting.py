"""Presenting a voucher: the code, and the mandate that travels in it."""

from uuid import uuid4

from sqlalchemy import select

from deploy.local.keys import Signing
from services.voucher.bindings.models import Mandate
from shared.kernel.credit_code import make_credit_code
from shared.security import read_key_set, read_presence_code
from tests.api_client import ApiClient, code_of
from tests.clock import recorded_now
from tests.voucher.requests import active_batch, claimed, worker
from tests.voucher.scenario import INSTITUTION, SKILL, Scenario


async def test_a_presence_code_is_for_the_holder_alone(client: ApiClient, scenario: Scenario) -> None:
    person, batch_id = await scenario.person(), await active_batch(client)
    voucher = await claimed(client, person, batch_id)
    path = f"/v1/vouchers/{voucher['id']}/presence-codes"
    answer = await client.post(worker(person), path, {"institution": INSTITUTION})
    assert answer.status_code == 200
    keys = read_key_set(scenario.keys.public(Signing.PRESENCE))
    code = read_presence_code(answer.json()["code"], keys, at=recorded_now())
    assert (str(code.voucher_id), code.person_id, code.institution) == (voucher["id"], person, INSTITUTION)
    assert (code.skill_code, code.level) == SKILL
    assert code_of(await client.post(worker(uuid4()), path, {"institution": INSTITUTION})) == "voucher_not_found"
    assert code_of(await client.post(worker(person), path, {"institution": "9" * 18})) == "credit_code_invalid"


async def test_the_holder_gives_a_mandate_with_the_code(client: ApiClient, scenario: Scenario) -> None:
    """D5 委托代领: their own act, kept here, named in the signed code; without it the holder is paid."""
    person, batch_id = await scenario.person(), await active_batch(client)
    path = f"/v1/vouchers/{(await claimed(client, person, batch_id))['id']}/presence-codes"
    keys, plant = read_key_set(scenario.keys.public(Signing.PRESENCE)), make_credit_code("410402", 77)
    for body, payee in (({}, None), ({"mandate": False}, None), ({"mandate": True}, INSTITUTION),
                        ({"mandate": True, "payee": plant}, plant)):  # fmt: skip
        answer = (await client.post(worker(person), path, {"institution": INSTITUTION, **body})).json()
        mandate = read_presence_code(answer["code"], keys, at=recorded_now()).mandate
        assert answer["mandate_id"] == (str(mandate.id) if mandate else None)
        assert (mandate.payee_id if mandate else None) == payee
    for malformed in ({"payee": plant}, {"mandate": False, "payee": plant}, {"mandate": "ja"}):
        refused = await client.post(worker(person), path, {"institution": INSTITUTION, **malformed})
        assert code_of(refused) == "validation_failed"
    wrong = await client.post(worker(person), path, {"institution": INSTITUTION, "mandate": True, "payee": "9" * 18})
    assert code_of(wrong) == "credit_code_invalid"
    stranger = await client.post(worker(uuid4()), path, {"institution": INSTITUTION, "mandate": True})
    assert code_of(stranger) == "voucher_not_found"
    async with scenario.database.api.unit_of_work() as uow:
        kept = list(await uow.session.scalars(select(Mandate).order_by(Mandate.id)))
    assert [mandate.payee_id for mandate in kept] == [INSTITUTION, plant]
    assert {(mandate.person_id, mandate.institution) for mandate in kept} == {(person, INSTITUTION)}
