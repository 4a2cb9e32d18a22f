"""Stories of people over the public interfaces of a running system: every one has an end, and most a second chance.

All of them are lived side by side, under one business clock (`SharedClock`): years pass in minutes, no rule shortened.
"""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from deploy.local.demo import cast_for, open_client
from deploy.local.demo.cast import PERMITS, SKILLS
from deploy.local.demo.chapters import CHAPTERS
from deploy.local.demo.client import Json, Refused
from deploy.local.demo.staff import AUDITOR, open_body, seed
from deploy.local.demo.steps import day_of
from deploy.local.demo.story import Stories, Story
from shared.kernel.clock import SHANGHAI
from shared.reference.calendar import is_provisional
from tests.loop.system import running_system

pytestmark = pytest.mark.xdist_group("stories")

SEED = 20_211_227
RATE_FEN = 80_000
"""A specific competence."""

STORIES: list[Callable[[Stories], Awaitable[object]]] = list(CHAPTERS.values())


def story(lived: Callable[[Stories], Awaitable[object]]) -> Callable[[Stories], Awaitable[object]]:
    """One story of the many."""
    STORIES.append(lived)
    return lived


@pytest.fixture(scope="module")
async def ends(request: pytest.FixtureRequest) -> AsyncIterator[dict[str, str | None]]:
    """By name of the chosen stories: how each went wrong, or None."""
    chosen = {item.callspec.params.get("lived") for item in request.session.items if hasattr(item, "callspec")}
    lives = [lived for lived in STORIES if lived in chosen]
    with running_system() as system:
        async with open_client(system.environment) as client:
            casting = await cast_for(client, SEED)
            stories = Stories(client, await seed(client, casting, loops=1), casting)
            ends = await asyncio.gather(*(lived(stories) for lived in lives), return_exceptions=True)
            failed = [
                "".join(traceback.format_exception(end)) if isinstance(end, BaseException) else None for end in ends
            ]
            assert (await client.get(AUDITOR, "payout", "/v1/ledger"))["sum_fen"] == 0
            assert (await client.post(AUDITOR, "audit", "/v1/log-verifications"))["first_broken"] is None
            yield {lived.__name__: end for lived, end in zip(lives, failed, strict=True)}


def last_day(notice: Json) -> date:
    """The last day on which a notice is shown."""
    return date.fromisoformat(notice["last_on"])


def code(answer: Json | Refused) -> str:
    """The code with which a request, or its only row, was refused; empty if it was not."""
    if isinstance(answer, Refused):
        return answer.code
    errors = [row["error"]["code"] for row in answer.get("results", ()) if row.get("error")]
    return errors[0] if errors else ""


async def dossier(it: Story) -> Json:
    """What the worker reads of their own training and assessment."""
    return await it.client.get(it.trainee.actor, "audit", f"/v1/dossiers/{it.trainee.person_id}")


# --- certificates that do not hold ---


@story
async def a_certificate_revoked_before_payment_is_followed_by_another_bodys_and_paid_once(stories: Stories) -> None:
    async with stories.begin() as it:
        other = await open_body(it.client, it.staff.proposer, it.casting)
        await it.claim()
        await it.certify()
        await it.pay("approved")
        await it.revoke()
        assert (await it.voucher())["status"] == "in_use"
        (rejected,) = await it.payouts()
        assert (rejected["status"], rejected["code"], rejected["final"]) == ("rejected", "certificate_revoked", False)
        await it.assess(body=other)
        paid = await it.pay()
        assert [payout["status"] for payout in await it.payouts()] == ["rejected", "paid"]
        assert paid["amount_fen"] == RATE_FEN
        assert (await it.voucher())["status"] == "redeemed"


@story
async def money_paid_on_a_revoked_certificate_comes_back_and_an_honest_one_is_paid(stories: Stories) -> None:
    async with stories.begin(SKILLS[2]) as it:
        colleagues = [await it.colleague() for _ in range(2)]
        for lived in (it, *colleagues):
            await lived.claim()
            await lived.plan()
            await lived.enrol()
        await it.attend(*colleagues)
        for lived in (it, *colleagues):
            await lived.complete()
        held_on = await it.today() + timedelta(days=1)
        for lived in (it, *colleagues):
            await lived.assess(held_on=held_on)
        paid = await it.pay()
        assert paid["amount_fen"] == 200_000
        await it.revoke()
        (case,) = await it.clawbacks()
        assert (case["status"], case["outstanding_fen"], case["debtor_id"]) == ("open", 200_000, it.institution.code)
        assert (await it.voucher())["status"] == "clawed_back"
        for outstanding_fen in (120_000, 40_000):
            later = await colleagues.pop().pay()
            assert (later["amount_fen"], later["offset_fen"]) == (RATE_FEN, RATE_FEN)
            (case,) = await it.clawbacks()
            assert case["outstanding_fen"] == outstanding_fen
        path = f"/v1/clawbacks/{case['id']}"
        plan = {"measure": "instalments", "parts": 2, "first_due_on": str(await it.today() + timedelta(days=10))}
        await it.client.post(it.staff.cashier, "payout", f"{path}/measures", plan)
        await it.client.post(it.staff.releaser, "payout", f"{path}/approvals")
        for part in (1, 2):
            await it.pay_back(case["id"], 20_000, part=part)
        (case,) = await it.clawbacks()
        assert (case["status"], case["outstanding_fen"]) == ("settled", 0)
        await it.claim()
        await it.certify()
        assert (await it.pay())["amount_fen"] == 200_000
        assert [payout["status"] for payout in await it.payouts()] == ["reversed", "paid"]


# --- trainings that fail ---


@story
async def who_fails_twice_loses_the_voucher_and_claims_another(stories: Stories) -> None:
    async with stories.begin() as it:
        first = await it.claim()
        for status in ("claimed", "void_uncertified"):
            await it.plan()
            await it.enrol()
            await it.attend()
            await it.complete(passes=False, verified=False)
            assert (await it.voucher())["status"] == status
        assert await it.claim() != first
        await it.certify()
        await it.pay()
        assert (await it.voucher(first))["status"] == "void_uncertified"


@story
async def two_failed_assessments_are_followed_by_another_series_after_six_months(stories: Stories) -> None:
    async with stories.begin() as it:
        await it.claim()
        await it.train()
        for _ in range(2):
            assert (await it.assess(practice=40))["certificates"] == []
        assert (await it.voucher())["status"] == "void_uncertified"
        _, refused = await it.admit(await it.today() + timedelta(days=1))
        assert code(refused) == "resit_used_up"
        await it.days(185)
        await it.claim()
        await it.certify()
        await it.pay()


# --- validity ---


@story
async def a_class_stopped_on_day_98_of_a_90_day_voucher_leaves_30_days(stories: Stories) -> None:
    async with stories.begin() as it:
        await it.claim()
        claimed_on = await it.today()
        days = [claimed_on + timedelta(days=number) for number in (89, 91, 93, 95, 105)]
        await it.plan(days)
        await it.enrol()
        await it.attend(until=claimed_on + timedelta(days=98))
        await it.client.post(
            it.staff.reviewer, "training", f"/v1/classes/{it.class_.id}/stops", {"reason_code": "venue_lost"}
        )
        await it.quiet()
        voucher = await it.voucher()
        assert voucher["status"] == "claimed"
        assert day_of(voucher["valid_until"]) >= claimed_on + timedelta(days=98 + 29)


@story
async def a_voucher_presented_for_a_class_that_begins_after_its_validity_is_refused(stories: Stories) -> None:
    async with stories.begin() as it:
        await it.claim()
        claimed_on = await it.today()
        await it.morning(claimed_on + timedelta(days=88))
        await it.plan(it.days_from(await it.today() + timedelta(days=20)))
        await it.enrol()
        path = f"/v1/enrolments/{it.trainee.enrolment_id}"
        enrolment = await it.client.get(it.trainee.actor, "training", path)
        assert (enrolment["status"], enrolment["reason_code"]) == ("refused", "class_starts_too_late")
        assert (await it.voucher())["status"] == "claimed"


@story
async def a_hold_of_forty_days_over_the_expiry_leaves_the_voucher_valid(stories: Stories) -> None:
    async with stories.begin() as it:
        await it.claim()
        claimed_on = await it.today()
        await it.morning(claimed_on + timedelta(days=80))
        path = f"/v1/vouchers/{it.trainee.voucher_id}/holds"
        hold = await it.client.post(it.staff.proposer, "voucher", path, {"reason_code": "looked_into"})
        await it.morning(claimed_on + timedelta(days=120))
        assert (await it.voucher())["status"] == "claimed"
        await it.client.post(it.staff.approver, "voucher", f"{path}/{hold['id']}/lift")
        await it.quiet()
        voucher = await it.voucher()
        assert day_of(voucher["valid_until"]) >= claimed_on + timedelta(days=129)
        await it.plan(it.days_from(await it.today() + timedelta(days=8)))
        await it.enrol()
        assert (await it.voucher())["status"] == "in_use"


@story
async def a_dead_workers_money_goes_to_the_heirs_account_by_two_officers(stories: Stories) -> None:
    async with stories.begin() as it:
        await it.open_own_account()
        await it.days(3.1)
        await it.claim()
        await it.certify(mandate=False)
        await it.register_says("deceased")
        held = await it.payout()
        assert (held["held"], held["payee_kind"]) == (True, "worker")
        (hold,) = held["holds"]
        assert hold["reason_code"] == "holder_deceased"
        holds = f"/v1/payouts/{held['id']}/holds"
        take_over = (it.staff.proposer, "payout", f"{holds}/{hold['id']}/take-overs", {"reason_code": "heirs_known"})
        assert code(await it.client.try_post(*take_over)) == "heirs_account_missing"
        third = (await it.colleague()).trainee.person_id
        clerk = replace(it.staff.cashier, sub=f"finance-{third}", person=third)
        await it.open_own_account(by=clerk, name="继承人", number=17)
        await it.days(3.1)
        taken = await it.client.post(*take_over)
        lift = f"{holds}/{taken['id']}/lift"
        assert code(await it.client.try_post(it.staff.proposer, "payout", lift)) == "same_person"
        await it.client.post(it.staff.approver, "payout", lift)
        await it.quiet()
        assert (await it.pay())["payee_id"] == it.trainee.person_id
        assert (await it.voucher())["status"] == "redeemed"
        assert (await it.ledger())["sum"] == 0


# --- institutions and assessments that fall away ---


@story
async def a_removed_institution_holds_its_own_payouts_and_not_those_of_a_worker(stories: Stories) -> None:
    async with stories.begin() as it:
        own = await it.colleague()
        await own.open_own_account()
        await own.claim()
        await it.claim()
        await it.plan()
        await it.enrol()
        await own.join(it, mandate=False)
        await it.attend()
        await it.complete()
        await it.assess()
        await own.assess()
        code_ = it.institution.code
        await it.client.post(
            it.staff.proposer, "training", f"/v1/institutions/{code_}/removals", {"reason_code": "fraud_found"}
        )
        await it.quiet()
        assert (await own.pay())["payee_kind"] == "worker"
        held = await it.payout()
        assert held["held"] is True
        refused = await it.client.try_post(
            it.staff.reviewer, "payout", "/v1/payout-reviews", {"rows": [{"payout_id": held["id"]}]}
        )
        assert code(refused) == "held"
        (hold,) = held["holds"]
        path = f"/v1/payouts/{held['id']}/holds/{hold['id']}"
        own_hold = await it.client.post(
            it.staff.proposer, "payout", f"{path}/take-overs", {"reason_code": "honest_work"}
        )
        path = f"/v1/payouts/{held['id']}/holds/{own_hold['id']}/lift"
        assert isinstance(await it.client.try_post(it.staff.proposer, "payout", path), Refused)
        await it.client.post(it.staff.approver, "payout", path)
        await it.quiet()
        assert (await it.pay())["payee_id"] == code_


@story
async def an_assessment_whose_day_passes_unopened_frees_its_candidates(stories: Stories) -> None:
    async with stories.begin() as it:
        await it.claim()
        await it.plan()
        await it.enrol()
        await it.attend()
        over_on = await it.today()
        await it.days(6)
        await it.complete(held_on=over_on)
        assert (await dossier(it))["enrolments"][0]["completed_on"] == str(over_on)
        session_id, _ = await it.admit(await it.today() + timedelta(days=1))
        await it.days(6)
        session = await it.client.get(it.staff.body.actor, "evaluation", f"/v1/assessment-sessions/{session_id}")
        assert session["status"] == "cancelled"
        await it.assess()
        await it.pay()


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


def _sentence(lived: object) -> str:
    return str(getattr(lived, "__name__", lived)).replace("_", " ")


@pytest.mark.parametrize("lived", STORIES, ids=_sentence)
def test_story(lived: Callable[[Stories], Awaitable[object]], ends: dict[str, str | None]) -> None:
    if flaw := ends[lived.__name__]:
        pytest.fail(flaw, pytrace=False)
