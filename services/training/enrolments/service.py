"""Requesting, registering, withdrawing and ending enrolments, and the seats that they take."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.training.enrolments import queries
from services.training.enrolments.domain import (
    ClassFull,
    EnrolmentAction,
    EnrolmentOverlaps,
    EnrolmentState,
    PresenceCodeUsed,
    VoucherAlreadyPresented,
)
from services.training.enrolments.models import ClassSeats, Enrolment
from shared.persistence import Busy, UnitOfWork, map_constraint
from shared.security import Principal

map_constraint("uq_enrolments_jti", PresenceCodeUsed)
map_constraint("uq_enrolments_voucher_id", VoucherAlreadyPresented)
map_constraint("ex_enrolments_person_days", EnrolmentOverlaps)
map_constraint("ck_class_seats_taken", ClassFull)

BOUND_LATE = "an answer of voucher and a withdrawal of one enrolment"


@dataclass(frozen=True, slots=True)
class Completion:
    """What a completed training comes to."""

    trainer_ids: tuple[UUID, ...]
    class_hours: int
    completed_on: date


def provide_seats(uow: UnitOfWork, class_id: UUID, seats: int) -> None:
    """An approved class has so many seats, none taken."""
    uow.session.add(ClassSeats(class_id=class_id, seats=seats, taken=0))


async def request_enrolments(
    uow: UnitOfWork, seats: ClassSeats, rows: Sequence[Mapping[str, Any]]
) -> dict[UUID, Enrolment]:
    """Give locked seats to vouchers presented; answers, by presence code, those that no other request overtook."""
    created = await uow.create_all(Enrolment, EnrolmentAction.REQUEST, rows, skip_conflicts=True)
    seats.taken += len(created)
    return {row.jti: row for row in created}


async def register_enrolments(uow: UnitOfWork, vouchers: Mapping[UUID, UUID]) -> None:
    """Voucher bound: the enrolment (by id, with its voucher) is registered, unless it was withdrawn meanwhile."""
    rows = await queries.lock_enrolments(uow, vouchers, against=BOUND_LATE)
    ids = [
        row.id for row in rows.values() if row.voucher_id == vouchers[row.id] and row.status == EnrolmentState.REQUESTED
    ]
    await uow.move_all(Enrolment, EnrolmentAction.REGISTER, ids)


async def refuse_enrolments(uow: UnitOfWork, codes: Mapping[UUID, str]) -> None:
    """Voucher refused to bind: the enrolment (by id, with the code) is refused and its seat is free again."""
    rows = await queries.lock_with_seats(uow, codes, against=BOUND_LATE)
    each = {row.id: {"reason_code": codes[row.id]} for row in rows.values() if row.status == EnrolmentState.REQUESTED}
    moves = await uow.move_all(Enrolment, EnrolmentAction.REFUSE, each, each=each)
    await _free_seats(uow, moves.rows)


async def withdraw_enrolments(
    uow: UnitOfWork, reasons: Mapping[UUID, str], *, action: EnrolmentAction = EnrolmentAction.WITHDRAW
) -> list[Enrolment]:
    """Withdraw enrolments (by id, with the reason's code) that may be, free their seats, and have voucher unbind.

    `WITHDRAW` is possible until a session counted (DOMAIN §3, unbind); `UNSEAT` later too. Answers those that were
    withdrawn.
    """
    await queries.lock_with_seats(uow, reasons, against="a session that counts while its enrolment is withdrawn")
    each = {enrolment_id: {"reason_code": reason} for enrolment_id, reason in reasons.items()}
    moves = await uow.move_all(Enrolment, action, reasons, each=each)
    await _free_seats(uow, moves.rows)
    return moves.rows


async def _free_seats(uow: UnitOfWork, rows: Sequence[Enrolment]) -> None:
    freed = Counter(row.class_id for row in rows)
    for class_id, seats in (await queries.lock_seats(uow, list(freed))).items():
        seats.taken -= freed[class_id]


async def begin_attending(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """A first session counted for these enrolments; those that attend already stay as they are."""
    rows = await queries.lock_enrolments(uow, ids, against="a withdrawal while the first session counts")
    registered = [row.id for row in rows.values() if row.status == EnrolmentState.REGISTERED]
    await uow.move_all(Enrolment, EnrolmentAction.ATTEND, registered)


async def withdraw_enrolment(uow: UnitOfWork, enrolment_id: UUID, reason_code: str, caller: Principal) -> Enrolment:
    """Withdraw an enrolment of the caller's scope; `WrongState` once a session has counted."""
    row = await queries.see_enrolment(uow, enrolment_id, caller)
    if not await withdraw_enrolments(uow, {enrolment_id: reason_code}):
        row.lifecycle.decide(row.status, EnrolmentAction.WITHDRAW)
        raise Busy
    return row


async def expel_person(uow: UnitOfWork, enrolment_id: UUID, caller: Principal) -> Enrolment:
    """Exclude a person from the class; the seat stays taken."""
    await queries.see_enrolment(uow, enrolment_id, caller)
    row = (await queries.lock_enrolments(uow, [enrolment_id], against=BOUND_LATE))[enrolment_id]
    uow.move(row, EnrolmentAction.EXPEL)
    return row


async def end_enrolments(
    uow: UnitOfWork, endings: Mapping[UUID, EnrolmentAction], completions: Mapping[UUID, Completion]
) -> dict[UUID, Enrolment]:
    """Let locked enrolments end as was decided: completed, or failed by attendance or test (D4, D17)."""
    ended: dict[UUID, Enrolment] = {}
    for action in (EnrolmentAction.FAIL_ATTENDANCE, EnrolmentAction.FAIL_TEST):
        ids = [enrolment_id for enrolment_id, ending in endings.items() if ending is action]
        ended |= {row.id: row for row in await uow.move_all(Enrolment, action, ids)}
    completed = await uow.move_all(
        Enrolment, EnrolmentAction.COMPLETE, completions, details=lambda row: asdict(completions[row.id])
    )
    return ended | {row.id: row for row in completed}
