"""Certificates that do not hold, trainings that fail, vouchers that run out, and institutions that fall away."""

from dataclasses import replace
from datetime import timedelta

from deploy.local.demo.cast import SKILLS
from deploy.local.demo.client import Json, Refused
from deploy.local.demo.staff import open_body
from deploy.local.demo.steps import day_of
from deploy.local.demo.story import Stories, Story
from tests.loop.stories.listing import RATE_FEN, code, story


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
