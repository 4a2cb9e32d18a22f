"""A payout service with certified vouchers on their way, and the people who take their payouts from state to state."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID

import asyncpg

from deploy.local.bank import Bank
from services.payout.bank.domain import BankChannel
from services.payout.bank_reports.service import confirm_bank_report, upload_bank_report
from services.payout.decisions.service import Outcome
from services.payout.funds.domain import FundFacts
from services.payout.payment_batches.service import build_payment_batch, endorse_payment_batch, release_payment_batch
from services.payout.payment_files.service import hand_out
from shared.contracts.envelope import Event
from shared.messaging.records import Record
from shared.messaging.timers import take_turn
from shared.security import Role
from tests.bench.stand import Stopwatch, in_topics
from tests.payout.scenario import Case, Scenario, accepted, officer
from tests.worker_process import worker_of

BATCH_PAYOUTS = 1_000
"""The most that a payment batch holds."""
APPROVALS_TOGETHER = 10_000
"""The longest list that officers decide on at once."""


def parts(ids: Sequence[UUID], most: int) -> Iterator[Sequence[UUID]]:
    """`ids` in order, at most so many together."""
    return (ids[start : start + most] for start in range(0, len(ids), most))


@dataclass
class PayoutStand:
    """One class whose trainees are all certified, paid from one fund of the city."""

    scenario: Scenario
    fund: FundFacts
    cases: list[Case] = field(default_factory=list)
    reports: list[bytes] = field(default_factory=list)
    """What the bank says of the files that it was given."""

    def records(self, count: int) -> list[Record]:
        """What evaluation and voucher publish of `count` trainees: the certificate, and the voucher that it pays."""
        first = Case()
        self.cases = [Case(class_id=first.class_id, batch_id=first.batch_id) for _ in range(count)]
        made: list[Event] = []
        for case in self.cases:
            made += (self.scenario.issued(case), self.scenario.certified(case))
        return in_topics(made)

    async def turn(self, name: str) -> tuple[int, float]:
        """One turn of a timer: how many rows it moved, and the seconds that it took."""
        (timer,) = [timer for timer in worker_of("payout").timers if timer.name == name]
        watch = Stopwatch()
        with watch.running():
            moved = await take_turn(self.scenario.database.worker, timer)
        return moved, watch.seconds

    async def turns(self, name: str) -> float:
        """Turns of a timer until nothing is due; the seconds of all of them."""
        seconds, moved = 0.0, 1
        while moved:
            moved, taken = await self.turn(name)
            seconds += taken
        return seconds

    async def payouts(self) -> list[UUID]:
        """Every payout, in order of opening."""
        return [row.id for row in await self.scenario.sql("api", "SELECT id FROM payouts ORDER BY id")]

    async def decide(self, decision: Callable[..., Any], caller: Any, ids: Sequence[UUID]) -> float:
        """Decide on lists as long as they may be; seconds. Nothing is refused."""
        watch, seconds = Stopwatch(), 0.0
        for together in parts(ids, APPROVALS_TOGETHER):
            with watch.running():
                async with self.scenario.database.api.unit_of_work(caller.actor) as uow:
                    outcomes: dict[UUID, Outcome] = await decision(uow, caller, list(together))
            accepted(outcomes.values())
            seconds += watch.seconds
        return seconds

    async def build(self) -> float:
        """Batches for a file, built, endorsed and released by three in finance; seconds."""
        api, watch, endorser = self.scenario.database.api, Stopwatch(), officer(Role.FINANCE)
        await self.scenario.sql("owner", "UPDATE dated_rules SET value = 1 WHERE name = 'payment_files_accepted'")
        with watch.running():
            for ids in parts(await self.payouts(), BATCH_PAYOUTS):
                async with api.unit_of_work(self.scenario.cashier.actor) as uow:
                    built = await build_payment_batch(
                        uow, self.scenario.cashier, self.fund.id, ids, BankChannel.ISO20022
                    )
                batch = built.batch
                if batch.amount_fen > batch.second_release_above_fen:
                    async with api.unit_of_work(endorser.actor) as uow:
                        await endorse_payment_batch(uow, endorser, batch.id)
                async with api.unit_of_work(self.scenario.releaser.actor) as uow:
                    await release_payment_batch(uow, self.scenario.releaser, batch.id)
        return watch.seconds

    async def export(self, bank: Bank) -> float:
        """The intent committed, files written, and each taken to the bank; seconds, without the bank's own."""
        seconds, watch = await self.turns("payout.send"), Stopwatch()
        seconds += await self.turns("payout.write_payment_files")
        for file in await self.scenario.sql("api", "SELECT id FROM payment_files ORDER BY id"):
            with watch.running():
                async with self.scenario.database.api.unit_of_work(self.scenario.cashier.actor) as uow:
                    content = (await hand_out(uow, self.scenario.cashier, file.id)).content
            seconds += watch.seconds
            self.reports.append(bank.report_on(content))
        return seconds

    async def post(self) -> float:
        """The bank's reports are taken in by two in finance, and all is paid by them: the ledger says so; seconds."""
        api, watch = self.scenario.database.api, Stopwatch()
        with watch.running():
            for content in self.reports:
                async with api.unit_of_work(self.scenario.cashier.actor) as uow:
                    report = await upload_bank_report(uow, self.scenario.cashier, content)
                async with api.unit_of_work(self.scenario.releaser.actor) as uow:
                    await confirm_bank_report(uow, self.scenario.releaser, report.id)
        return watch.seconds + await self.turns("payout.apply_bank_reports")

    async def copy(self, tables: dict[str, str]) -> float:
        """COPY the rows of tables, each narrowed by a condition, into tables of the same columns and keys; seconds."""
        connection = await asyncpg.connect(self.scenario.database.dsn)
        watch, seconds = Stopwatch(), 0.0
        try:
            for number, (table, condition) in enumerate(tables.items()):
                copied = f"copied_{number}_{table}"
                await connection.execute(f"DROP TABLE IF EXISTS {copied}")
                await connection.execute(f"CREATE TABLE {copied} (LIKE {table} INCLUDING ALL)")
                held = BytesIO()
                rows = f"SELECT * FROM {table} WHERE {condition}"  # our own tables
                await connection.copy_from_query(rows, output=held, format="binary")
                held.seek(0)
                with watch.running():
                    await connection.copy_to_table(copied, source=held, format="binary")
                seconds += watch.seconds
        finally:
            await connection.close()
        return seconds
