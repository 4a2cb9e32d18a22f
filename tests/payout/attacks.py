"""Statements that a role tries on the database, and what stops them."""

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from services.payout.payouts.domain import PayoutFacts
from shared.kernel.ids import uuid7
from shared.persistence.refusals import constraint_of, sqlstate_of
from tests.payout.scenario import Scenario

NO_RIGHT, NULL = "42501", "23502"


ROLES = ("api", "worker", "owner")


COPY_OF_PAYOUT = """
INSERT INTO payouts
SELECT (jsonb_populate_record(payouts, CAST(:changes AS jsonb) || jsonb_build_object(
    'id', CAST(:id AS uuid), 'version', 1, 'open_holds', 0))).*
FROM payouts WHERE id = :of
"""


async def refused(scenario: Scenario, role: str, statement: str, **values: Any) -> str | None:
    """What stops a statement: the constraint's name, or the state of a missing right or value."""
    with pytest.raises(DBAPIError) as caught:
        await scenario.sql(role, statement, **values)
    state = sqlstate_of(caught.value)
    return state if state in (NO_RIGHT, NULL) else constraint_of(caught.value)


async def voucher_says(scenario: Scenario, of: PayoutFacts, **changes: Any) -> UUID:
    """Another voucher that says the same as that of `of`, but for `changes`: with it only the attacked rule stops."""
    voucher_id = uuid7()
    said = {"voucher_id": str(voucher_id), **{name: str(value) for name, value in changes.items()}}
    statement = (
        "INSERT INTO voucher_facts SELECT (jsonb_populate_record(voucher_facts, CAST(:said AS jsonb))).*"
        " FROM voucher_facts WHERE voucher_id = :of"
    )
    await scenario.sql("worker", statement, said=json.dumps(said), of=of.voucher_id)
    return voucher_id


async def copy_refused(scenario: Scenario, role: str, of: PayoutFacts, **changes: Any) -> str | None:
    """What stops a second payout that differs from `of` only in `changes`."""
    as_json = json.dumps({name: str(value) if isinstance(value, UUID) else value for name, value in changes.items()})
    return await refused(scenario, role, COPY_OF_PAYOUT, id=uuid7(), of=of.id, changes=as_json)


def whole_step(
    step: str, *, action: str | None = None, person: UUID | None = None, event: bool = True, **values: Any
) -> tuple[str, dict[str, Any]]:
    """An UPDATE of a payout, its decision where an `action` is named, and its event: one statement and its values."""
    parts = [f"moved AS ({step} RETURNING id, version)"]  # ours
    if action is not None:
        parts.append(
            "decided AS (INSERT INTO payout_decisions SELECT id, version, :action, 'x', :who, now() FROM moved)"
        )
        values |= {"action": action, "who": person}
    if event:
        parts.append(
            "emitted AS (INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)"
            " SELECT 'payout.payout', id::text, version, 0, '{}' FROM moved)"
        )
    return f"WITH {', '.join(parts)} SELECT FROM moved", values


async def step_refused(scenario: Scenario, role: str, step: str, **whole: Any) -> str | None:
    """What stops a `whole_step`."""
    statement, values = whole_step(step, **whole)
    return await refused(scenario, role, statement, **values)


async def move(scenario: Scenario, role: str, payout_id: UUID, to: str, more: str = "") -> str | None:
    """What stops a move of the status by SQL."""
    statement = f"UPDATE payouts SET status = :to, version = version + 1 {more} WHERE id = :id"  # ours
    return await refused(scenario, role, statement, id=payout_id, to=to)
