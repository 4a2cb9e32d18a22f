"""Presenting vouchers at a class: the institution registers and verifies (登记验证), voucher binds or refuses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.training.classes.queries import ClassRow, lock_class
from services.training.enrolments.queries import EnrolmentRow, SeatsRow, already_taken, lock_seats
from services.training.enrolments.service import request_enrolments
from services.training.institutions.domain import check_listed
from services.training.institutions.queries import share_institution
from services.training.presentations.domain import (
    ClassFacts,
    Occupied,
    Payee,
    Presented,
    check_enrolling,
    check_presented,
    payee_of,
    why_not_inserted,
)
from shared.kernel.errors import DomainError
from shared.persistence import Busy, UnitOfWork
from shared.persons import keep_merges_out, records_of
from shared.security import Principal


async def enrol_holders(
    uow: UnitOfWork, class_id: UUID, presented: Sequence[Presented], caller: Principal
) -> list[EnrolmentRow | DomainError]:
    """Register vouchers presented in person for a class (§二(二)7; DOMAIN §3, bind); voucher binds or refuses.

    For all: the institution is listed for the class's skill and level today, and the class is approved and has not
    begun. Row by row: the code is for this institution, skill and level, and was never used; the person is in no other
    class on these dates; a seat is free, where requested enrolments count.
    """
    training_class = await lock_class(uow, class_id, caller)
    await keep_merges_out(uow)
    facts = _facts(training_class, frozenset(await records_of(uow, training_class.trainer_ids)))
    institution = await share_institution(uow, facts.institution)
    check_listed(institution, facts.skill_code, facts.level, uow.today, uow.today)
    check_enrolling(facts, uow.now)
    seats = (await lock_seats(uow, [facts.id]))[facts.id]
    occupied = await _occupied(uow, facts, presented, seats)
    decided = [(row, _decide(facts, row, occupied)) for row in presented]
    accepted = [(row, payee) for row, payee in decided if isinstance(payee, Payee)]
    enrolled = await request_enrolments(uow, seats, [_columns(facts, row, payee, uow.now) for row, payee in accepted])
    lost = await _why_lost(uow, facts, [row for row, _ in accepted if row.jti not in enrolled])
    return [
        verdict if isinstance(verdict, DomainError) else enrolled.get(row.jti) or lost[row.jti]
        for row, verdict in decided
    ]


async def _occupied(uow: UnitOfWork, facts: ClassFacts, presented: Sequence[Presented], seats: SeatsRow) -> Occupied:
    """What is taken already."""
    records = await records_of(uow, [row.person_id for row in presented])
    taken = await already_taken(
        uow,
        codes=[row.jti for row in presented],
        vouchers=[row.voucher_id for row in presented],
        people=records,
        first=facts.starts_on,
        last=facts.ends_on,
    )
    people = {records[record] for record in taken.people}
    return Occupied(seats.free, codes=taken.codes, vouchers=taken.vouchers, people=people, records=records)


def _decide(facts: ClassFacts, presented: Presented, occupied: Occupied) -> Payee | DomainError:
    try:
        check_presented(facts, presented)
        payee = payee_of(facts, presented)
        occupied.take(presented)
    except DomainError as refusal:
        return refusal
    return payee


def _facts(row: ClassRow, trainer_ids: frozenset[UUID]) -> ClassFacts:
    """What an enrolment takes from its class; the trainers by each of their records."""
    return ClassFacts(
        id=row.id,
        status=row.status,
        institution=row.institution,
        area=row.area,
        channel=row.channel,
        skill_code=row.skill_code,
        level=row.level,
        act=row.act,
        payee_kind=row.payee_kind,
        payee_id=row.payee_id,
        trainer_ids=trainer_ids,
        starts_at=row.starts_at,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _columns(facts: ClassFacts, presented: Presented, payee: Payee, now: datetime) -> dict[str, Any]:
    employer = presented.employer or (facts.payee_id if facts.payee_kind == "enterprise" else None)
    return {
        "voucher_id": presented.voucher_id,
        "person_id": presented.person_id,
        "class_id": facts.id,
        "institution": facts.institution,
        "class_area": facts.area,
        "channel": facts.channel,
        "payee_kind": payee.kind,
        "payee_id": payee.id,
        "mandate_id": payee.mandate_id,
        "skill_code": facts.skill_code,
        "level": facts.level,
        "act": facts.act,
        "starts_on": facts.starts_on,
        "ends_on": facts.ends_on,
        "employer": employer,
        "school": presented.school,
        "jti": presented.jti,
        "presented_at": now,
    }


async def _why_lost(uow: UnitOfWork, facts: ClassFacts, lost: Sequence[Presented]) -> dict[UUID, DomainError]:
    """Why rows that were accepted are not there: another request took the code, the voucher or the person first."""
    if not lost:
        return {}
    taken = await already_taken(
        uow,
        codes=[row.jti for row in lost],
        vouchers=[row.voucher_id for row in lost],
        people=[row.person_id for row in lost],
        first=facts.starts_on,
        last=facts.ends_on,
    )
    return {row.jti: why_not_inserted(row, taken.codes, taken.vouchers, taken.people) or Busy() for row in lost}
