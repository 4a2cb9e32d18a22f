"""The worker's mandate to pay an organisation in his place (委托代领, D5)."""

from dataclasses import dataclass
from uuid import UUID

from shared.kernel.errors import Conflict


class PayeeNotMandated(Conflict):
    """Somebody else is to be paid than the worker, or whom he gave his mandate."""

    code = "payee_not_mandated"
    policy = "D5"
    zh, en = "收款方与劳动者的委托不符", "The payee is neither the worker nor whom he gave his mandate."


@dataclass(frozen=True, slots=True)
class MandateFacts:
    """Who mandated whom: for this voucher, when it is presented at this institution, `payee_id` is paid."""

    voucher_id: UUID
    person_id: UUID
    institution: str
    payee_id: str


@dataclass(frozen=True, slots=True)
class Payment:
    """Who is to be paid for a voucher that is presented at an institution."""

    voucher_id: UUID
    person_id: UUID
    institution: str
    payee_kind: str
    payee_id: str
    mandate_id: UUID | None


def check_payee(payment: Payment, mandate: MandateFacts | None) -> None:
    """`PayeeNotMandated` unless the worker is paid himself, or the organisation that his own mandate names.

    `mandate` is what this service keeps under the payment's `mandate_id`.
    """
    if payment.payee_kind == "worker":
        fits = payment.payee_id == str(payment.person_id) and payment.mandate_id is None
    else:
        fits = mandate == MandateFacts(payment.voucher_id, payment.person_id, payment.institution, payment.payee_id)
    if not fits:
        raise PayeeNotMandated
