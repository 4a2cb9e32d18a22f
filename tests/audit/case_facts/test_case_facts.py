"""The read models of the five links: each event a step, whatever is repeated or comes in another order of topics."""

import random
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from services.audit.case_facts.consumers import (
    CANDIDATE_STEPS,
    CERTIFICATE_STEPS,
    ENROLMENT_STEPS,
    FOLLOWED,
    HANDLERS,
    PAYOUT_STEPS,
    VOUCHER_STEPS,
    Step,
)
from services.audit.case_facts.models import FactRow, PayoutFact, VoucherFact
from services.evaluation.candidates.domain import CANDIDATE, CandidateAction, CandidateState
from services.evaluation.certificates.domain import CERTIFICATE
from services.payout.payouts.domain import PAYOUT
from services.training.enrolments.domain import ENROLMENT
from services.voucher.vouchers.domain import VOUCHER
from shared.contracts import EVENT_TYPES, payout, voucher
from shared.contracts.envelope import Event
from shared.kernel.lifecycle import Lifecycle
from shared.messaging.parked import list_parked
from tests.audit.publisher import Life, Publisher, publish
from tests.databases import ServiceDatabase

LIFECYCLES = [
    (VOUCHER, VOUCHER_STEPS),
    (ENROLMENT, ENROLMENT_STEPS),
    (CANDIDATE, CANDIDATE_STEPS),
    (CERTIFICATE, CERTIFICATE_STEPS),
    (PAYOUT, PAYOUT_STEPS),
]

SHOWN_OTHERWISE = {(CandidateState.APPEALED, CandidateAction.SCORE)}
"""Scores corrected under an appeal: shown as scored, until the result is confirmed again."""


@pytest.mark.parametrize(("lifecycle", "steps"), LIFECYCLES, ids=[lifecycle.type for lifecycle, _ in LIFECYCLES])
def test_the_steps_lead_where_the_life_cycle_leads(lifecycle: Lifecycle, steps: Mapping[type[Event], Step]) -> None:
    statuses = {event.name: step.status for event, step in steps.items()}
    for (state, action), edge in lifecycle.edges.items():
        if (state, action) in SHOWN_OTHERWISE:
            continue
        if state != edge.to:
            assert statuses.get(edge.emits) == str(edge.to), f"{state} {action} emits {edge.emits}"
        else:
            assert statuses.get(edge.emits) in (None, str(edge.to)), f"{state} {action} emits {edge.emits}"


@pytest.mark.parametrize(("lifecycle", "steps"), LIFECYCLES, ids=[lifecycle.type for lifecycle, _ in LIFECYCLES])
def test_what_creates_a_thing_creates_its_row(lifecycle: Lifecycle, steps: Mapping[type[Event], Step]) -> None:
    creating = {edge.emits for (state, _), edge in lifecycle.edges.items() if state is None}
    assert {event.name for event, step in steps.items() if step.creates} >= creating


def test_every_event_of_a_followed_aggregate_is_consumed() -> None:
    followed = {event.aggregate_type() for event in HANDLERS}
    assert followed == {lifecycle.type for lifecycle, _ in LIFECYCLES}
    assert {event for event in EVENT_TYPES if event.aggregate_type() in followed} == set(HANDLERS)


async def standings(audit: ServiceDatabase) -> dict[str, dict[str, Any]]:
    """Every row of every read model, by id."""
    found: dict[str, dict[str, Any]] = {}
    async with audit.api.unit_of_work() as uow:
        for model in FOLLOWED:
            for row in await uow.session.scalars(select(model)):
                columns = row.__table__.columns
                found[str(row.id)] = {column.key: getattr(row, column.key) for column in columns}
    return found


async def fact(audit: ServiceDatabase, model: type[FactRow], id: object) -> Any:
    async with audit.api.unit_of_work() as uow:
        return await uow.session.get(model, id)


async def test_a_closed_loop_stands_everywhere_at_its_end(audit: ServiceDatabase, publisher: Publisher) -> None:
    life = Life(publisher).offer().whole()
    await publish(audit, publisher.drain())
    rows = await standings(audit)
    ends = {
        life.voucher_id: "redeemed", life.enrolment_id: "completed", life.candidate_id: "passed",
        life.certificate_id: "valid", life.payout_id: "paid",
    }  # fmt: skip
    assert {thing: row["status"] for thing, row in rows.items()} == {str(thing): end for thing, end in ends.items()}
    held = await fact(audit, VoucherFact, life.voucher_id)
    assert (held.area, held.level, held.certificate_id) == ("410402", 4, life.certificate_id)
    assert None not in (held.offered_at, held.claimed_at, held.bound_at, held.certified_at, held.redeemed_at)


async def test_the_order_of_topics_batches_and_repetitions_does_not_matter(
    audit: ServiceDatabase, publisher: Publisher
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    shuffle = random.Random(seed)
    lives = [Life(publisher).whole() for _ in range(4)]
    records = publisher.drain()
    queues: dict[str, list[Any]] = {}
    for record in records:
        queues.setdefault(f"{record.topic}/{record.partition}", []).append(record)
    while queues:
        place = shuffle.choice(sorted(queues))
        size = shuffle.randint(1, 9)
        batch, queues[place] = queues[place][:size], queues[place][size:]
        await publish(audit, batch + batch[: shuffle.randint(0, len(batch))])
        if not queues[place]:
            del queues[place]
    await publish(audit, shuffle.sample(records, len(records)))
    assert await list_parked(audit.worker) == []
    rows = await standings(audit)
    assert len(rows) == 5 * len(lives)
    for life in lives:
        assert rows[str(life.voucher_id)]["status"] == "redeemed"
        assert rows[str(life.payout_id)]["version"] == 9


async def test_holds_are_counted_and_change_no_status(audit: ServiceDatabase, publisher: Publisher) -> None:
    life = Life(publisher).claim()
    for event in (voucher.VoucherHeldV1, voucher.VoucherHeldV1, voucher.VoucherHoldLiftedV1):
        publisher.add(event, life.voucher_id)
    await publish(audit, publisher.drain())
    held = await fact(audit, VoucherFact, life.voucher_id)
    assert (held.status, held.open_holds, held.version) == ("claimed", 1, 4)


async def test_an_unbound_voucher_forgets_its_class(audit: ServiceDatabase, publisher: Publisher) -> None:
    life = Life(publisher).claim().enrol()
    publisher.add(voucher.VoucherUnboundV1, life.voucher_id, reason_code="class_cancelled")
    await publish(audit, publisher.drain())
    free = await fact(audit, VoucherFact, life.voucher_id)
    assert (free.status, free.code, free.enrolment_id, free.institution) == ("claimed", "class_cancelled", None, None)
    assert free.bound_at is not None


async def test_a_payout_may_be_rejected_at_once(audit: ServiceDatabase, publisher: Publisher) -> None:
    life = Life(publisher).claim()
    publisher.add(
        payout.PayoutRejectedV1, life.payout_id, voucher_id=str(life.voucher_id), code="already_paid", amount_fen=0
    )
    await publish(audit, publisher.drain())
    refused = await fact(audit, PayoutFact, life.payout_id)
    assert (refused.status, refused.code, refused.opened_at) == ("rejected", "already_paid", None)


async def test_a_refused_certificate_is_remembered_until_another_fits(
    audit: ServiceDatabase, publisher: Publisher
) -> None:
    life = Life(publisher).claim().enrol().complete()
    publisher.add(voucher.VoucherCertifyRefusedV1, life.voucher_id, code="level_differs")
    await publish(audit, publisher.drain())
    assert (await fact(audit, VoucherFact, life.voucher_id)).certify_refusal == "level_differs"
    life.certify()
    await publish(audit, publisher.drain())
    assert (await fact(audit, VoucherFact, life.voucher_id)).certify_refusal is None


async def test_a_read_model_that_lost_a_row_parks_what_comes_and_loses_nothing(
    audit: ServiceDatabase, publisher: Publisher
) -> None:
    life = Life(publisher).claim()
    await publish(audit, publisher.drain())
    async with audit.owner.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM voucher_facts")
    publisher.add(voucher.VoucherExpiredV1, life.voucher_id)
    await publish(audit, publisher.drain())
    assert [(event.version, event.code) for event in await list_parked(audit.worker)] == [(2, "fact_out_of_step")]
