"""Refusals: every way in which the system says no, each with a code that never changes its meaning.

A refusal is a fact named beside the rule that raises it (`QuotaExhausted`, `CertificateMissing`). The same class says
the HTTP layer which status to answer and a consumer whether to retry, refuse or park.
"""

from typing import ClassVar


class DomainError(Exception):
    """A refusal with a stable code.

    `facts` fill the placeholders of `zh` and `en`. They are shown to callers and written to logs, so they never hold
    personal data (DOMAIN §4, 14): ids, codes, counts and dates only.
    """

    code: ClassVar[str]
    """snake_case, unique, never reused. Only a class that states one fact has one: the families below have none."""
    status: ClassVar[int] = 409
    """The HTTP status that it is answered with."""
    transient: ClassVar[bool] = False
    """Whether the same request may succeed when it is simply repeated."""
    policy: ClassVar[str | None] = None
    """The rule that refuses: the policy's paragraph (`§二(二)7`) or a decision of DOMAIN (`D25`)."""
    zh: ClassVar[str]
    en: ClassVar[str]

    registry: ClassVar[dict[str, type["DomainError"]]] = {}

    def __init_subclass__(cls) -> None:
        """Register the code; two classes with one code are a mistake of ours and fail at import."""
        if "code" not in cls.__dict__:
            return
        known = DomainError.registry.setdefault(cls.code, cls)
        if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
            raise TypeError(f"refusal code {cls.code!r} is taken by {known.__module__}.{known.__qualname__}")

    def __init__(self, **facts: object) -> None:
        if not hasattr(type(self), "code"):
            raise TypeError(f"{type(self).__name__} names no fact; raise a refusal that has a code")
        self.facts = facts
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """The sentence for a person, in `zh` or `en`."""
        return (self.zh if language == "zh" else self.en).format(**self.facts)


class Invalid(DomainError):
    """The request itself is not well formed."""

    status = 422


class NotFound(DomainError):
    """There is no such thing, or the caller may not know that there is (DOMAIN §4, 15). Codes end in `_not_found`."""

    status = 404


class VoucherNotFound(NotFound):
    """No such voucher, or none that the caller may see."""

    code = "voucher_not_found"
    zh, en = "未找到该培训券", "There is no such voucher."


class DayNotYet(Invalid):
    """What is said of a day that has not come."""

    code = "day_not_yet"
    zh, en = "日期不能晚于今天", "The day has not come yet."


class HoldNotFound(NotFound):
    """There is no such open hold, or none that the caller may see."""

    code = "hold_not_found"
    zh, en = "未找到该冻结", "There is no such open hold."


class Forbidden(DomainError):
    """The caller's role or scope does not do this."""

    status = 403


class Conflict(DomainError):
    """The rule says no in the present state of things."""


class NotReceivedYet(Conflict):
    """What the request names is another service's, and its event has not arrived here, or never will."""

    code = "not_received_yet"
    zh, en = (
        "尚未收到该{noun}的登记信息,请确认已登记后稍后重试",
        "Nothing was received about this {noun} yet; register it first, or try again shortly.",
    )

    def __init__(self, *, noun: str) -> None:
        super().__init__(noun=noun)


class Unavailable(DomainError):
    """Something that is needed does not answer; the same request may be repeated."""

    status, transient = 503, True
