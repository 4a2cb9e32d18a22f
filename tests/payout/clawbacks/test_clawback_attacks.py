"""What no role can do to a debt by SQL, and what a debtor may read (R4)."""

import pytest

from services.payout.clawbacks.domain import Measure
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import NO_RIGHT, ROLES, move, refused
from tests.payout.debts import cleared, opened_debt, pay, propose, revoke, send
from tests.payout.scenario import OTHER_SCHOOL, Case, Scenario, school


@pytest.mark.parametrize("role", ROLES)
async def test_no_debt_moves_without_its_cause(scenario: Scenario, role: str) -> None:
    """Neither opened, shrunk, given up, set off, nor its key freed, by SQL."""
    case = await opened_debt(scenario)
    less = "UPDATE clawbacks SET outstanding_fen = outstanding_fen - 1"
    assert await refused(scenario, role, less) == ("mn_payouts" if role == "owner" else NO_RIGHT)
    paid_back = (
        "INSERT INTO clawback_movements (id, clawback_id, payout_id, kind, amount_fen, instruction_id, business_at,"
        " recorded_at) SELECT gen_random_uuid(), id, payout_id, 'offset', 1, payout_id, now(), now() FROM clawbacks"
    )
    assert await refused(scenario, role, paid_back) in ("mv_clawback_movements", "fk_clawback_movements_offset")
    given_up = (
        "INSERT INTO clawback_movements (id, clawback_id, payout_id, kind, amount_fen, business_at, recorded_at)"
        " SELECT gen_random_uuid(), id, payout_id, 'write_off', outstanding_fen, now(), now() FROM clawbacks"
    )
    assert await refused(scenario, role, given_up) == "mn_payouts"
    ended = "UPDATE clawbacks SET status = :to, version = version + 1"
    assert await refused(scenario, role, ended, to="enforced") == "tw_clawbacks"
    assert await refused(scenario, role, ended, to="settled") == "ck_clawbacks_ended"
    freed = "UPDATE payouts SET debt_settled_at = now(), version = version + 1"
    assert await refused(scenario, role, freed) == "ds_payouts"
    again = "INSERT INTO clawbacks SELECT gen_random_uuid(), 'open', 1, 0, created_at, payout_id, fund_id, area,"
    again += " debtor_kind, debtor_id, amount_fen, 0, reason_code, due_on FROM clawbacks"
    assert await refused(scenario, role, again) in ("uq_clawbacks_payout", "st_clawbacks")
    for history in ("clawback_movements", "clawback_offsets"):
        assert await refused(scenario, role, f"DELETE FROM {history}") in (NO_RIGHT, f"ao_{history}")  # ours
    assert case.status == "open"


@pytest.mark.parametrize("role", ROLES)
async def test_no_paid_payout_is_reversed_and_no_money_set_off_by_sql(scenario: Scenario, role: str) -> None:
    forged = Case()
    payouts = await cleared(scenario, forged, Case(), Case())
    await pay(scenario, *payouts[:2])
    assert await move(scenario, role, payouts[0].id, "reversed", ", code = 'x'") in ("mn_payouts", "ev_payouts")
    opened = (
        "INSERT INTO clawbacks (id, status, version, created_at, payout_id, fund_id, area, debtor_kind, debtor_id,"
        " amount_fen, reason_code, due_on) SELECT gen_random_uuid(), 'open', 1, now(), id, fund_id, area, payee_kind,"
        " payee_id, amount_fen, 'x', '2033-04-01' FROM payouts WHERE id = :id"
    )
    assert await refused(scenario, role, opened, id=payouts[0].id) == "tw_clawbacks"
    await revoke(scenario, forged)
    offset = "INSERT INTO clawback_offsets SELECT instructions.id, clawbacks.id, 1 FROM instructions, clawbacks"
    assert await refused(scenario, role, offset) in (NO_RIGHT, "of_clawback_offsets")
    await send(scenario, payouts[2])
    late = offset + " WHERE instructions.payout_id = :id"
    assert await refused(scenario, role, late, id=payouts[2].id) in (
        NO_RIGHT, "of_clawback_offsets", "pk_clawback_offsets",
    )  # fmt: skip
    typed = (
        "INSERT INTO incoming_payments (id, reference, amount_fen, received_on, recorded_at)"
        " VALUES (gen_random_uuid(), 'X', 1, '2033-04-01', now())"
    )
    if role == "api":
        assert await refused(scenario, role, typed) == "na_incoming_payments"


async def test_the_debtor_reads_the_statement_and_nobody_elses(scenario: Scenario, client: ApiClient) -> None:
    case = await opened_debt(scenario)
    await propose(scenario, case, Measure.INSTALMENTS, scenario.reviewer, parts=3)
    path = f"/v1/clawbacks/{case.id}"
    approved = await client.post(scenario.approver, f"{path}/approvals")
    assert approved.json()["status"] == "instalments"
    shown = (await client.get(school(), path)).json()
    assert [line["kind"] for line in shown["movements"]] == ["debt"]
    assert [part["amount_fen"] for part in shown["instalments"]] == [53_334, 53_333, 53_333]
    assert code_of(await client.get(school(OTHER_SCHOOL), path)) == "clawback_not_found"
    body = {"reference": "B-9", "amount_fen": 160_000, "received_on": "2033-04-01"}
    recorded = await client.post(scenario.cashier, "/v1/incoming-payments", body)
    assert code_of(await client.post(scenario.cashier, "/v1/incoming-payments", body)) == "incoming_payment_exists"
    matches = f"{recorded.headers['Location']}/matches"
    settled = await client.post(scenario.releaser, matches, {"clawback_id": str(case.id)})
    assert (settled.json()["status"], settled.json()["outstanding_fen"]) == ("settled", 0)
    free = (await client.get(scenario.cashier, "/v1/incoming-payments", free="true")).json()["data"]
    assert free == []
