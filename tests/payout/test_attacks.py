"""Attacks on the invariants by SQL, with the rights of the API's role, the worker's, and the owner's (DOMAIN §4)."""

import pytest

from services.payout.payouts.domain import PayoutState
from shared.kernel.ids import uuid7
from tests.payout.attacks import NO_RIGHT, NULL, ROLES, copy_refused, move, refused, voucher_says
from tests.payout.scenario import OTHER_SCHOOL, Case, Scenario
from tests.payout.steps import advance


@pytest.mark.parametrize("role", ROLES)
async def test_no_payout_without_a_certificate(scenario: Scenario, role: str) -> None:
    """Invariant 2: no certificate, another person's, another skill, another level, no level at all."""
    await scenario.begin()
    payout = await scenario.open()
    for changes in (
        {"certificate_id": uuid7()},
        {"person_id": uuid7()},
        {"skill_code": "4-10-08-01"},
        {"level": 3},
        {"occasion": "review:2030-01-01"},
    ):
        voucher_id = await voucher_says(scenario, payout, **changes)
        free = {
            "benefit": "other",
            "voucher_id": voucher_id,
            "key_person_id": changes.get("person_id", payout.person_id),
        }
        found = await copy_refused(scenario, role, payout, **{**free, **changes})
        assert found in ("pr_payouts", "fk_payouts_certificate")


@pytest.mark.parametrize("role", ROLES)
async def test_no_payout_without_a_certificate_not_even_a_refused_one(scenario: Scenario, role: str) -> None:
    """The foreign key alone: a payout created rejected has no rate that is compared before it."""
    await scenario.begin()
    payout = await scenario.open()
    refusal = {"status": "rejected", "code": "x", "rate_id": None, "amount_fen": 0}
    for changes in ({"certificate_id": uuid7()}, {"person_id": uuid7()}, {"level": 3}, {"skill_code": "4-10-08-01"},
                    {"occasion": "review:2030-01-01"}):  # fmt: skip
        voucher_id = await voucher_says(scenario, payout, **changes)
        own = {"voucher_id": voucher_id, "key_person_id": changes.get("person_id", payout.person_id)}
        found = await copy_refused(scenario, role, payout, **{**refusal, **own, **changes})
        assert found == "fk_payouts_certificate"
    assert await copy_refused(scenario, role, payout, **refusal, level=None) in (NULL, "ow_payouts")


@pytest.mark.parametrize("role", ROLES)
async def test_a_payout_says_what_its_voucher_says(scenario: Scenario, role: str) -> None:
    """Nobody opens one for another payee, area, fund source or institution, or under another person's key."""
    await scenario.begin()
    payout = await scenario.open()
    for changes in (
        {"payee_id": OTHER_SCHOOL},
        {"payee_kind": "worker", "payee_id": str(payout.person_id)},
        {"mandate_id": uuid7()},
        {"area": "410403"},
        {"institution": OTHER_SCHOOL},
        {"fund_source": "finance"},
        {"occasion": "review:2030-01-01"},
        {"key_person_id": uuid7()},
        {"voucher_id": uuid7()},
    ):
        assert await copy_refused(scenario, role, payout, benefit="other", **changes) == "ow_payouts"
    await scenario.sql("worker", "UPDATE voucher_facts SET eligibility = 'ineligible'")
    assert await copy_refused(scenario, role, payout, benefit="other") == "ow_payouts"


async def test_the_apis_role_writes_no_certificate_and_no_status(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    await scenario.open(case)
    copy = "INSERT INTO certificate_copies SELECT gen_random_uuid(), person_id, skill_code, 1, kind, act, assessed_on,"
    copy += " issued_on, priced_on, jws, copied_at FROM certificate_copies"
    assert await refused(scenario, "api", copy) == NO_RIGHT
    assert await refused(scenario, "api", "UPDATE certificate_statuses SET status = 'valid'") == NO_RIGHT
    assert (
        await refused(scenario, "api", "INSERT INTO certificate_statuses VALUES (gen_random_uuid(), 'valid', 1)")
        == NO_RIGHT
    )
    assert await refused(scenario, "api", "UPDATE voucher_facts SET level = 1") == NO_RIGHT
    assert await refused(scenario, "api", "UPDATE institution_facts SET status = 'listed'") == NO_RIGHT
    await scenario.sql("api", "SELECT FROM certificate_statuses FOR UPDATE")
    lock = "UPDATE certificate_statuses SET row_lock = true"
    assert await refused(scenario, "api", lock) == "ck_certificate_statuses_row_lock"


@pytest.mark.parametrize("role", ["worker", "owner"])
async def test_a_certificate_copy_never_changes(scenario: Scenario, role: str) -> None:
    await scenario.begin()
    await scenario.open()
    for statement in ("UPDATE certificate_copies SET level = 1", "DELETE FROM certificate_copies"):
        assert await refused(scenario, role, statement) in (NO_RIGHT, "ao_certificate_copies")
    back = "UPDATE certificate_statuses SET status = 'revoked', version = version - 1"
    assert await refused(scenario, role, back) == "mo_certificate_statuses"
    await scenario.sql(role, "UPDATE certificate_statuses SET status = 'revoked', version = version + 1")
    undo = "UPDATE certificate_statuses SET status = 'valid', version = version + 1"
    assert await refused(scenario, role, undo) == "mo_certificate_statuses"


@pytest.mark.parametrize("role", ROLES)
async def test_one_live_payout_per_key_voucher_and_certificate(scenario: Scenario, role: str) -> None:
    """Invariant 4, each of the three keys attacked while the two others differ."""
    await scenario.begin()
    payout = await scenario.open()
    twin = Case(person_id=payout.person_id)
    await scenario.receive(scenario.issued(twin))
    other_voucher = await voucher_says(scenario, payout)
    by_certificate = await copy_refused(scenario, role, payout, voucher_id=other_voucher)
    assert by_certificate in ("uq_payouts_live_certificate", "uq_payouts_live_key")
    by_voucher = await copy_refused(scenario, role, payout, benefit="other")
    assert by_voucher == "uq_payouts_live_voucher"
    twins_voucher = await voucher_says(scenario, payout, certificate_id=twin.certificate_id)
    by_key = await copy_refused(scenario, role, payout, certificate_id=twin.certificate_id, voucher_id=twins_voucher)
    assert by_key == "uq_payouts_live_key"
    await scenario.sql("owner", "DROP INDEX uq_payouts_live_key")
    by_certificate = await copy_refused(scenario, role, payout, voucher_id=other_voucher)
    assert by_certificate == "uq_payouts_live_certificate"


async def test_a_reversed_payout_frees_its_key_only_when_its_debt_is_settled(scenario: Scenario) -> None:
    """D22, with the owner's rights: there is no such command yet."""
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open())
    again = Case(person_id=payout.person_id)
    pay = "UPDATE payouts SET status = 'paid', version = version + 1 WHERE id = :id"
    assert await refused(scenario, "worker", pay, id=payout.id) in ("mn_payouts", "dl_payouts")
    await scenario.force("payouts", pay, id=payout.id)
    reverse = "UPDATE payouts SET status = 'reversed', version = version + 1, code = 'fraud' WHERE id = :id"
    await scenario.force("payouts", reverse, id=payout.id)
    assert (await scenario.open(again)).code == "payout_already_live"
    settle = "UPDATE payouts SET debt_settled_at = now(), version = version + 1 WHERE id = :id"
    await scenario.force("payouts", settle, id=payout.id)
    freed = Case(person_id=payout.person_id)
    assert (await scenario.open(freed)).status is PayoutState.OPENED


@pytest.mark.parametrize("role", ROLES)
async def test_the_amount_is_never_an_input(scenario: Scenario, role: str) -> None:
    """Invariant 5: not another sum, not another rate, not a rate out of force, and never changed."""
    await scenario.begin()
    payout = await scenario.open()
    for changes in (
        {"amount_fen": 160_001},
        {"rate_id": 1},
        {"rate_id": None},
        {"second_approval_above_fen": 999_999_999},
    ):
        free = {"benefit": "other", "voucher_id": await voucher_says(scenario, payout), **changes}
        assert await copy_refused(scenario, role, payout, **free) in ("pr_payouts", "ck_payouts_rate")
    for column, value in (("amount_fen", "1"), ("payee_id", "'x'"), ("level", "1"), ("rate_id", "2")):
        statement = f"UPDATE payouts SET {column} = {value}"  # our own constants
        assert await refused(scenario, role, statement) in (NO_RIGHT, "im_payouts")
    assert await refused(scenario, role, "UPDATE payouts SET amount_fen = amount_fen + 1") in (NO_RIGHT, "im_payouts")


@pytest.mark.parametrize("role", ["api", "worker"])
async def test_a_fund_is_never_overdrawn_and_its_figures_are_the_ledgers(scenario: Scenario, role: str) -> None:
    """Invariant 6."""
    fund = await scenario.begin(budget_fen=160_000)
    await advance(scenario, PayoutState.CHECKED, await scenario.open())
    for figure in ("budget_fen", "reserved_fen", "spent_fen"):
        statement = f"UPDATE funds SET {figure} = 0"  # our own constants
        assert await refused(scenario, role, statement) == NO_RIGHT
    more = (
        "WITH moved AS (INSERT INTO ledger_transactions VALUES (gen_random_uuid(), 'budget', :fund, NULL, now(), now())"
        " RETURNING id, fund_id) INSERT INTO ledger_postings SELECT moved.id, posting.account, moved.fund_id,"
        " posting.amount_fen FROM moved, (VALUES ('{}', {}), ('{}', {})) AS posting (account, amount_fen)"
    )
    lopsided = more.format("appropriation", -100, "available", 99)
    assert await refused(scenario, role, lopsided, fund=fund.id) == "bl_ledger_transactions"
    elsewhere = more.format("available", -100, "spent", 100)
    assert await refused(scenario, role, elsewhere, fund=fund.id) == "ck_funds_within_budget"
    backwards = more.format("appropriation", 160_000, "available", -160_000)
    assert await refused(scenario, role, backwards, fund=fund.id) == "ck_funds_within_budget"
    empty = "INSERT INTO ledger_transactions VALUES (gen_random_uuid(), 'budget', :fund, NULL, now(), now())"
    assert await refused(scenario, role, empty, fund=fund.id) == "bl_ledger_transactions"


@pytest.mark.parametrize("role", ROLES)
async def test_the_ledger_is_only_ever_added_to(scenario: Scenario, role: str) -> None:
    """Invariant 11, for everything that is append-only."""
    await scenario.begin()
    await advance(scenario, PayoutState.BATCHED, await scenario.open())
    tables = ("ledger_transactions", "ledger_postings", "instructions", "payout_decisions", "payment_batch_items")
    for table in tables:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # our own constants
            assert await refused(scenario, role, statement) in (
                NO_RIGHT,
                f"ao_{table}",
                *(f"ao_{table}" for table in tables),
            )
    assert await refused(scenario, role, "UPDATE ledger_postings SET amount_fen = 1") in (
        NO_RIGHT,
        "ao_ledger_postings",
    )
    assert await refused(scenario, role, "UPDATE instructions SET account_id = payout_id") in (
        NO_RIGHT,
        "ao_instructions",
    )


async def test_money_is_reserved_once_and_ends_once(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.CHECKED, await scenario.open())
    again = "INSERT INTO ledger_transactions SELECT gen_random_uuid(), :kind, fund_id, id, now(), now() FROM payouts"
    twice = (
        f"WITH moved AS ({again} RETURNING id, fund_id) INSERT INTO ledger_postings SELECT moved.id, posting.account,"
        " moved.fund_id, posting.sign * 160000 FROM moved, (VALUES ('available', -1), ('reserved', 1)) AS posting"
        " (account, sign)"
    )
    assert await refused(scenario, "worker", twice, kind="reserve") == "mn_payouts"
    assert await refused(scenario, "api", again, kind="spend") == NO_RIGHT
    assert await refused(scenario, "api", again, kind="reserve") == NO_RIGHT
    free = "UPDATE payouts SET status = 'rejected', version = version + 1, code = 'x' WHERE id = :id"
    for other in ("decided", "event"):
        await scenario.sql("owner", f"DROP TRIGGER {other} ON payouts")  # our own constants
    assert await refused(scenario, "api", free, id=payout.id) == "mn_payouts"


OFFICERS = ("reviewed_by", "approved_by", "second_approved_by", "batched_by", "released_by")


@pytest.mark.parametrize("role", ROLES)
async def test_maker_checkers_and_releaser_are_distinct(scenario: Scenario, role: str) -> None:
    """Invariant 8: every pair, and the beneficiary with each."""
    await scenario.begin()
    payout = await scenario.open()
    person = uuid7()
    for place, officer in enumerate(OFFICERS):
        for other in OFFICERS[place + 1 :]:
            statement = f"UPDATE payouts SET {officer} = :person, {other} = :person"  # our own constants
            assert await refused(scenario, role, statement, person=person) in ("ck_payouts_distinct_persons", NO_RIGHT)
        statement = f"UPDATE payouts SET {officer} = :person"  # our own constants
        stopped = await refused(scenario, role, statement, person=payout.person_id)
        assert stopped == (NO_RIGHT if role == "worker" else "ck_payouts_distinct_persons")


async def test_the_status_moves_along_the_table_and_the_money_steps_are_the_workers(scenario: Scenario) -> None:
    """Invariant 9, and the API's role cannot send, pay, clear or reserve."""
    await scenario.begin()
    (checked,) = await advance(scenario, PayoutState.CHECKED, await scenario.open())
    for role in ROLES:
        for to in ("approved", "published", "sent", "paid", "opened"):
            assert await move(scenario, role, checked.id, to) in ("lc_payouts", NO_RIGHT)
    unversioned = "UPDATE payouts SET status = 'reviewed', reviewed_by = gen_random_uuid()"
    assert await refused(scenario, "api", unversioned) == "lc_payouts"
    skipped = "UPDATE payouts SET version = version + 2"
    assert await refused(scenario, "worker", skipped) == "lc_payouts"
    assert await move(scenario, "api", checked.id, "reviewed") == "ck_payouts_reviewed"
    (batched,) = await advance(scenario, PayoutState.BATCHED, checked)
    assert await move(scenario, "api", batched.id, "sent", ", released_by = gen_random_uuid()") == NO_RIGHT
    assert await move(scenario, "worker", batched.id, "sent") == "ck_payouts_released"


@pytest.mark.parametrize("status", ["suspended", "revoked", "expired", "superseded", "imported"])
async def test_nothing_is_approved_or_sent_without_a_valid_certificate(scenario: Scenario, status: str) -> None:
    """Invariant 3, against whoever writes past the service."""
    await scenario.begin()
    (reviewed,) = await advance(scenario, PayoutState.REVIEWED, await scenario.open())
    await scenario.sql("worker", "UPDATE certificate_statuses SET status = :to, version = version + 1", to=status)
    more = ", approved_by = gen_random_uuid(), attempt = 1"
    for role in ROLES:
        stopped = await move(scenario, role, reviewed.id, "approved", more)
        assert stopped == (NO_RIGHT if role == "worker" else "va_payouts")


async def test_the_published_amount_needs_its_second_approval(scenario: Scenario) -> None:
    await scenario.begin()
    await scenario.sql("owner", "UPDATE dated_rules SET value = 1 WHERE name = 'second_approval_above_fen'")
    (approved,) = await advance(scenario, PayoutState.APPROVED, await scenario.open())
    more = ", published_at = now(), notice_ends_at = now() + interval '1 day'"
    for role in ROLES:
        stopped = await move(scenario, role, approved.id, "published", more)
        assert stopped == (NO_RIGHT if role == "worker" else "ck_payouts_second_approved")


async def test_holds_are_counted_and_lifted_once(scenario: Scenario) -> None:
    await scenario.begin(listed=False)
    payout = await scenario.open()
    assert payout.open_holds == 1
    for role in ("api", "worker"):
        assert await refused(scenario, role, "UPDATE payouts SET open_holds = 0") == "st_payouts"
        uncounted = "UPDATE payouts SET open_holds = 0, version = version + 1"
        assert await refused(scenario, role, uncounted) == "hc_payouts"
        lifted = "UPDATE payout_holds SET lifted_at = placed_at"
        assert await refused(scenario, role, lifted) == (NO_RIGHT if role == "api" else "hc_payouts")
        assert await refused(scenario, role, "DELETE FROM payout_holds") == NO_RIGHT
    assert await refused(scenario, "owner", "UPDATE payout_holds SET reason_code = 'x'") == "im_payout_holds"


async def test_an_instruction_pays_what_is_owed_to_the_payees_own_account(scenario: Scenario) -> None:
    await scenario.begin()
    stranger = await scenario.account(OTHER_SCHOOL, number="6222020000000777")
    (payout,) = await advance(scenario, PayoutState.REVIEWED, await scenario.open())
    pin = "INSERT INTO instructions VALUES (:id, :payout, :attempt, :account, 'institution', :payee, :amount, now())"
    own = (await scenario.sql("owner", "SELECT id FROM accounts WHERE owner_id = :id", id=payout.payee_id))[0].id
    given = {
        "id": payout.id,
        "payout": payout.id,
        "attempt": 1,
        "account": own,
        "payee": payout.payee_id,
        "amount": 160_000,
    }
    for changes, stops in (
        ({"account": stranger}, "fk_instructions_account"),
        ({"account": stranger, "payee": OTHER_SCHOOL}, "fk_instructions_payout"),
        ({"amount": 160_001}, "fk_instructions_payout"),
        ({"id": uuid7()}, "ck_instructions_own_id"),
        ({"attempt": 2}, "ck_instructions_own_id"),
    ):
        assert await refused(scenario, "api", pin, **{**given, **changes}) == stops
    assert (
        await refused(scenario, "api", "INSERT INTO deliveries VALUES (:id, :id, 0, now())", id=payout.id) == NO_RIGHT
    )


async def test_one_instruction_of_a_payout_is_under_way(scenario: Scenario) -> None:
    """Invariant 16, on our side of the counter."""
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open())
    second = uuid7()
    await scenario.force(
        "instructions",
        "INSERT INTO instructions SELECT :second, payout_id, 2, account_id, payee_kind, payee_id, amount_fen, now()"
        " FROM instructions", second=second,
    )  # fmt: skip
    await scenario.force(
        "payment_batch_items",
        "INSERT INTO payment_batch_items (batch_id, payout_id, attempt, fund_id)"
        " SELECT batch_id, payout_id, 2, fund_id FROM payment_batch_items",
    )
    begin = (
        "INSERT INTO deliveries (instruction_id, payout_id, next_call_at, amount_fen)"
        " VALUES (:second, :payout, now(), 160000)"
    )
    assert await refused(scenario, "worker", begin, second=second, payout=payout.id) == "uq_deliveries_live"
    await scenario.sql("worker", "UPDATE deliveries SET outcome = 'failed', answered_at = now()")
    undo = "UPDATE deliveries SET outcome = 'paid', answered_at = now()"
    assert await refused(scenario, "worker", undo) == "fi_deliveries"


async def test_a_batch_is_built_and_released_by_two(scenario: Scenario) -> None:
    await scenario.begin()
    await advance(scenario, PayoutState.BATCHED, await scenario.open())
    same = "UPDATE payment_batches SET released_by = built_by"
    assert await refused(scenario, "api", same) == "ck_payment_batches_distinct_persons"
    assert await refused(scenario, "owner", "UPDATE payment_batches SET amount_fen = 1") == "im_payment_batches"
    alone = "UPDATE payment_batches SET status = 'released', version = version + 1"
    assert await refused(scenario, "api", alone) == "ck_payment_batches_released"
