"""What a season came to: the funnel beside its plan, the ledger, the refusals, the log of all events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rich.console import Console
from rich.table import Table

from deploy.local.demo.client import ApiClient, DemoFailed, Json
from deploy.local.demo.refusals import ATTEMPTS
from deploy.local.demo.season import Season, quotas
from deploy.local.demo.staff import AUDITOR
from shared.kernel.money import format_fen

STAGES = {
    "claimed": "发券 voucher claimed",
    "enrolled": "培训 enrolled in a class",
    "completed": "培训 training completed",
    "certified": "评价·持证 certified",
    "opened": "兑现 payout opened",
    "paid": "兑现 paid",
}
"""How far a worker comes, in order."""

VOUCHER_REACHED = {
    "certified": {"certified", "settling", "redeemed"},
    "opened": {"settling", "redeemed"},
    "paid": {"redeemed"},
}
"""Which states of a voucher say that its worker has come so far."""


@dataclass(frozen=True)
class DemoResult:
    """The season in figures. `ledger_sum_fen` is zero, and `log_flaw` None, or something is badly wrong."""

    loops: int
    first_day: date
    last_day: date
    funnel: Mapping[str, int]
    paid_fen: int
    ledger_sum_fen: int
    refusals: Mapping[str, int]
    requests: int
    log_entries: int
    log_flaw: str | None

    @property
    def planned(self) -> Mapping[str, int]:
        """What the funnel must be: who trains and who passes was cast before."""
        trains, passes = quotas(self.loops)
        return dict(zip(STAGES, (self.loops, trains, passes, passes, passes, passes), strict=True))


async def read_result(season: Season) -> tuple[DemoResult, Json]:
    """Read the figures as those see them whom they concern, and the ledger as an auditor does."""
    client = season.client
    await client.clock.wait_until_quiet()
    funnel = dict.fromkeys(STAGES, 0)
    for trainee in season.trainees:
        voucher = await client.get(trainee.actor, "voucher", f"/v1/vouchers/{trainee.voucher_id}")
        funnel["claimed"] += 1
        if trainee.enrolment_id:
            enrolment = await client.get(trainee.actor, "training", f"/v1/enrolments/{trainee.enrolment_id}")
            funnel["enrolled"] += 1
            funnel["completed"] += enrolment["status"] == "completed"
        for stage, states in VOUCHER_REACHED.items():
            funnel[stage] += voucher["status"] in states
    vouchers = {trainee.voucher_id for trainee in season.trainees}
    paid = await client.pages(AUDITOR, "payout", "/v1/payouts", status="paid")
    ledger = await client.get(AUDITOR, "payout", "/v1/ledger")
    entries, flaw = await verify_log(client)
    result = DemoResult(
        loops=season.loops,
        first_day=season.today,
        last_day=season.day,
        funnel=funnel,
        paid_fen=sum(int(payout["amount_fen"]) for payout in paid if payout["voucher_id"] in vouchers),
        ledger_sum_fen=ledger["sum_fen"],
        refusals=dict(season.refusals),
        requests=client.requests,
        log_entries=entries,
        log_flaw=flaw,
    )
    return result, ledger


async def verify_log(client: ApiClient) -> tuple[int, str | None]:
    """Have audit recompute its whole log: how many events it holds, and the first flaw, if there is one."""
    begin = 0
    while True:
        answer = await client.post(AUDITOR, "audit", "/v1/log-verifications", {"begin": begin})
        if broken := answer["first_broken"]:
            return answer["entries"], f"entry {broken['index']}: {broken['flaw']}"
        if answer["next_begin"] is None:
            return answer["entries"], None
        begin = answer["next_begin"]


def check(result: DemoResult) -> None:
    """`DemoFailed`, in a sentence for people, unless everybody came as far as was planned and the books are right."""
    if not result.funnel["paid"]:
        raise DemoFailed(f"nobody was paid; {result.planned['paid']} workers should have been")
    for stage, planned in result.planned.items():
        if (count := result.funnel[stage]) != planned:
            raise DemoFailed(f"{count} workers came as far as {STAGES[stage]!r}; {planned} should have")
    if result.ledger_sum_fen:
        raise DemoFailed(f"the ledger sums to {format_fen(result.ledger_sum_fen)} yuan instead of zero")
    if missing := [what for code, what in ATTEMPTS.items() if not result.refusals.get(code)]:
        raise DemoFailed(f"it was not tried whether this is refused: {', '.join(missing)}")
    if result.log_flaw is not None:
        raise DemoFailed(f"audit's log of all events does not hold: {result.log_flaw}")


def show(console: Console, result: DemoResult, ledger: Json, chapters: Mapping[str, str]) -> None:
    """Print the funnel, the ledger, the refusals and how each chapter ended."""
    console.print(_funnel(result))
    console.print(
        "Not everybody was cast to finish: some never train and some fail the test, as in a real year.", soft_wrap=True
    )
    console.print(_ledger(ledger))
    console.print(_refusals(result))
    console.print(_chapters(chapters))
    flaw = f"does NOT hold: {result.log_flaw}" if result.log_flaw else "holds: every hash recomputed, none missing"
    console.print(
        f"{format_fen(result.paid_fen)} yuan were paid for {result.funnel['paid']} workers' training. Business time "
        f"went from {result.first_day} to {result.last_day}; {result.requests} HTTP requests were made.\n"
        f"Audit's log of {result.log_entries} events {flaw}.",
        highlight=False,
        soft_wrap=True,
    )


def _funnel(result: DemoResult) -> Table:
    table = Table(
        "stage", "workers", "planned", "of those who claimed", title="The loop 发券 → 培训 → 评价 → 持证 → 兑现"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for stage, name in STAGES.items():
        count, planned = result.funnel[stage], result.planned[stage]
        colour = "" if count == planned else "[red]"
        table.add_row(name, f"{colour}{count}", str(planned), f"{100 * count // result.loops} %")
    return table


def _ledger(ledger: Json) -> Table:
    """The accounts of all funds, all seasons together."""
    balances: dict[str, int] = {}
    for account in ledger["accounts"]:
        balances[account["account"]] = balances.get(account["account"], 0) + int(account["balance_fen"])
    table = Table("account", "balance, yuan", title="The ledger of all funds sums to zero")
    table.columns[1].justify = "right"
    for name, balance_fen in balances.items():
        table.add_row(name, format_fen(balance_fen))
    table.add_section()
    table.add_row("sum", format_fen(int(ledger["sum_fen"])))
    return table


def _refusals(result: DemoResult) -> Table:
    table = Table("tried", "refused as", "times", title="Refused on the way, as it must be")
    for code, times in result.refusals.items():
        table.add_row(ATTEMPTS[code], code, str(times))
    return table


def _chapters(chapters: Mapping[str, str]) -> Table:
    table = Table("what went wrong", "how it ended", title="A chapter each, lived beside the season")
    for name, end in chapters.items():
        table.add_row(name, end)
    return table
