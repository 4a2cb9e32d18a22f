"""What a role that speaks SQL, and not our commands, still cannot do to holds and accounts (DOMAIN §5)."""

from datetime import date

import pytest

from services.payout.payouts.domain import PayoutState
from shared.contracts.evaluation import CertificateSuspendedV1
from shared.kernel.ids import uuid7
from tests.payout.city import SCHOOL, Case, City
from tests.payout.test_attacks import NO_RIGHT, ROLES, move, refused
from tests.payout.way import walk


@pytest.mark.parametrize("role", ROLES)
async def test_no_step_is_taken_under_a_hold(city: City, role: str) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, PayoutState.CHECKED, await city.open(case))
    await city.sql("owner", "UPDATE payouts SET reviewed_by = :person WHERE id = :id", person=uuid7(), id=payout.id)
    await city.hear(city.tell(CertificateSuspendedV1, case.certificate_id, since=date(2033, 3, 7), reason_code="check"))
    assert await move(city, role, payout.id, "reviewed") == "hl_payouts"


async def test_the_apis_role_lifts_no_hold_of_another_source(city: City) -> None:
    await city.begin()
    case = Case()
    payout = await city.open(case)
    await city.hear(city.tell(CertificateSuspendedV1, case.certificate_id, since=date(2033, 3, 7), reason_code="check"))
    lift = (
        "WITH lifted AS (UPDATE payout_holds SET lifted_at = placed_at WHERE payout_id = :id RETURNING payout_id)"
        " UPDATE payouts SET open_holds = 0, version = version + 1 FROM lifted WHERE id = payout_id"
    )
    assert await refused(city, "api", lift, id=payout.id) == NO_RIGHT


@pytest.mark.parametrize("role", ["api", "owner"])
async def test_an_account_is_not_paid_to_before_its_cool_off_whoever_says_so(city: City, role: str) -> None:
    """Neither confirmed with a cool-off of its own, nor shortened later, nor pinned before it is over."""
    await city.begin()
    (payout,) = await walk(city, PayoutState.REVIEWED, await city.open())
    new = await city.account(SCHOOL, number="6222020000000002")
    assert await refused(city, role, "UPDATE accounts SET usable_from = now() WHERE id = :id", id=new) == "co_accounts"
    pin = "INSERT INTO instructions SELECT id, id, 1, :account, payee_kind, payee_id, amount_fen, now() FROM payouts"
    assert await refused(city, role, pin, account=new) == "us_instructions"
    retired = "UPDATE accounts SET status = 'retired', version = version + 1 WHERE id <> :id RETURNING id"
    ((old,),) = await city.sql(role, retired, id=new)
    assert await refused(city, role, pin, account=old) == "us_instructions"
    another = (
        "INSERT INTO accounts SELECT (jsonb_populate_record(accounts, jsonb_build_object('id', gen_random_uuid(),"
        " 'status', 'proposed', 'version', 1, 'revision', 9, 'usable_from', NULL))).* FROM accounts WHERE id = :id"
        " RETURNING id"
    )
    ((third,),) = await city.sql(role, another, id=new)
    await city.sql(role, "UPDATE accounts SET status = 'endorsed', version = 2 WHERE id = :id", id=third)
    at_once = (
        "UPDATE accounts SET status = 'confirmed', version = 3, usable_from = (SELECT clock_timestamp() + \"offset\""
        " FROM business_clock) WHERE id = :id"
    )
    assert await refused(city, role, at_once, id=third) == "co_accounts"
    assert payout.attempt == 0
