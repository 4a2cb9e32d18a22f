"""Payouts from the event to the ledger, many at a time, beside COPY of the rows that they write.

python -m tests.bench.payouts [payouts]

With 50,000 it takes what a season brings: opened from events, waiting, approved by lists of 10,000, built into batches,
exported and posted. The limits are measured in the same run: the consumer with an effect of one statement, a reading
of the rows that wait, and COPY of the very rows that a step wrote.
"""

import asyncio
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.bank import Bank, Faults
from deploy.local.bank_book import Book
from deploy.local.keys import Signing
from services.payout.reviews.service import approve_payouts, review_payouts
from shared.messaging.source import BATCH_MOST
from shared.security import read_signing_key
from tests.bench.consumer import from_memory
from tests.bench.figures import conclude
from tests.bench.payout_stand import APPROVALS_TOGETHER, PayoutStand
from tests.bench.stand import Stopwatch, database_stand, report
from tests.databases import ServiceDatabase
from tests.keys import all_keys, service_settings
from tests.payout.scenario import Case, Scenario
from tests.payout.steps import AFTER_THE_NOTICE, publish_payouts
from tests.worker_process import worker_of

PAYOUTS = 2_000
BUDGET_FEN = 20_000_000_000
WAITING = "SELECT id FROM payouts WHERE status = 'opened' AND open_holds = 0"


async def opened(stand: PayoutStand, probe: ServiceDatabase, count: int) -> None:
    """From events to opened payouts, beside as many events with an effect of one statement."""
    made, watch = stand.records(count), Stopwatch()
    consumer = worker_of("payout").consumer(stand.scenario.database.worker)
    with watch.running():
        for start in range(0, len(made), BATCH_MOST):
            await consumer.apply(made[start : start + BATCH_MOST])
    assert len(await stand.payouts()) == count
    limit = await from_memory(probe, len(made))
    figures = {"an effect of one statement": limit, "opening from events": len(made) / watch.seconds}
    report("Opening payouts", figures, "events/s", ours="opening from events", limit="an effect of one statement")


async def waiting(stand: PayoutStand, count: int) -> None:
    """A turn of the timer over payouts that wait, for their class, and for money, beside a reading of their rows."""
    watch = Stopwatch()
    with watch.running():
        await stand.scenario.sql("worker", WAITING)
    reading_s = watch.seconds
    _, for_class_s = await stand.turn("payout.check")
    first = replace(Case(), class_id=stand.cases[0].class_id)
    await stand.scenario.receive(stand.scenario.verified(first))
    await stand.scenario.sql("owner", "ALTER TABLE funds DISABLE TRIGGER USER")
    await stand.scenario.sql("owner", "UPDATE funds SET status = 'proposed'")
    _, for_money_s = await stand.turn("payout.check")
    await stand.scenario.sql("owner", "UPDATE funds SET status = 'open'")
    await stand.scenario.sql("owner", "ALTER TABLE funds ENABLE TRIGGER USER")
    for what, seconds in (("for their class", for_class_s), ("for money", for_money_s)):
        conclude(
            f"a turn with {count:,} payouts waiting {what}: {seconds * 1000:,.0f} ms, "
            f"{seconds / reading_s:.1f} times reading them ({reading_s * 1000:,.0f} ms)"
        )


async def approved(stand: PayoutStand, count: int) -> None:
    """Approvals by lists, beside COPY of what they write."""
    checked_s = await stand.turns("payout.check")
    ids = await stand.payouts()
    scenario = stand.scenario
    await stand.decide(review_payouts, scenario.reviewer, ids)
    (before,) = await scenario.sql("worker", "SELECT coalesce(max(id), 0) FROM outbox")
    approved_s = await stand.decide(approve_payouts, scenario.approver, ids)
    copied_s = await stand.copy({
        "payouts": "true", "instructions": "true", "payout_decisions": "action = 'approve'",
        "outbox": f"id > {before[0]}",
    })  # fmt: skip
    figures = {"COPY of the same rows": count / copied_s, "reserved by the clock": count / checked_s,
               "approved by lists": count / approved_s}  # fmt: skip
    title = f"Approving, at most {APPROVALS_TOGETHER:,} a list"
    report(title, figures, "payouts/s", ours="approved by lists", limit="COPY of the same rows")
    await stand.decide(publish_payouts, scenario.approver, ids)
    await scenario.database.set_business_time(AFTER_THE_NOTICE)
    await stand.turns("payout.clear_notice")


async def paid(stand: PayoutStand, count: int) -> None:
    """Batches built, exported and posted, beside COPY of what that writes."""
    (before,) = await stand.scenario.sql("worker", "SELECT coalesce(max(id), 0) FROM outbox")
    with TemporaryDirectory() as folder, closing(Book(Path(folder) / "book.sqlite")) as book:
        bank = Bank(book, Faults(settle_ms=0))
        parts = {"built": await stand.build(), "exported": await stand.export(bank), "posted": await stand.post()}
    (spent,) = await stand.scenario.sql("api", "SELECT count(*) FROM payouts WHERE status = 'paid'")
    assert spent[0] == count
    kind = "transaction_id IN (SELECT id FROM ledger_transactions WHERE kind = 'spend')"
    copied_s = await stand.copy({
        "payouts": "true", "payment_batch_items": "true", "payment_file_items": "true", "deliveries": "true",
        "bank_report_rows": "true",
        "payout_decisions": "action = 'batch'", "ledger_transactions": "kind = 'spend'", "ledger_postings": kind,
        "outbox": f"id > {before[0]}",
    })  # fmt: skip
    whole = "built, exported and posted"
    figures = {"COPY of the same rows": count / copied_s, whole: count / sum(parts.values())}
    figures |= {part: count / seconds for part, seconds in parts.items()}
    report("Paying by batches in files", figures, "payouts/s", ours=whole, limit="COPY of the same rows")


async def main(count: int) -> None:
    """All of it over one database."""
    with database_stand() as databases:
        settings = service_settings(all_keys(), "payout")
        async with databases.clone("payout", settings) as database, databases.clone("probe") as probe:
            scenario = Scenario(database, read_signing_key(all_keys().private(Signing.CERTIFICATES)))
            stand = PayoutStand(scenario, await scenario.begin(budget_fen=BUDGET_FEN))
            await opened(stand, probe, count)
            await waiting(stand, count)
            await approved(stand, count)
            await paid(stand, count)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else PAYOUTS))
