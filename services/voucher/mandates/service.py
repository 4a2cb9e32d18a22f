"""Giving a mandate: the worker's own act, in his own session."""

from services.voucher.mandates.domain import MandateFacts
from services.voucher.mandates.models import Mandate
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.security import PaymentMandate


def give_mandate(uow: UnitOfWork, facts: MandateFacts, account: str) -> PaymentMandate:
    """Keep what the holder says by `account`; the answer travels signed in the presence code."""
    mandate = Mandate(
        id=uuid7(),
        voucher_id=facts.voucher_id,
        person_id=facts.person_id,
        institution=facts.institution,
        payee_id=facts.payee_id,
        account=account,
        given_at=uow.now,
    )
    uow.session.add(mandate)
    return PaymentMandate(id=mandate.id, payee_id=mandate.payee_id)
