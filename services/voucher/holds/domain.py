"""The refusals of this room."""

from shared.kernel.errors import NotFound


class HoldUnknown(NotFound):
    """The voucher has no such open hold."""

    code = "hold_unknown"
    zh, en = "未找到该冻结", "There is no such hold."
