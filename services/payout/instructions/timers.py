"""The external job to the bank: no transaction is open while it is called."""

import asyncio
import time

from services.payout.accounts.queries import find_accounts
from services.payout.bank.domain import Answer, BankAnswer
from services.payout.bank.service import Bank
from services.payout.instructions.domain import DueCall, Reply
from services.payout.instructions.queries import order
from services.payout.instructions.service import lease_due, permit_resends, record_answers
from shared.messaging import ExternalJob
from shared.persistence import Database

AT_ONCE = 16
"""Calls in the air at a time; each ends within the client's time limits."""
TURN_S = 15.0
"""After this long a turn takes no further calls, so that the other timers have their second too."""


async def deliver(database: Database, bank: Bank, turn_s: float = TURN_S) -> int:
    """Give due instructions to the bank, or ask about them, until none is due or the turn of `turn_s` seconds is over.

    One round of calls is always made. The intent was committed as `sent`. What was never called is given; everything
    else is asked about first, and given again only if the bank says that it never received it. Answers how many
    payouts moved.
    """
    moved, until = 0, time.monotonic() + turn_s
    while True:
        async with database.unit_of_work() as uow:
            due = await lease_due(uow, AT_ONCE)
        if not due:
            return moved
        asked = [call for call in due if not call.is_first]
        answers = dict(
            zip(asked, await asyncio.gather(*(bank.ask(call.instruction.id) for call in asked)), strict=True)
        )
        lost = [call for call, answer in answers.items() if answer.answer is Answer.NEVER_RECEIVED]
        given = [call for call in due if call.is_first]
        if lost:
            async with database.unit_of_work() as uow:
                given += await permit_resends(uow, lost)
        answers |= await give(database, bank, given)
        async with database.unit_of_work() as uow:
            moved += await record_answers(uow, [Reply(call, answer, call in given) for call, answer in answers.items()])
        if time.monotonic() >= until:
            return moved


async def give(database: Database, bank: Bank, calls: list[DueCall]) -> dict[DueCall, BankAnswer]:
    """Give instructions whose lease still runs: a process that was frozen in between leaves the others alone.

    An account that cannot be read keeps nobody else's money back; its instruction is asked about again later.
    """
    async with database.unit_of_work() as uow:
        accounts = await find_accounts(uow, {call.instruction.account_id for call in calls})
        ready = [
            call for call in calls if uow.recorded_at < call.leased_until and call.instruction.account_id in accounts
        ]
    orders = [order(call.instruction, accounts[call.instruction.account_id]) for call in ready]
    return dict(zip(ready, await asyncio.gather(*(bank.give(payment_order) for payment_order in orders)), strict=True))


async def _go(database: Database) -> int:
    async with Bank.at(database.settings.need_text("bank_url")) as bank:
        return await deliver(database, bank)


TIMERS = [ExternalJob("payout.bank", _go)]
