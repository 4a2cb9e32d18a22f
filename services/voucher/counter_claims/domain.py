"""What a claim at a counter must show, and which of them are looked at again."""

from datetime import datetime, timedelta
from uuid import UUID

from shared.kernel.errors import Conflict, Invalid


class CounterOfficersAlike(Invalid):
    """现场代办 is done by two named officers."""

    code = "counter_officers_alike"
    policy = "§二(三)11"
    zh, en = "现场代办须由两名工作人员共同办理", "A counter claim takes two different officers."


class CardReadTooOld(Conflict):
    """The identity card was not read for this claim."""

    code = "card_read_too_old"
    policy = "§二(三)11"
    zh, en = "身份证读取时间不在允许范围内", "The identity card was not read for this claim."


class CounterOwnClaim(Conflict):
    """Nobody serves himself at a counter; who has a session of his own claims there."""

    code = "counter_own_claim"
    policy = "§二(三)11"
    zh, en = "工作人员不得为本人现场代办", "An officer cannot claim for himself at a counter."


def check_three_people(officer: UUID, second_officer: UUID, worker: UUID) -> None:
    """`CounterOfficersAlike` or `CounterOwnClaim` unless these natural persons are three."""
    if officer == second_officer:
        raise CounterOfficersAlike
    if worker in (officer, second_officer):
        raise CounterOwnClaim


def check_counter(
    officer_id: UUID, second_officer_id: UUID, card_read_at: datetime, now: datetime, valid: timedelta
) -> None:
    """Two named officers, and a card read for this very claim, at most `valid` ago (A2, §二(三)11)."""
    if officer_id == second_officer_id:
        raise CounterOfficersAlike
    if not now - valid <= card_read_at <= now:
        raise CardReadTooOld


def is_sampled(voucher_id: UUID, sampled_percent: int) -> bool:
    """Whether this claim is drawn for a second look: by its id, which nobody at the counter chooses."""
    return voucher_id.int % 100 < sampled_percent
