"""The whole payout, walked at random, does what its model does; and a race ends as one of its orders would.

`PAYOUT_WALKS=200` walks so many ways, and others each time; without it the same few are walked, in seconds.
"""

import asyncio
import os
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from copy import deepcopy
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from deploy.local.keys import Keys, Signing
from shared.security import read_signing_key
from tests.databases import Databases
from tests.keys import service_settings
from tests.payout.model.service import Service, difference
from tests.payout.model.wanted import AT_THE_BANK, UNSENT, Act, Wanted
from tests.payout.scenario import MONDAY, Scenario

WALKS = int(os.environ.get("PAYOUT_WALKS", "0"))
Answer = TypeVar("Answer")

NUMBERS = st.integers(0, 99)
PERSON, LEVEL = st.integers(0, 3), st.sampled_from((4, 5))
OF_PEOPLE = ("review", "approve", "publish", "hold", "lift", "object_to", "dismiss", "reject", "correct", "build",
             "release", "reject_for_good", "lodge", "uphold")  # fmt: skip
OF_BANK = ("bank_paid", "bank_failed", "bank_silent", "bank_returned", "turn")
HAPPENINGS = (
    ("checked", "hold"), ("reviewed", "revoke"), ("approved", "reject"), ("published", "object_to"),
    ("published", "hold"), ("cleared", "hold"), ("cleared", "revoke"), ("batched", "hold"), ("released", "hold"),
    ("released", "revoke"), ("released", "reject"), ("sent", "hold"), ("sent", "revoke"), ("sent", "bank_failed"),
    ("sent", "bank_silent"), ("paid", "revoke"), ("paid", "bank_returned"), ("paid", "hold"), ("paid", "claim"),
)  # fmt: skip
"""What changes the way of a payout, and when."""
STAGES = tuple(dict.fromkeys(stage for stage, _ in HAPPENINGS))
STEPS_MOST = 12
RACING = ("review", "approve", "publish", "hold", "lift", "object_to", "reject", "build", "release", "claim", "revoke",
          "repay", "reject_for_good", "lodge", "uphold", "check", "judge_again", "clear", "send", "bank_paid",
          "bank_returned")  # fmt: skip
ONWARD = {
    "checked": "review", "reviewed": "approve", "approved": "publish", "cleared": "build", "batched": "release",
    "sent": "bank_paid", "unknown": "bank_paid", "failed": "correct", "returned": "correct",
}  # fmt: skip


class WholePayout(RuleBasedStateMachine):
    """Four people with two benefits each, one fund, one payee."""

    databases: Databases
    keys: Keys

    @initialize()
    def begin(self) -> None:
        """A database of its own."""
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.wanted = Wanted(MONDAY)
        self.run(self._begin())
        for person, level in ((0, 4), (0, 5), (1, 4)):
            self.certify(person, level)

    async def _begin(self) -> None:
        clone = self.databases.clone("payout", service_settings(self.keys, "payout"))
        database = await self.stack.enter_async_context(clone)
        self.service = Service(Scenario(database, read_signing_key(self.keys.private(Signing.CERTIFICATES))))
        await self.service.begin()

    def teardown(self) -> None:
        """The database goes."""
        if hasattr(self, "runner"):
            self.run(self.stack.aclose())
            self.runner.close()

    def run(self, act: Coroutine[Any, Any, Answer]) -> Answer:
        """Wait for it."""
        return self.runner.run(act)

    @rule(person=PERSON, level=LEVEL)
    def certify(self, person: int, level: int) -> None:
        """A voucher is certified; at most a dozen."""
        if len(self.wanted.vouchers) < 12:
            self.wanted.certify((person, level))
            self.run(self.service.certify((person, level), self.wanted.now))
            self.agree()

    @rule(at=NUMBERS, happening=st.sampled_from(HAPPENINGS), days=st.sampled_from((0, 8)))
    def come_to(self, at: int, happening: tuple[str, str], days: int) -> None:
        """All do what they have to until a payout has come so far; then something happens, and the clock turns."""
        stage, what = happening
        at = self.chosen(at)
        self._go_on(at, stage)
        self.do((what, self._number(what, at)))
        if days:
            self.wait(days)
        self.do(("turn", 0))

    def chosen(self, number: int) -> int:
        """One of the payouts, most often one of those that may still be paid."""
        every = range(len(self.wanted.payouts))
        going = [at for at in every if self.wanted.payouts[at].status in (*UNSENT, *AT_THE_BANK)]
        chosen_from = going if going and number % 5 else every
        return chosen_from[number % len(chosen_from)]

    def _go_on(self, at: int, stage: str) -> None:
        for _ in range(STEPS_MOST):
            payout = self.wanted.payouts[at]
            if stage in (payout.status, payout.batch if payout.released else None):
                return
            if payout.holds["officer"]:
                self.do(("lift", at))
            elif payout.holds["objection"]:
                self.do(("dismiss", at))
            elif payout.status == "approved" and payout.notice_ends_at:
                self.do(("clear", at))
            elif payout.status == "published":
                self.wait(8)
                self.do(("clear", at))
            elif payout.status == "batched" and payout.batch == "released":
                self.do(("send", at))
            elif payout.status == "opened":
                self.do(("check", at))
            elif payout.status in ONWARD:
                if payout.status == "returned":
                    self.new_account()
                self.do((ONWARD[payout.status], at))

    @rule(at=NUMBERS, stage=st.sampled_from(STAGES), days=st.sampled_from((0, 0, 15)), rival=st.booleans())
    def object_to_a_rejection(self, at: int, stage: str, days: int, *, rival: bool) -> None:
        """Two officers reject a payout for good; its payee objects, in time or not, and a third upholds that."""
        at = self.chosen(at)
        self._go_on(at, stage)
        for what in ("hold", "reject_for_good"):
            self.do((what, at))
        self.wait(days)
        self.do(("lodge", at))
        if rival:
            self.do(("judge_again", 0))
        self.do(("uphold", at))

    @rule(what=st.sampled_from(OF_PEOPLE), at=NUMBERS)
    def decide(self, what: str, at: int) -> None:
        """Somebody does something, in its time or not."""
        self.do((what, self.chosen(at)))

    @rule(what=st.sampled_from(OF_BANK), at=NUMBERS)
    def bank(self, what: str, at: int) -> None:
        """The bank says something."""
        self.do((what, self.chosen(at)))

    @precondition(lambda self: self.wanted.debts)
    @rule(at=NUMBERS)
    def repay(self, at: int) -> None:
        """A debtor pays back."""
        self.do(("repay", self.wanted.debts[at % len(self.wanted.debts)]))

    @rule(at=NUMBERS, stage=st.sampled_from(STAGES), first=st.sampled_from(RACING), second=st.sampled_from(RACING))
    def race(self, at: int, stage: str, first: str, second: str) -> None:
        """Two do something at the same instant: it ends as if one had been before the other."""
        at = self.chosen(at)
        self._go_on(at, stage)
        acts = [(what, self._number(what, at)) for what in (first, second)]
        before = self.wanted
        outcomes = self.run(self._both(acts))
        tried = []
        for order in ((0, 1), (1, 0)):
            self.wanted = deepcopy(before)
            accepted = {place: self.wanted.take(acts[place]) for place in order}
            found = self.differences()
            if not found and [accepted[0], accepted[1]] == outcomes:
                return
            tried.append((accepted, found))
        raise AssertionError(f"no order of {acts} ends with {outcomes}: {tried}")

    def _number(self, what: str, at: int) -> int:
        return self.wanted.payouts[at].voucher if what in ("claim", "revoke") else at

    async def _both(self, acts: list[Act]) -> list[bool]:
        return await asyncio.gather(*map(self._take, acts))

    async def _take(self, act: Act) -> bool:
        if act[0] == "repay":
            owed = self.wanted.payouts[act[1]]
            return not owed.outstanding_fen or await self._repay(act[1])
        if act[0] == "revoke" and self.wanted.vouchers[act[1]].revoked:
            return True
        return await self.service.take(act)

    async def _repay(self, at: int) -> bool:
        await self.service.repay(at, self.wanted.repayment_fen(at))
        return True

    def do(self, act: Act) -> None:
        """The service and the model do the same."""
        outcome = self.run(self._take(act))
        assert outcome == self.wanted.take(act), act
        self.agree()

    def wait(self, days: int) -> None:
        """Time passes."""
        self.wanted.wait(days)
        self.run(self.service.wait(self.wanted.now))

    def new_account(self) -> None:
        """The payee gives another account, and it cools off."""
        self.wanted.account += 1
        self.wanted.wait(4)
        self.run(self.service.new_account(self.wanted.now))

    def agree(self) -> None:
        """The service stands where the model does."""
        assert self.differences() == []

    def differences(self) -> list[str]:
        """Where it does not."""
        stands = self.run(self.service.stands())
        found = difference(self.wanted, self.service, stands)
        if found:
            return found
        left = {case.voucher_id: number for number, case in enumerate(self.service.cases)}
        rows = {number: [row for row in stands if left[row.voucher_id] == number] for number in left.values()}
        self.service.ids = []
        for payout in self.wanted.payouts:
            row = rows[payout.voucher].pop(0)
            self.service.ids.append(row.id)
            if payout.notice_ends_at is None and row.notice_ends_at is not None:
                payout.notice_ends_at = row.notice_ends_at
        figures = (self.wanted.reserved_fen(), self.wanted.spent_fen(), self.wanted.receivable_fen())
        stood = self.run(self.service.figures())
        return [] if stood == figures else [f"the fund stands at {stood}, not {figures}"]

    @invariant()
    def nothing_is_broken(self) -> None:
        """What holds whatever the model says."""
        if hasattr(self, "service"):
            assert self.run(self.service.broken()) == []


def test_the_whole_payout_does_what_its_model_does(databases: Databases, keys: Keys) -> None:
    class Walk(WholePayout):
        pass

    Walk.databases, Walk.keys = databases, keys
    walks = settings(
        max_examples=WALKS or 8,
        stateful_step_count=25,
        derandomize=not WALKS,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if WALKS else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Walk, settings=walks)
