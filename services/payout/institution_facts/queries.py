"""Whether an institution may be paid."""

from collections.abc import Collection

from sqlalchemy import select

from services.payout.institution_facts.models import InstitutionFact
from shared.persistence import UnitOfWork

PAYABLE = ("listed", "warned")


async def lock_payable(uow: UnitOfWork, credit_codes: Collection[str], *, against: str) -> set[str]:
    """Those of `credit_codes` that stand in the catalogue now, all of them locked against a change of standing.

    Certificates and vouchers are locked before, payouts after. An unknown institution is not payable:
    nothing outside a catalogue is paid (§二(二)6).
    """
    if not against:
        raise ValueError("a lock says which race it stops")
    query = select(InstitutionFact.credit_code, InstitutionFact.status)
    query = query.where(InstitutionFact.credit_code.in_(set(credit_codes))).order_by(InstitutionFact.credit_code)
    rows = await uow.session.execute(query.with_for_update(read=True))
    return {row.credit_code for row in rows if row.status in PAYABLE}
