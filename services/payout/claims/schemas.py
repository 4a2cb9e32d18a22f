"""What an institution claims."""

from uuid import UUID

from shared.http import Body


class ClaimPayoutRequest(Body):
    """The voucher to be paid. Nothing else is asked: certificate, amount and payee are known."""

    voucher_id: UUID
