"""How institutions stand in the catalogue."""

from collections.abc import Collection

from sqlalchemy import select

from services.payout.institution_facts.models import InstitutionFact
from shared.persistence import UnitOfWork

REMOVED = "removed"
"""The standing of an institution that has left the catalogue for good."""


async def lock_standings(uow: UnitOfWork, credit_codes: Collection[str], *, against: str) -> dict[str, str]:
    """The standing of those of `credit_codes` that are known, all of them locked against a change of it.

    Certificates and vouchers are locked before, payouts after.
    """
    if not against:
        raise ValueError("a lock says which race it stops")
    query = select(InstitutionFact.credit_code, InstitutionFact.status)
    query = query.where(InstitutionFact.credit_code.in_(set(credit_codes))).order_by(InstitutionFact.credit_code)
    rows = await uow.session.execute(query.with_for_update(read=True))
    return {row.credit_code: row.status for row in rows}
