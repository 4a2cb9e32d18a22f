"""Enrolling, registering, withdrawing: what the institution, the voucher service and the clock do to enrolments."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.training.classes.queries import enrolment_facts, lock_class
from services.training.enrolments import queries
from services.training.enrolments.domain import (
    ClassFacts,
    ClassFull,
    EnrolmentAction,
    EnrolmentOverlaps,
    EnrolmentState,
    Mandate,
    Occupied,
    Payee,
    PresenceCodeUsed,
    Presented,
    VoucherPresented,
    check_enrolling,
    check_presented,
    payee_of,
    why_not_inserted,
)
from services.training.enrolments.models import ClassSeats, Enrolment
from services.training.institutions.domain import check_listed
from services.training.institutions.queries import share_institution
from services.training.person_facts.queries import same_people
from shared.kernel.credit_code import canonical_credit_code
from shared.kernel.errors import DomainError
from shared.persistence import Busy, UnitOfWork, map_constraint
from shared.security import KeySet, Principal, read_presence_code

map_constraint("uq_enrolments_jti", PresenceCodeUsed)
map_constraint("uq_enrolments_voucher_id", VoucherPresented)
map_constraint("ex_enrolments_person_days", EnrolmentOverlaps)
map_constraint("ck_class_seats_taken", ClassFull)

BOUND_LATE = "an answer of voucher and a withdrawal of one enrolment"


@dataclass(frozen=True, slots=True)
class Completion:
    """What a completed training is told with."""

    trainer_ids: tuple[UUID, ...]
    class_hours: int
    completed_on: date


@dataclass(frozen=True, slots=True)
class VoucherShown:
    """What the institution posts for one holder: the text of the code, and what it knows besides."""

    presence_code: str
    employer: str | None
    school: str | None

    def presented(self, keys: KeySet, at: datetime) -> Presented:
        """What the code says; `PresenceCodeInvalid` or `PresenceCodeExpired` at `at`, the database's own time."""
        code = read_presence_code(self.presence_code, keys, at=at)
        return Presented(
            voucher_id=code.voucher_id,
            person_id=code.person_id,
            skill_code=code.skill_code,
            level=code.level,
            institution=code.institution,
            jti=code.jti,
            employer=canonical_credit_code(self.employer) if self.employer else None,
            school=canonical_credit_code(self.school) if self.school else None,
            mandate=Mandate(code.mandate.id, code.mandate.payee_id) if code.mandate else None,
        )


def provide_seats(uow: UnitOfWork, class_id: UUID, seats: int) -> None:
    """An approved class has so many seats, none taken."""
    uow.session.add(ClassSeats(class_id=class_id, seats=seats, taken=0))


async def enrol(
    uow: UnitOfWork, class_id: UUID, shown: Sequence[VoucherShown], keys: KeySet, caller: Principal
) -> list[Enrolment | DomainError]:
    """Register vouchers presented in person for a class (§二(二)7; DOMAIN §3, bind); voucher binds or refuses.

    For all: the institution is listed for the class's skill and level today, and the class is approved and has not
    begun. Item by item: the code is genuine, of this minute and for this institution, skill and level, and was never
    used; the person is in no other class on these dates; a seat is free, where requested enrolments count.
    """
    found = enrolment_facts(await lock_class(uow, class_id, caller))
    found = replace(found, trainer_ids=frozenset(await same_people(uow, found.trainer_ids)))
    institution = await share_institution(uow, found.institution)
    check_listed(institution, found.skill_code, found.level, uow.today, uow.today)
    check_enrolling(found, uow.now)
    read = [_read(one, keys, uow.recorded_at) for one in shown]
    presented = [one for one in read if isinstance(one, Presented)]
    answers = iter(await _request(uow, found, presented))
    return [next(answers) if isinstance(one, Presented) else one for one in read]


def _read(shown: VoucherShown, keys: KeySet, at: datetime) -> Presented | DomainError:
    try:
        return shown.presented(keys, at)
    except DomainError as refusal:
        return refusal


async def _request(uow: UnitOfWork, found: ClassFacts, presented: Sequence[Presented]) -> list[Enrolment | DomainError]:
    """Give seats to presented vouchers as far as they go; the class is locked, its institution shared."""
    seats = (await queries.lock_seats(uow, [found.id]))[found.id]
    occupied = await _occupied(uow, found, presented, seats)
    decided = [(one, _decide(found, one, occupied)) for one in presented]
    accepted = [(one, payee) for one, payee in decided if isinstance(payee, Payee)]
    rows = [_row(found, one, payee, uow) for one, payee in accepted]
    created = await uow.create_all(Enrolment, EnrolmentAction.REQUEST, rows, skip_conflicts=True)
    seats.taken += len(created)
    by_code = {row.jti: row for row in created}
    lost = await _why_lost(uow, found, [one for one, _ in accepted if one.jti not in by_code])
    return [
        verdict if isinstance(verdict, DomainError) else by_code.get(one.jti) or lost[one.jti]
        for one, verdict in decided
    ]


async def _occupied(uow: UnitOfWork, found: ClassFacts, presented: Sequence[Presented], seats: ClassSeats) -> Occupied:
    """What is taken already."""
    records = await same_people(uow, [one.person_id for one in presented])
    enrolled = await queries.enrolled_people(uow, records, found.starts_on, found.ends_on)
    return Occupied(
        free_seats=seats.seats - seats.taken,
        codes=await queries.used_codes(uow, presented),
        vouchers=await queries.used_vouchers(uow, presented),
        people={records[record] for record in enrolled},
        records=records,
    )


def _decide(found: ClassFacts, presented: Presented, occupied: Occupied) -> Payee | DomainError:
    try:
        check_presented(found, presented)
        payee = payee_of(found, presented)
        occupied.take(presented)
    except DomainError as refusal:
        return refusal
    return payee


def _row(found: ClassFacts, presented: Presented, payee: Payee, uow: UnitOfWork) -> dict[str, Any]:
    employer = presented.employer or (found.payee_id if found.payee_kind == "enterprise" else None)
    return {
        "voucher_id": presented.voucher_id,
        "person_id": presented.person_id,
        "class_id": found.id,
        "institution": found.institution,
        "class_area": found.area,
        "channel": found.channel,
        "payee_kind": payee.kind,
        "payee_id": payee.id,
        "mandate_id": payee.mandate_id,
        "skill_code": found.skill_code,
        "level": found.level,
        "act": found.act,
        "starts_on": found.starts_on,
        "ends_on": found.ends_on,
        "employer": employer,
        "school": presented.school,
        "jti": presented.jti,
        "presented_at": uow.now,
    }


async def _why_lost(uow: UnitOfWork, found: ClassFacts, lost: Sequence[Presented]) -> dict[UUID, DomainError]:
    """Why rows that were accepted are not there: another request took the code, the voucher or the person first."""
    if not lost:
        return {}
    codes, vouchers = await queries.used_codes(uow, lost), await queries.used_vouchers(uow, lost)
    people = await queries.enrolled_people(uow, [one.person_id for one in lost], found.starts_on, found.ends_on)
    return {one.jti: why_not_inserted(one, codes, vouchers, people) or Busy() for one in lost}


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


async def withdraw_one(uow: UnitOfWork, enrolment_id: UUID, reason_code: str, caller: Principal) -> Enrolment:
    """Withdraw an enrolment of the caller's scope; `TransitionRefused` once a session has counted."""
    row = await queries.read_enrolment(uow, enrolment_id, caller)
    if not await withdraw_enrolments(uow, {enrolment_id: reason_code}):
        row.lifecycle.decide(row.status, EnrolmentAction.WITHDRAW)
        raise Busy
    return row


async def expel_one(uow: UnitOfWork, enrolment_id: UUID, caller: Principal) -> Enrolment:
    """Exclude a person from the class; the seat stays taken, for the class has begun or is full of names."""
    await queries.read_enrolment(uow, enrolment_id, caller)
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
