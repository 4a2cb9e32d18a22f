"""Asking the bank what money came back; no transaction is open while it is called."""

from services.payout.bank.service import Bank
from services.payout.money_returns.service import record_returned
from shared.messaging import ExternalJob
from shared.persistence import Database


async def collect(database: Database, bank: Bank) -> int:
    """Take down what the bank reports, then say so; without that the bank reports it again (R23).

    Answers how many payouts went back to `returned`.
    """
    reports = await bank.returned()
    if not reports:
        return 0
    async with database.unit_of_work() as uow:
        moved = await record_returned(uow, reports)
    for report in reports:
        await bank.acknowledge(report)
    return moved


async def _go(database: Database) -> int:
    async with Bank.at(database.settings.need_text("bank_url")) as bank:
        return await collect(database, bank)


TIMERS = [ExternalJob("payout.bank_returns", _go)]
