"""What the routes of cancellations take."""

from shared.contracts.fields import Code
from shared.http import Body


class CancelBody(Body):
    """Why the voucher is to be cancelled."""

    reason_code: Code
