"""What the routes of cancellations take and show."""

from uuid import UUID

from shared.contracts.fields import Code
from shared.http import Body, View


class CancelBody(Body):
    """Why the voucher is to be cancelled."""

    reason_code: Code


class CancellationView(View):
    """Where the voucher stands: unchanged while the cancellation is only proposed."""

    id: UUID
    status: str
    version: int
    cancel_reason_code: str
