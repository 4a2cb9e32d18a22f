"""Following one voucher through the five links."""

from dataclasses import dataclass
from uuid import UUID

from services.audit.case_facts import queries as case_queries
from services.audit.case_facts.queries import CaseFacts, standings
from services.audit.dossiers.service import record_reading
from services.audit.log.service import ReadEntry, read_aggregates
from services.audit.trails import domain
from services.audit.trails.domain import Case, Trail
from shared.kernel.errors import VoucherNotFound
from shared.persistence import UnitOfWork
from shared.persons import person_behind
from shared.security import Principal

MOST_ENTRIES = 500
"""Of one case; an uneventful loop has fewer than thirty."""


@dataclass(frozen=True, slots=True)
class FollowedVoucher:
    """A voucher's case, its trail, and its events as the log holds them."""

    facts: CaseFacts
    trail: Trail
    entries: list[ReadEntry]


def _case(facts: CaseFacts) -> Case:
    (voucher,) = facts.vouchers
    return Case(
        voucher=standings([voucher])[0],
        claimed_at=voucher.claimed_at,
        certified_at=voucher.certified_at,
        certify_refusal=voucher.certify_refusal,
        enrolments=standings(facts.enrolments),
        candidates=standings(facts.candidates),
        certificates=standings(facts.certificates),
        payouts=standings(facts.payouts),
    )


async def follow_voucher(uow: UnitOfWork, caller: Principal, voucher_id: UUID) -> FollowedVoucher:
    """Where a voucher's case stands and where it broke (§二(二)7), and every event of it.

    A look at a case is a look into its holder's dossier, and is recorded as one. `VoucherNotFound` if there is no
    such voucher or the caller may not know of it.
    """
    facts = await case_queries.of_voucher(uow, voucher_id)
    if not facts.vouchers:
        raise VoucherNotFound
    voucher = facts.vouchers[0]
    person = await person_behind(uow, voucher.person_id)
    records = person.records if person else {voucher.person_id}
    areas = {voucher.area, voucher.class_area, person.area if person else None}
    if not domain.may_follow(caller, records, areas, {row.institution for row in facts.enrolments}):
        raise VoucherNotFound
    record_reading(uow, voucher.person_id, caller.account)
    entries = await read_aggregates(uow, case_queries.aggregates(facts), limit=MOST_ENTRIES)
    return FollowedVoucher(facts, domain.follow(_case(facts)), entries)
