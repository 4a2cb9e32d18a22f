"""What goes wrong in a city and how it ends: a chapter each, lived beside the season over the same interfaces."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from deploy.local.demo import steps
from deploy.local.demo.client import DemoFailed
from deploy.local.demo.story import Stories

ELSEWHERE = "410481"
"""Another area of the city."""

Chapter = Callable[[Stories], Coroutine[Any, Any, str]]


async def a_duplicate_across_areas(stories: Stories) -> str:
    """A worker who was paid for claims the same training again, in another area and under another batch."""
    async with stories.begin() as it:
        await it.claim()
        await it.certify()
        await it.pay()
        path = f"/v1/workers/{it.trainee.person_id}/area-changes"
        await it.client.post(it.staff.proposer, "voucher", path, {"area": ELSEWHERE})
        await it.refused("not_eligible", lambda: it.claim(area=ELSEWHERE))
        return "refused as not_eligible: the benefit was taken, whatever the area"


async def an_objection(stories: Stories) -> str:
    """Somebody objects to what the public notice shows; two officers look into it and find it in order."""
    async with stories.begin() as it:
        await it.claim()
        await it.certify()
        published = await it.pay("published")
        neighbour = await it.colleague()
        path = f"/v1/notices/{published['notice_id']}/objections"
        body = {"payout_id": published["id"], "statement": "该学员未参加培训"}
        objection = await it.client.post(neighbour.trainee.actor, "payout", path, body)
        must((await it.payout())["held"], "an objection freezes exactly that payout")
        await it.days(9)
        must((await it.payout())["status"] == "published", "a frozen payout does not go on when the notice ends")
        path = f"/v1/objections/{objection['id']}"
        decision = {"outcome": "dismissed", "reason_code": "attendance_proven"}
        await it.client.post(it.staff.proposer, "payout", f"{path}/proposals", decision)
        await it.client.post(it.staff.second_approver, "payout", f"{path}/decisions")
        await it.quiet()
        await it.pay()
        return "frozen, dismissed by two officers with a reason, then paid"


async def a_bank_that_accepts_and_says_nothing(stories: Stories) -> str:
    """The bank takes an instruction and its answer is lost: it is asked, and nothing is ordered twice."""
    async with stories.begin() as it:
        await it.claim()
        await it.certify()
        await it.pay("batched")
        await it.bank("/faults", {"lose_answers": 1})
        paid = await it.pay()
        return f"asked under the same id, and paid once: {paid['amount_fen'] // 100} yuan"


async def returned_money(stories: Stories) -> str:
    """The bank paid and gives the money back days later; it goes on to the corrected account."""
    async with stories.begin() as it:
        await it.claim()
        await it.certify()
        paid = await it.pay()
        await it.bank("/returns", {"reference": paid["id"], "code": "account_name_wrong"})
        await it.quiet()
        returned = await it.payout()
        must((returned["status"], returned["code"]) == ("returned", "account_name_wrong"), "the money came back")
        correction = (it.staff.reviewer, "/v1/payout-corrections", returned)
        await it.refused("account_unchanged", it.decide, *correction)
        await it.change_account()
        await it.refused("account_cooling_off", it.decide, *correction)
        await it.days(3.1)
        await it.decide(*correction)
        must((await it.pay())["id"] == paid["id"], "the same payout is paid")
        return "reserved again, and paid to the corrected account by a second attempt"


async def revoked_after_payment(stories: Stories) -> str:
    """A certificate turns out to be false after the money went out: it is owed back, and an honest one is paid."""
    async with stories.begin() as it:
        await it.claim()
        await it.certify()
        paid_fen = (await it.pay())["amount_fen"]
        await it.revoke()
        (case,) = await it.clawbacks()
        must((case["status"], case["outstanding_fen"]) == ("open", paid_fen), "all of it is owed back")
        must((await it.voucher())["status"] == "clawed_back", "the voucher is clawed back")
        await it.pay_back(case["id"], paid_fen)
        (case,) = await it.clawbacks()
        must((case["status"], case["outstanding_fen"]) == ("settled", 0), "the debt is settled")
        await it.claim()
        await it.certify()
        await it.pay()
        must([payout["status"] for payout in await it.payouts()] == ["reversed", "paid"], "an honest one is paid")
        return "owed back, paid back, and an honest certificate paid"


async def a_second_chance(stories: Stories) -> str:
    """A worker misses too much of a class: the voucher serves another one."""
    async with stories.begin() as it:
        voucher_id = await it.claim()
        await it.plan()
        await it.enrol()
        await it.attend(days=1)
        await it.complete(verified=False)
        voucher = await it.voucher()
        must(voucher["status"] == "claimed", "a first failed training gives the voucher back")
        must(steps.day_of(voucher["valid_until"]) >= await it.today() + timedelta(days=29), "thirty days are left")
        await it.certify()
        await it.pay()
        must((await it.voucher(voucher_id))["status"] == "redeemed", "the same voucher is redeemed")
        return "the same voucher served another class, and was paid"


CHAPTERS: dict[str, Chapter] = {
    "a duplicate across areas": a_duplicate_across_areas,
    "an objection to a public notice": an_objection,
    "a bank that accepts and says nothing": a_bank_that_accepts_and_says_nothing,
    "returned money (退汇)": returned_money,
    "a certificate revoked after payment": revoked_after_payment,
    "a failed training": a_second_chance,
}
"""By what it is about."""


def must(holds: object, what: str) -> None:
    """`DemoFailed` with the sentence that does not hold."""
    if not holds:
        raise DemoFailed(f"this should be so, and is not: {what}")
