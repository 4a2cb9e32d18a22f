"""Money that is short, late, wrong or refused, notices that last, and people who are one person."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from deploy.local.demo.cast import PERMITS
from deploy.local.demo.client import Json
from deploy.local.demo.staff import AUDITOR, open_body
from deploy.local.demo.story import Stories
from shared.kernel.clock import SHANGHAI
from shared.reference.calendar import is_provisional
from tests.loop.stories.listing import RATE_FEN, code, story


def last_day(notice: Json) -> date:
    """The last day on which a notice is shown."""
    return date.fromisoformat(notice["last_on"])


# --- money ---


@story
async def a_payout_to_a_closed_account_waits_for_another_that_has_cooled_off(stories: Stories) -> None:
    async with stories.begin() as it:
        await it.claim()
        await it.certify()
        await it.pay("cleared")
        await it.bank("/faults", {"failing_suffix": it.institution.code[8:16]})
        failed = await it.pay("failed")
        assert failed["code"] == "bank_account_closed"
        await it.change_account()
        correction = {"rows": [{"payout_id": failed["id"]}]}
        refused = await it.client.try_post(it.staff.reviewer, "payout", "/v1/payout-corrections", correction)
        assert code(refused) == "account_cooling_off"
        await it.days(3.1)
        await it.decide(it.staff.reviewer, "/v1/payout-corrections", failed)
        paid = await it.pay()
        assert paid["id"] == failed["id"]
        assert (await it.voucher())["status"] == "redeemed"


@story
async def a_payout_without_money_says_so_and_is_paid_once_there_is_some(stories: Stories) -> None:
    async with stories.begin() as it:
        source = "industry_development"
        fund_id = await it.fund(1, source=source)
        await it.claim(fund_source=source)
        await it.certify()
        waiting = await it.payout()
        assert (waiting["status"], waiting["shortage"]["code"], waiting["shortage"]["place"]) == (
            "opened", "fund_exhausted", 1,
        )  # fmt: skip
        path = f"/v1/funds/{fund_id}"
        await it.client.post(it.staff.cashier, "payout", f"{path}/raises", {"amount_fen": RATE_FEN})
        await it.client.post(it.staff.releaser, "payout", f"{path}/approvals")
        await it.quiet()
        assert (await it.pay())["amount_fen"] == RATE_FEN


@story
async def a_missing_rate_is_added_by_two_officers_and_a_wrong_one_corrected(stories: Stories) -> None:
    async with stories.begin(PERMITS[1]) as it:
        government = await open_body(it.client, it.staff.proposer, it.casting, "government", PERMITS)
        rates = (await it.client.get(AUDITOR, "payout", "/v1/rates"))["data"]
        (rate,) = (
            row for row in rates if (row["certificate_kind"], row["act"]) == ("special_equipment", "first")
            and row["valid_to"] is None
        )  # fmt: skip
        tomorrow = await it.today() + timedelta(days=1)
        wanted = {
            name: rate[name] for name in ("programme", "certificate_kind", "level", "act", "amount_fen", "source")
        }
        wanted["paid_to"] = rate["payee"]
        await it.change_rate({**wanted, "rate_id": rate["id"], "valid_from": str(tomorrow), "valid_to": str(tomorrow)})
        await it.claim()
        await it.train()
        await it.assess(body=government)
        refused = await it.payout()
        assert (refused["status"], refused["code"], refused["final"]) == ("rejected", "rate_missing", False)
        assert (await it.voucher())["status"] == "certified"
        from_on = tomorrow + timedelta(days=1)
        typed = await it.change_rate({**wanted, "amount_fen": 40_000, "valid_from": str(from_on)})
        assert (await it.payout())["status"] == "checked", "it opens by itself"
        paid = await it.pay()
        assert paid["amount_fen"] == 40_000
        rates = (await it.client.get(AUDITOR, "payout", "/v1/rates"))["data"]
        (wrong,) = (row["id"] for row in rates if row["valid_from"] == str(from_on) and row["amount_fen"] == 40_000)
        corrected = await it.change_rate({**wanted, "rate_id": wrong, "valid_from": str(from_on + timedelta(days=1))})
        assert typed["differences"] == []
        (difference,) = corrected["differences"]
        assert (difference["payout_id"], difference["paid_fen"]) == (paid["id"], 40_000)
        assert (await it.payout())["amount_fen"] == 40_000, "what was decided stays"


@story
async def a_notice_that_ends_in_a_year_without_a_calendar_says_so_and_leaves_new_years_day_out(
    stories: Stories,
) -> None:
    async with stories.begin() as it:
        await it.claim()
        await it.certify()
        await it.pay("approved")
        today = await it.today()
        day = date(today.year + (today > date(today.year, 12, 28)), 12, 28)
        await it.morning(day)
        published = await it.pay("published")
        notice = await it.client.get(None, "payout", f"/v1/notices/{published['notice_id']}")
        new_year = date(day.year + 1, 1, 1)
        days = [day + timedelta(days=number) for number in range(1, 1 + (last_day(notice) - day).days)]
        assert new_year in days
        assert notice["calendar_provisional"] is is_provisional(day, last_day(notice))
        if notice["calendar_provisional"]:
            assert len([passed for passed in days if passed.weekday() < 5 and passed != new_year]) == 5
        await it.pay()


@story
async def a_notice_published_in_the_night_to_a_saturday_lasts_five_whole_working_days(stories: Stories) -> None:
    async with stories.begin() as it:
        await it.claim()
        await it.certify()
        await it.pay("approved")
        today = await it.today()
        saturday = today + timedelta(days=(5 - today.weekday()) % 7 or 7)
        await it.until(datetime.combine(saturday, time(0, 30), SHANGHAI))
        published = await it.pay("published")
        assert datetime.fromisoformat(published["notice_ends_at"]) >= datetime.combine(
            saturday + timedelta(days=7), time(0), SHANGHAI
        ), "the week from Monday to Friday is whole"
        await it.pay()


@story
async def each_review_of_a_permit_is_paid_once_and_a_missed_one_ends_it(stories: Stories) -> None:
    async with stories.begin(PERMITS[0]) as it:
        government = await open_body(it.client, it.staff.proposer, it.casting, "government", PERMITS)
        await it.claim()
        await it.train()
        await it.assess(body=government)
        assert (await it.pay())["amount_fen"] == 80_000
        permit = await it.certificate()
        due = date.fromisoformat(permit["review_due_on"])
        await it.morning(due - timedelta(days=40))
        await it.fund(10_000_000)
        await it.claim()
        days = [await it.today() + timedelta(days=9)]
        await it.plan(days, act="review")
        await it.enrol()
        await it.attend()
        await it.complete()
        await it.assess(body=government, act="review")
        reviewed = await it.pay()
        assert (reviewed["amount_fen"], reviewed["occasion"]) == (30_000, f"review:{due}")
        await it.refused("not_eligible", it.claim)
        again = date.fromisoformat((await it.certificate())["review_due_on"])
        assert again.year >= due.year + 3
        await it.morning(again + timedelta(days=61))
        assert (await it.certificate())["status"] == "expired"


@story
async def a_payout_rejected_for_good_is_reopened_once_by_the_payees_objection(stories: Stories) -> None:
    async with stories.begin() as it:
        first = await it.claim()
        await it.certify()
        rejected = await it.pay("reviewed")
        path = f"/v1/payouts/{rejected['id']}"
        reason = {"reason_code": "hours_doubted"}
        await it.client.post(it.staff.proposer, "payout", f"{path}/holds", reason)
        await it.decide(it.staff.second_approver, "/v1/payout-rejections", rejected, **reason, final=True)
        await it.quiet()
        assert (await it.voucher())["status"] == "lapsed"
        second = await it.claim()
        assert (await it.voucher())["status"] == "claimed", "another one the same day"
        said = {"statement": "课时记录完整,请予复核"}
        objection = await it.client.post(it.institution.actor, "payout", f"{path}/objections", said)
        rulings = f"/v1/objections/{objection['id']}/rulings"
        ruling = {"outcome": "upheld", "reason_code": "hours_proven"}
        await it.refused("objection_same_person", it.client.post, it.staff.second_approver, "payout", rulings, ruling)
        await it.client.post(it.staff.approver, "payout", rulings, ruling)
        await it.quiet()
        assert (await it.payout())["reopens"] == rejected["id"]
        await it.refused("objected_once", it.client.post, it.institution.actor, "payout", f"{path}/objections", said)
        await it.pay()
        assert [payout["status"] for payout in await it.payouts()] == ["rejected", "paid"]
        assert [(await it.voucher(voucher_id))["status"] for voucher_id in (first, second)] == ["redeemed", "claimed"]


@story
async def the_survivor_of_a_merger_presents_the_other_records_voucher_until_two_officers_undo_it(
    stories: Stories,
) -> None:
    async with stories.begin() as it:
        old, survivor = it.trainee, (await it.colleague()).trainee
        voucher_id = await it.claim()
        code_ = {"institution": it.institution.code, "mandate": True}
        present = (survivor.actor, "voucher", f"/v1/vouchers/{voucher_id}/presence-codes", code_)
        await it.refused("voucher_not_found", it.client.post, *present)
        merger = await it.merge(old, survivor)
        assert "code" in await it.client.post(*present)
        undoing = {"reason_code": "two_people", "evidence": "人口库核验为两人"}
        await it.client.post(it.staff.approver, "voucher", f"{merger}/separations", undoing)
        await it.client.post(it.staff.proposer, "voucher", f"{merger}/separation-approvals")
        await it.quiet()
        await it.refused("voucher_not_found", it.client.post, *present)
        merger = await it.merge(old, survivor)
        it.trainee = replace(survivor, voucher_id=voucher_id)
        await it.certify()
        assert (await it.voucher())["status"] == "settling"
        it.trainee = old  # the payout stays under the record that claimed
        await it.pay()
        redeemed = await it.client.get(survivor.actor, "voucher", f"/v1/vouchers/{voucher_id}")
        assert redeemed["status"] == "redeemed"
        await it.refused("merger_used", it.client.post, it.staff.approver, "voucher", f"{merger}/separations", undoing)
