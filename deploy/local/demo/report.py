"""What a season came to: the funnel, the ledger, the refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from deploy.local.demo.city import DemoFailed, Json
from deploy.local.demo.season import Season
from deploy.local.demo.staff import AUDITOR
from shared.kernel.money import format_fen

STAGES = ("claimed", "enrolled", "completed", "certified", "opened", "paid")
STAGE_NAMES = {
    "claimed": "发券 claimed",
    "enrolled": "培训 enrolled",
    "completed": "结业 completed",
    "certified": "持证 certified",
    "opened": "兑现 opened",
    "paid": "兑现 paid",
}


@dataclass(frozen=True)
class DemoResult:
    """The season in figures. `ledger_sum_fen` is zero or something is badly wrong."""

    loops: int
    funnel: Mapping[str, int]
    paid_fen: int
    ledger_sum_fen: int
    refusals: Mapping[str, int]
    requests: int


async def read_result(season: Season) -> tuple[DemoResult, Json]:
    """Read the figures as an auditor does; also the ledger's accounts."""
    await season.city.clock.wait_until_quiet()
    vouchers = {one.voucher_id for one in season.trainees}
    statuses = dict.fromkeys(STAGES, 0)
    paid_fen = 0
    for trainee in season.trainees:
        voucher = await season.city.get(trainee.actor, "voucher", f"/v1/vouchers/{trainee.voucher_id}")
        statuses["claimed"] += 1
        statuses["enrolled"] += bool(trainee.enrolment_id)
        if trainee.enrolment_id:
            enrolment = await season.city.get(trainee.actor, "training", f"/v1/enrolments/{trainee.enrolment_id}")
            statuses["completed"] += enrolment["status"] == "completed"
        statuses["certified"] += voucher["status"] in {"certified", "settling", "redeemed"}
        statuses["opened"] += voucher["status"] in {"settling", "redeemed"}
        statuses["paid"] += voucher["status"] == "redeemed"
    for payout in await paid_payouts(season):
        if payout["voucher_id"] in vouchers:
            paid_fen += int(payout["amount_fen"])
    ledger = await season.city.get(AUDITOR, "payout", "/v1/ledger")
    if ledger["sum_fen"] != 0:
        raise DemoFailed(f"the ledger sums to {ledger['sum_fen']} fen instead of zero")
    requests = sum(season.city.requests.values())
    return DemoResult(season.loops, statuses, paid_fen, ledger["sum_fen"], dict(season.city.refusals), requests), ledger


async def paid_payouts(season: Season) -> list[Json]:
    """All payouts that are paid."""
    paid: list[Json] = []
    params = {"status": "paid", "limit": "200"}
    while True:
        page = await season.city.get(season.staff.reviewer, "payout", "/v1/payouts", **params)
        paid += page["data"]
        if not page["has_more"]:
            return paid
        params["cursor"] = page["next_cursor"]


def show(console: Console, result: DemoResult, ledger: Json) -> None:
    """Print the funnel, the ledger and the refusals."""
    funnel = Table("stage", "workers", "of those who claimed", title="The loop 发券 → 培训 → 评价 → 持证 → 兑现")
    for stage in STAGES:
        count = result.funnel[stage]
        funnel.add_row(STAGE_NAMES[stage], str(count), f"{100 * count // max(1, result.loops)} %")
    console.print(funnel)
    accounts = Table("account", "balance, yuan", title="The ledger")
    balances: dict[str, int] = {}
    for entry in ledger["accounts"]:
        balances[entry["account"]] = balances.get(entry["account"], 0) + int(entry["balance_fen"])
    for account, balance_fen in balances.items():
        accounts.add_row(account, format_fen(balance_fen))
    accounts.add_row("[bold]sum", f"[bold]{format_fen(result.ledger_sum_fen)}")
    console.print(accounts)
    refusals = Table("code", "times", title="Refused on the way")
    for code, times in sorted(result.refusals.items()):
        refusals.add_row(code, str(times))
    console.print(refusals)
    console.print(
        f"{format_fen(result.paid_fen)} yuan were paid to the institutions by {result.requests} HTTP requests."
    )
