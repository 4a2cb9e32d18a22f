"""Files that go to the bank and come back as reports, step by step."""

from typing import Any
from uuid import UUID

from deploy.local.bank import Bank
from services.payout.bank.domain import BankChannel
from services.payout.bank_reports.domain import BankReportFacts
from services.payout.bank_reports.service import confirm_bank_report, upload_bank_report
from services.payout.payment_files.service import hand_out
from services.payout.payouts.domain import PayoutFacts, PayoutState
from shared.security import Principal
from tests.payout.scenario import Scenario
from tests.payout.steps import advance, build, release


async def in_file(scenario: Scenario, count: int = 2, channel: BankChannel = BankChannel.ISO20022) -> list[PayoutFacts]:
    """Payouts that were sent by a file."""
    await scenario.begin()
    payouts = await advance(scenario, PayoutState.CLEARED, *[await scenario.open() for _ in range(count)])
    await release(scenario, (await build(scenario, *payouts, channel=channel)).id)
    await scenario.run_timers()
    return [await scenario.now_of(payout) for payout in payouts]


async def fetched(scenario: Scenario, version: int = 1) -> bytes:
    """What finance takes to the bank: the newest batch's file."""
    found = await scenario.sql(
        "owner", "SELECT id FROM payment_files WHERE version = :version ORDER BY written_at DESC, id DESC LIMIT 1",
        version=version,
    )  # fmt: skip
    async with scenario.database.api.unit_of_work() as uow:
        return (await hand_out(uow, scenario.cashier, found[0].id)).content


async def upload(scenario: Scenario, content: bytes, by: Principal | None = None) -> BankReportFacts:
    """Finance uploads a report."""
    async with scenario.database.api.unit_of_work() as uow:
        return await upload_bank_report(uow, by or scenario.cashier, content)


async def confirm(scenario: Scenario, report_id: UUID, by: Principal | None = None) -> BankReportFacts:
    """Another officer confirms it."""
    async with scenario.database.api.unit_of_work() as uow:
        return await confirm_bank_report(uow, by or scenario.releaser, report_id)


async def take_in(scenario: Scenario, content: bytes) -> list[str | None]:
    """A report is uploaded, confirmed and applied; the outcomes of its rows in their order."""
    report = await upload(scenario, content)
    await confirm(scenario, report.id)
    await scenario.run_timers()
    return [row.outcome for row in await rows_of(scenario, report.id)]


async def rows_of(scenario: Scenario, report_id: UUID) -> list[Any]:
    """The rows of a report in their order."""
    return await scenario.sql(
        "owner", "SELECT * FROM bank_report_rows WHERE report_id = :id ORDER BY number", id=report_id
    )


async def reported(scenario: Scenario, bank: Bank) -> bytes:
    """What the bank says of the newest file."""
    return bank.report_on(await fetched(scenario))


async def states(scenario: Scenario, payouts: list[PayoutFacts]) -> list[PayoutState]:
    """Where payouts stand now."""
    return [(await scenario.now_of(payout)).status for payout in payouts]
