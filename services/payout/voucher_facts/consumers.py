"""Keeps what the voucher service says of vouchers; this room is written here and nowhere else."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.payout.voucher_facts.domain import VoucherFactsContradict
from services.payout.voucher_facts.models import VoucherFact, VoucherHold
from services.payout.voucher_facts.queries import lock_facts
from shared.contracts.voucher import (
    VoucherBoundV1,
    VoucherCancelledV1,
    VoucherCertifiedV1,
    VoucherClaimedV1,
    VoucherHeldV1,
    VoucherHoldLiftedV1,
    VoucherJudgedV1,
    VoucherLapsedV1,
    VoucherUnboundV1,
    VoucherUncertifiedV1,
)
from shared.messaging import Handlers
from shared.persistence import UnitOfWork

CLAIMED = ("version", "person_id", "batch_id", "programme", "fund_source", "area", "skill_code", "level",
           "occasion", "rules_version", "eligibility_decided_on")  # fmt: skip
BOUND = ("enrolment_id", "class_id", "class_area", "institution", "payee_kind", "payee_id", "mandate_id")
RENEWED = ("version", "rules_version", "eligibility_decided_on")
"""What a later event says anew."""
CERTIFIED = ("certificate_id", "eligibility", "masked_name")
JUDGED = ("eligibility", "eligibility_decided_on")


async def on_voucher_claimed(uow: UnitOfWork, events: Sequence[VoucherClaimedV1]) -> None:
    """A voucher is somebody's from now on."""
    await _keep(uow, [{"voucher_id": event.id, **_fields(event, CLAIMED)} for event in events])


async def on_voucher_certified(uow: UnitOfWork, events: Sequence[VoucherCertifiedV1]) -> None:
    """The event carries all of claimed and bound; `VoucherFactsContradict` if it says something else than they did."""
    known = await lock_facts(uow, [event.id for event in events], against="a voucher bound anew while it is certified")
    for event in events:
        if event.id in known:
            _check_agrees(known[event.id], event)
    fields = (*CLAIMED, *BOUND, *CERTIFIED)
    await _keep(uow, [{"voucher_id": event.id, **_fields(event, fields)} for event in events])


def _check_agrees(known: VoucherFact, event: VoucherCertifiedV1) -> None:
    """What never changes after claiming and binding is what it was; the verdict on eligibility is a fresh one."""
    fixed = [name for name in (*CLAIMED, *BOUND) if name not in RENEWED]
    differing = [name for name in fixed if getattr(known, name) != getattr(event, name)]
    if differing:
        raise VoucherFactsContradict(voucher_id=event.id, fields=", ".join(differing))


async def on_voucher_bound(uow: UnitOfWork, events: Sequence[VoucherBoundV1]) -> None:
    """The voucher is in use at an institution."""
    for event in events:
        await _change(uow, event, _fields(event, BOUND))


async def on_voucher_unbound(uow: UnitOfWork, events: Sequence[VoucherUnboundV1]) -> None:
    """The voucher is back with its holder."""
    for event in events:
        await _change(uow, event, dict.fromkeys(BOUND))


async def on_voucher_cancelled(uow: UnitOfWork, events: Sequence[VoucherCancelledV1]) -> None:
    """Nothing is opened for the voucher any more."""
    for event in events:
        await _change(uow, event, {"cancelled": True})


async def on_voucher_uncertified(uow: UnitOfWork, events: Sequence[VoucherUncertifiedV1]) -> None:
    """Its certificate was revoked before the payment: another one may make it payable (R3)."""
    for event in events:
        await _change(uow, event, dict.fromkeys(CERTIFIED))


async def on_voucher_judged(uow: UnitOfWork, events: Sequence[VoucherJudgedV1]) -> None:
    """A register answered: the verdict on the holder is another one."""
    for event in events:
        await _change(uow, event, _fields(event, JUDGED))


async def on_voucher_lapsed(uow: UnitOfWork, events: Sequence[VoucherLapsedV1]) -> None:
    """Nothing is opened for the voucher any more (R2)."""
    for event in events:
        await _change(uow, event, {"lapsed": True})


async def on_voucher_held(uow: UnitOfWork, events: Sequence[VoucherHeldV1]) -> None:
    """A hold stands on the voucher, and on any payout that opens for it."""
    await _keep_holds(uow, events, lifted=False)


async def on_voucher_hold_lifted(uow: UnitOfWork, events: Sequence[VoucherHoldLiftedV1]) -> None:
    """The hold is lifted."""
    await _keep_holds(uow, events, lifted=True)


async def _keep(uow: UnitOfWork, rows: list[dict[str, Any]]) -> None:
    rows.sort(key=lambda row: row["voucher_id"])
    statement = insert(VoucherFact)
    known = {name: statement.excluded[name] for name in rows[0] if name != "voucher_id"}
    await uow.session.execute(
        statement.on_conflict_do_update(index_elements=[VoucherFact.voucher_id], set_=known), rows
    )


async def _change(uow: UnitOfWork, event: Any, values: dict[str, Any]) -> None:
    changed = update(VoucherFact).where(VoucherFact.voucher_id == event.id).values(version=event.version, **values)
    await uow.session.execute(changed, execution_options={"synchronize_session": False})


async def _keep_holds(uow: UnitOfWork, events: Sequence[VoucherHeldV1 | VoucherHoldLiftedV1], *, lifted: bool) -> None:
    for event in events:
        await _change(uow, event, {})  # locks the voucher, so that a payout that opens now is seen or sees the hold
    statement = insert(VoucherHold)
    lifting = {name: statement.excluded[name] for name in ("lifted", "lifted_at")}
    await uow.session.execute(
        statement.on_conflict_do_update(index_elements=[VoucherHold.hold_id], set_=lifting),
        [
            {
                "hold_id": event.hold_id,
                "voucher_id": event.id,
                "reason_code": event.reason_code,
                "lifted": lifted,
                "held_at": event.business_at,
                "lifted_at": event.business_at if lifted else None,
            }
            for event in events
        ],
    )


def _fields(event: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(event, name) for name in names}


HANDLERS: Handlers = {
    VoucherClaimedV1: on_voucher_claimed,
    VoucherBoundV1: on_voucher_bound,
    VoucherUnboundV1: on_voucher_unbound,
    VoucherCertifiedV1: on_voucher_certified,
    VoucherUncertifiedV1: on_voucher_uncertified,
    VoucherJudgedV1: on_voucher_judged,
    VoucherLapsedV1: on_voucher_lapsed,
    VoucherCancelledV1: on_voucher_cancelled,
    VoucherHeldV1: on_voucher_held,
    VoucherHoldLiftedV1: on_voucher_hold_lifted,
}
