"""Reading the five links, by person and by voucher."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from services.audit.case_facts.domain import Standing
from services.audit.case_facts.models import (
    CandidateFact,
    CertificateFact,
    EnrolmentFact,
    FactRow,
    PayoutFact,
    VoucherFact,
)
from shared.persistence import UnitOfWork

FactT = TypeVar("FactT", VoucherFact, EnrolmentFact, CandidateFact, CertificateFact, PayoutFact)
LinkT = TypeVar("LinkT", EnrolmentFact, CandidateFact, CertificateFact, PayoutFact)

MOST_OF_EACH = 200
"""Nobody has more of a kind; the latest are given if somebody has."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of some cases, each list in the order in which the things came into being."""

    vouchers: list[VoucherFact]
    enrolments: list[EnrolmentFact]
    candidates: list[CandidateFact]
    certificates: list[CertificateFact]
    payouts: list[PayoutFact]


async def of_person(uow: UnitOfWork, records: Iterable[UUID]) -> CaseFacts:
    """Everything of a person, under all records of that person."""
    ids = list(records)

    async def latest(model: type[FactT]) -> list[FactT]:
        statement = select(model).where(model.person_id.in_(ids)).order_by(model.id.desc()).limit(MOST_OF_EACH)
        return list(await uow.session.scalars(statement))[::-1]

    return CaseFacts(
        await latest(VoucherFact),
        await latest(EnrolmentFact),
        await latest(CandidateFact),
        await latest(CertificateFact),
        await latest(PayoutFact),
    )


async def of_voucher(uow: UnitOfWork, voucher_id: UUID) -> CaseFacts:
    """Everything of one case; without a voucher if audit has received none."""

    async def linked(model: type[LinkT]) -> list[LinkT]:
        statement = select(model).where(model.voucher_id == voucher_id).order_by(model.id).limit(MOST_OF_EACH)
        return list(await uow.session.scalars(statement))

    voucher = await uow.session.get(VoucherFact, voucher_id)
    return CaseFacts(
        [] if voucher is None else [voucher],
        await linked(EnrolmentFact),
        await linked(CandidateFact),
        await linked(CertificateFact),
        await linked(PayoutFact),
    )


def standings(rows: Iterable[FactRow]) -> list[Standing]:
    """Where each of the rows stands."""
    return [Standing(str(row.id), row.status, row.code, row.changed_at) for row in rows]


def aggregates(facts: CaseFacts) -> list[tuple[str, str]]:
    """The aggregates (type, id) of these facts, as the log names them."""
    kinds: list[tuple[str, list[FactRow]]] = [
        ("voucher.voucher", [*facts.vouchers]),
        ("training.enrolment", [*facts.enrolments]),
        ("evaluation.candidate", [*facts.candidates]),
        ("evaluation.certificate", [*facts.certificates]),
        ("payout.payout", [*facts.payouts]),
    ]
    return [(kind, str(row.id)) for kind, rows in kinds for row in rows]
