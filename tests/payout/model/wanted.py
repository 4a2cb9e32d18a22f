"""What payouts ought to do, as plain values: no database, no order of locks, nothing at the same time.

Every act answers whether it is accepted. A race may end as any order of its acts would (`test_whole_payout`).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from shared.kernel.clock import business_date
from shared.reference.calendar import working_days_after

Key: TypeAlias = tuple[int, int]
"""A person and a level: once paid for."""
Act: TypeAlias = tuple[str, int]
"""What is done, and to the payout or voucher of which number."""

RATES_FEN = {4: 160_000, 5: 120_000}
BUDGET_FEN = 900_000
FRESH_DAYS, RETURNS_MOST, OBJECTION_DAYS = 30, 3, 10

ENDED = ("rejected", "withdrawn")
BY_TWO = ("approved", "published", "cleared", "batched")
UNSENT = ("opened", "checked", "reviewed", *BY_TWO, "failed", "returned")
AT_THE_BANK = ("sent", "unknown")


@dataclass
class Voucher:
    """A certified voucher."""

    key: Key
    decided_at: datetime
    revoked: bool = False
    returns: int = 0


@dataclass(eq=False)
class Payout:
    """A payout; `outstanding_fen` is what is owed back once it is reversed."""

    voucher: int
    amount_fen: int
    status: str
    code: str | None = None
    holds: Counter[str] = field(default_factory=Counter)
    attempt: int = 0
    account: int = 0
    notice_ends_at: datetime | None = None
    batch: str | None = None
    released: bool = False
    delivered_fen: int = 0
    offset_fen: int = 0
    planned: dict[int, int] = field(default_factory=dict)
    outstanding_fen: int = 0
    settled: bool = False
    opened_on: date = date.min
    rejected_on: date | None = None
    """Rejected for good, and on which day."""
    objection: str | None = None
    reopens: bool = False

    @property
    def held(self) -> bool:
        """Whether anything stops it."""
        return self.holds.total() > 0

    @property
    def live(self) -> bool:
        """Whether it takes its key."""
        return self.status not in ENDED and not self.settled


class Wanted:
    """One fund, one payee, and all that is owed to it."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.account = 0
        self.vouchers: list[Voucher] = []
        self.payouts: list[Payout] = []
        self.debts: list[int] = []

    def take(self, act: Act) -> bool:
        """Do it; whether it is accepted."""
        accepted: bool = getattr(self, act[0])(act[1])
        return accepted

    def key_of(self, payout: Payout) -> Key:
        """Whose benefit it is."""
        return self.vouchers[payout.voucher].key

    def reserved_fen(self) -> int:
        """What the fund keeps."""
        going = (payout for payout in self.payouts if payout.status not in (*ENDED, "opened", "paid", "reversed"))
        return sum(payout.amount_fen - payout.offset_fen for payout in going)

    def spent_fen(self) -> int:
        """What the fund has paid, and what was set off instead."""
        return sum(
            payout.amount_fen if payout.status == "paid" else payout.offset_fen
            for payout in self.payouts
            if payout.status != "reversed"
        )

    def receivable_fen(self) -> int:
        """What is owed back to the fund."""
        return sum(payout.outstanding_fen for payout in self.payouts)

    # what others do

    def certify(self, key: Key) -> None:
        """A voucher of a key is certified."""
        self.vouchers.append(Voucher(key, self.now))
        self._open(len(self.vouchers) - 1)

    def claim(self, voucher: int) -> bool:
        """The institution claims a voucher, once more or for the first time; one that was rejected for good no more."""
        if self._live_of(voucher):
            return True
        if any(payout.voucher == voucher and payout.rejected_on for payout in self.payouts):
            return False
        self._open(voucher)
        return True

    def revoke(self, voucher: int) -> bool:
        """The certificate is revoked: nothing is paid on it, and what was paid is owed back."""
        if self.vouchers[voucher].revoked:
            return True
        self.vouchers[voucher].revoked = True
        for payout in self._live_of(voucher):
            if payout.status in UNSENT:
                payout.status, payout.code = "rejected", "certificate_revoked"
            else:
                payout.holds["revocation"] += 1
                if payout.status == "paid":
                    self._reverse(payout)
        return True

    def wait(self, days: int) -> None:
        """Time passes."""
        self.now += timedelta(days=days)

    # what people do

    def review(self, at: int) -> bool:
        """An officer of the area."""
        return self._step(at, "checked", "reviewed")

    def approve(self, at: int) -> bool:
        """An officer of the city; the present account is pinned for a new attempt."""
        if not self._step(at, "reviewed", "approved"):
            return False
        payout = self.payouts[at]
        payout.attempt, payout.account = payout.attempt + 1, self.account
        return True

    def publish(self, at: int) -> bool:
        """An officer of the city, once; the day on which the notice ends is read from the service."""
        return self.payouts[at].notice_ends_at is None and self._step(at, "approved", "published")

    def hold(self, at: int) -> bool:
        """An officer stops what has not ended."""
        if self.payouts[at].status in ENDED:
            return False
        self.payouts[at].holds["officer"] += 1
        return True

    def lift(self, at: int) -> bool:
        """An officer lifts an officer's hold."""
        if not self.payouts[at].holds["officer"]:
            return False
        self.payouts[at].holds["officer"] -= 1
        return True

    def object_to(self, at: int) -> bool:
        """Somebody objects while the notice lasts."""
        payout = self.payouts[at]
        if payout.status != "published" or payout.notice_ends_at is None or payout.notice_ends_at <= self.now:
            return False
        payout.holds["objection"] += 1
        return True

    def dismiss(self, at: int) -> bool:
        """Two officers find nothing wrong."""
        if not self.payouts[at].holds["objection"]:
            return False
        self.payouts[at].holds["objection"] -= 1
        return True

    def reject(self, at: int) -> bool:
        """One officer returns it for correction; what two answered for, under the hold of another."""
        payout = self.payouts[at]
        voucher = self.vouchers[payout.voucher]
        alone = payout.status not in BY_TWO
        if payout.status not in UNSENT or not (alone or payout.holds["officer"]):
            return False
        if payout.reopens or voucher.returns >= RETURNS_MOST:
            return False
        payout.status, payout.code, voucher.returns = "rejected", "false_roster", voucher.returns + 1
        return True

    def reject_for_good(self, at: int) -> bool:
        """One officer, under the hold of another."""
        payout = self.payouts[at]
        if payout.status not in UNSENT or not payout.holds["officer"]:
            return False
        payout.status, payout.code, payout.rejected_on = "rejected", "false_roster", business_date(self.now)
        return True

    def lodge(self, at: int) -> bool:
        """The payee objects to a final rejection: to the first of a voucher, once, in time."""
        payout = self.payouts[at]
        if payout.rejected_on is None or payout.reopens or payout.objection:
            return False
        if business_date(self.now) > working_days_after(payout.rejected_on, OBJECTION_DAYS):
            return False
        payout.objection = "lodged"
        return True

    def uphold(self, at: int) -> bool:
        """A third officer has another payout opened in the rejected one's place, if the benefit is free."""
        payout = self.payouts[at]
        said = self.vouchers[payout.voucher]
        if payout.objection != "lodged" or said.revoked or self._taken(said.key):
            return False
        payout.objection = "upheld"
        self._open(payout.voucher, payout.opened_on)
        self.payouts[-1].reopens = True
        return True

    def correct(self, at: int) -> bool:
        """After the bank's refusal, or to another account than the money came back from."""
        payout = self.payouts[at]
        if payout.held or payout.status not in ("failed", "returned"):
            return False
        if payout.status == "returned" and payout.account == self.account:
            return False
        payout.status, payout.released = "reviewed", False
        return True

    def build(self, at: int) -> bool:
        """A finance officer puts it on a batch of its own."""
        if not self._step(at, "cleared", "batched"):
            return False
        self.payouts[at].batch = "built"
        return True

    def release(self, at: int) -> bool:
        """Another finance officer releases its batch."""
        payout = self.payouts[at]
        if payout.batch != "built":
            return False
        payout.batch, payout.released = "released", payout.status == "batched"
        return True

    def repay(self, at: int) -> bool:
        """Half of what was paid comes in: as much of it counts as is owed and no payment under way is set off for."""
        payout = self.payouts[at]
        if payout.outstanding_fen:
            self._recover(at, min(self.repayment_fen(at), payout.outstanding_fen - self._pending_fen(at)))
        return True

    def repayment_fen(self, at: int) -> int:
        """What the debtor pays back at once."""
        return self.payouts[at].amount_fen // 2

    # what the bank says

    def bank_paid(self, at: int) -> bool:
        """A fact, whatever holds stand."""
        if self.payouts[at].status in AT_THE_BANK:
            self._pay(self.payouts[at])
        return True

    def bank_failed(self, at: int) -> bool:
        """The reservation stays."""
        payout = self.payouts[at]
        if payout.status in AT_THE_BANK:
            payout.status, payout.planned = "failed", {}
        return True

    def bank_silent(self, at: int) -> bool:
        """It is asked again under the same id."""
        if self.payouts[at].status == "sent":
            self.payouts[at].status = "unknown"
        return True

    def bank_returned(self, at: int) -> bool:
        """What it paid comes back, and is reserved again."""
        payout = self.payouts[at]
        if payout.status == "paid" and payout.delivered_fen:
            payout.status = "returned"
        return True

    # what the clock does

    def check(self, _: int = 0) -> bool:
        """Reserve in order of opening, as far as the money goes: nobody is overtaken."""
        available_fen = BUDGET_FEN - self.reserved_fen() - self.spent_fen() - self.receivable_fen()
        for payout in self.payouts:
            if payout.status == "opened" and not payout.held:
                available_fen -= payout.amount_fen
                if available_fen < 0:
                    break
                payout.status = "checked"
        return True

    def judge_again(self, _: int = 0) -> bool:
        """Open what was refused because another had the benefit, which is free now."""
        last = {payout.voucher: payout for payout in self.payouts}
        free = [
            payout.voucher
            for payout in self.payouts
            if payout is last[payout.voucher]
            and (payout.status, payout.code) == ("rejected", "payout_already_live")
            and not self._taken(self.key_of(payout))
        ]
        for voucher in free:
            self._open(voucher)
        return True

    def clear(self, _: int = 0) -> bool:
        """The notice is over, and nothing holds the payout."""
        for payout in self.payouts:
            over = payout.notice_ends_at is not None and payout.notice_ends_at <= self.now
            if payout.status in ("approved", "published") and over and not payout.held:
                payout.status = "cleared"
        return True

    def send(self, _: int = 0) -> bool:
        """What was released goes to the bank, less what its payee owes, oldest debt first."""
        whole = []
        for payout in self.payouts:
            if payout.status != "batched" or not payout.released or payout.held:
                continue
            left_fen = payout.amount_fen - payout.offset_fen
            payout.status, payout.planned = "sent", {}
            for debt in self.debts:
                part_fen = min(left_fen, self.payouts[debt].outstanding_fen - self._pending_fen(debt))
                if part_fen:
                    payout.planned[debt] = part_fen
                    left_fen -= part_fen
            payout.delivered_fen = left_fen
            if not left_fen:
                whole.append(payout)
        for payout in whole:
            self._pay(payout)
        return True

    def turn(self, _: int = 0) -> bool:
        """One turn of every timer, in the worker's order."""
        return all(timer() for timer in (self.check, self.judge_again, self.clear, self.send))

    def _open(self, voucher: int, fresh_on: date | None = None) -> None:
        said = self.vouchers[voucher]
        code = "certificate_revoked" if said.revoked else "payout_already_live" if self._taken(said.key) else None
        today = business_date(self.now)
        opened = Payout(voucher, RATES_FEN[said.key[1]], "rejected" if code else "opened", code, opened_on=today)
        if code is None and ((fresh_on or today) - business_date(said.decided_at)).days > FRESH_DAYS:
            opened.holds["eligibility"] += 1
        self.payouts.append(opened)

    def _live_of(self, voucher: int) -> list[Payout]:
        return [payout for payout in self.payouts if payout.voucher == voucher and payout.live]

    def _taken(self, key: Key) -> bool:
        return any(payout.live and self.key_of(payout) == key for payout in self.payouts)

    def _step(self, at: int, source: str, target: str) -> bool:
        payout = self.payouts[at]
        if payout.status != source or payout.held:
            return False
        payout.status = target
        return True

    def _pay(self, payout: Payout) -> None:
        payout.status = "paid"
        for debt, part_fen in payout.planned.items():
            payout.offset_fen += part_fen
            self._recover(debt, part_fen)
        payout.planned = {}
        if self.vouchers[payout.voucher].revoked:
            self._reverse(payout)

    def _reverse(self, payout: Payout) -> None:
        payout.status, payout.outstanding_fen = "reversed", payout.amount_fen
        self.debts.append(self.payouts.index(payout))

    def _pending_fen(self, debt: int) -> int:
        return sum(payout.planned.get(debt, 0) for payout in self.payouts)

    def _recover(self, debt: int, amount_fen: int) -> None:
        owed = self.payouts[debt]
        owed.outstanding_fen -= amount_fen
        owed.settled = owed.settled or not owed.outstanding_fen
