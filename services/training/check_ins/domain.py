"""The rotating code of a class session, and when it is taken (DOMAIN §5, proxy attendance)."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from services.training.class_sessions.domain import (
    ClassSessionState,
    SessionFacts,
    SessionNotOpen,
    SessionOver,
    SessionTooEarly,
)
from shared.kernel.errors import Conflict

CODE_STEP_S = 30
"""How long one code is shown; it is taken for one step more."""
CODE_DIGITS = 8


class Direction(StrEnum):
    """Whether a person comes or goes."""

    IN = "in"
    OUT = "out"


class SessionCodeInvalid(Conflict):
    """The code is not the one that the session shows now."""

    code = "session_code_invalid"
    policy = "§二(二)6"
    zh, en = "签到码错误或已过期", "The session's code is wrong or has expired."


class CheckedInAlready(Conflict):
    """One check-in a session."""

    code = "checked_in_already"
    policy = "§二(二)6"
    zh, en = "本课次已签到", "You have checked in already."


class NotCheckedIn(Conflict):
    """Who did not come cannot go."""

    code = "not_checked_in"
    policy = "§二(二)6"
    zh, en = "本课次尚未签到", "You have not checked in."


class SessionCodeUsed(Conflict):
    """A code is taken once from one person (DOMAIN §5, click-bots)."""

    code = "session_code_used"
    policy = "§二(二)6"
    zh, en = "该签到码您已使用,请等待下一个", "You have used this code already; wait for the next one."


def check_may_check_in(session: SessionFacts, now: datetime, grace: timedelta) -> None:
    """`SessionNotOpen`, `SessionTooEarly` or `SessionOver` unless people may come now, business time."""
    check_open(session)
    if now < session.window.begins_at - grace:
        raise SessionTooEarly
    if now >= session.window.ends_at:
        raise SessionOver


def check_may_check_out(session: SessionFacts, now: datetime, grace: timedelta) -> None:
    """`SessionNotOpen` or `SessionOver` unless people may still go now, business time."""
    check_open(session)
    if now > session.window.ends_at + grace:
        raise SessionOver


def check_open(session: SessionFacts) -> None:
    """`SessionNotOpen` unless the session shows a code."""
    if session.status != ClassSessionState.OPEN:
        raise SessionNotOpen


def code_step(at: datetime) -> int:
    """The number of the 30-second step in which `at`, the database's own time, falls."""
    return int(at.timestamp()) // CODE_STEP_S


def session_code(key: bytes, step: int) -> str:
    """The digits that a session shows during a step."""
    mac = hmac.digest(key, b"class-session-code" + step.to_bytes(8, "big"), hashlib.sha256)
    return f"{int.from_bytes(mac[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def code_expires_at(step: int) -> datetime:
    """When the code of a step is taken no more, real time, UTC."""
    return datetime.fromtimestamp((step + 2) * CODE_STEP_S, UTC)


def step_of_code(key: bytes, code: str, at: datetime) -> int:
    """The step whose code this is: the present one or the one before; `SessionCodeInvalid` otherwise."""
    present = code_step(at)
    for step in (present, present - 1):
        if hmac.compare_digest(session_code(key, step).encode(), code.encode()):
            return step
    raise SessionCodeInvalid
