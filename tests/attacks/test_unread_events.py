"""One event that cannot be read, or that is missing, stands in front of the real revocation: nothing is paid (R26)."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.local.keys import Keys, Signing
from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.reviews.service import approve_payouts, review_payouts
from shared.messaging.parked import list_parked
from shared.messaging.records import Record
from shared.persistence.unit_of_work import partition_of
from shared.security import read_signing_key
from tests.api_client import ISSUER, Account, ApiClient
from tests.attacks.stream import Stream, history, revoked, unreadable
from tests.payout.attacks import move
from tests.payout.scenario import SCHOOL, Case, Scenario, codes, decide
from tests.payout.steps import AFTER_THE_NOTICE, advance, build, publish_payouts, release

States = PayoutState


async def _refused(scenario: Scenario, payout: PayoutFacts) -> list[str | None]:
    """What the next step of a payout is refused with; a timer leaves it as it is."""
    steps = {States.CHECKED: review_payouts, States.REVIEWED: approve_payouts, States.APPROVED: publish_payouts}
    if payout.status in steps:
        who = scenario.reviewer if payout.status is States.CHECKED else scenario.approver
        return codes(await decide(scenario, steps[payout.status], who, payout))
    if payout.status is States.CLEARED:
        with pytest.raises(Exception, match="parked") as caught:
            await build(scenario, payout)
        return [getattr(caught.value, "code", None)]
    if payout.status is States.PUBLISHED:
        await scenario.database.set_business_time(AFTER_THE_NOTICE)
    await scenario.run_timers()
    return ["facts_incomplete" if (await scenario.now_of(payout)).status is payout.status else None]


@pytest.mark.parametrize(
    "status",
    [States.OPENED, States.CHECKED, States.REVIEWED, States.APPROVED, States.PUBLISHED, States.CLEARED, States.BATCHED],
)
async def test_no_step_is_taken_while_the_revocation_waits_behind_a_gap(
    scenario: Scenario, status: PayoutState
) -> None:
    """Version 2 of the certificate never comes; version 3 revokes it and parks."""
    await scenario.begin()
    stream, case = Stream(scenario), Case()
    await stream.bring(scenario.issued(case), scenario.verified(case), *history(scenario, case))
    payout = await scenario.payout_of(case)
    (payout,) = await advance(scenario, status, payout)
    real = revoked(scenario, case)
    await stream.bring(real.model_copy(update={"version": real.version + 1}))
    assert await stream.parked() == ["gap"]
    if status is States.BATCHED:
        batches = await scenario.sql("worker", "SELECT id FROM payment_batches")
        await release(scenario, batches[0].id)
    assert await _refused(scenario, payout) == ["facts_incomplete"]
    await stream.bring(real)
    assert (await scenario.now_of(payout)).status is status, "the missing one parks behind it"


ABOUT: dict[str, Callable[[Case], Record]] = {
    "certificate": lambda case: unreadable("evaluation", case.certificate_id),
    "certificate by its key": lambda case: unreadable("evaluation", uuid4(), key=str(case.certificate_id).encode()),
    "voucher": lambda case: unreadable("voucher", case.voucher_id),
    "person": lambda case: unreadable("voucher", case.person_id),
    "institution": lambda case: unreadable("training", SCHOOL),
}


@pytest.mark.parametrize("about", ABOUT)
async def test_what_cannot_be_read_counts_for_whatever_it_may_be_about(scenario: Scenario, about: str) -> None:
    await scenario.begin()
    stream, case = Stream(scenario), Case()
    await stream.bring(scenario.issued(case), scenario.verified(case), *history(scenario, case))
    (reviewed,) = await advance(scenario, PayoutState.REVIEWED, await scenario.payout_of(case))
    await stream.bring(ABOUT[about](case))
    assert await stream.parked() == ["event_unreadable"]
    assert codes(await decide(scenario, approve_payouts, scenario.approver, reviewed)) == ["facts_incomplete"]
    assert await move(scenario, "api", reviewed.id, "approved", ", approved_by = gen_random_uuid()") == "fc_payouts"


async def test_what_can_be_about_nothing_of_it_holds_nobody(scenario: Scenario) -> None:
    """The honest act beside the attacks: another partition, another key, another consumer."""
    await scenario.begin()
    stream, case = Stream(scenario), Case()
    await stream.bring(scenario.issued(case), scenario.verified(case), *history(scenario, case))
    (reviewed,) = await advance(scenario, PayoutState.REVIEWED, await scenario.payout_of(case))
    elsewhere = next(other for other in iter(uuid4, None) if partition_of(other) != partition_of(case.certificate_id))
    await stream.bring(unreadable("evaluation", elsewhere), unreadable("voucher", case.voucher_id, key=b"another"))
    assert await stream.parked() == ["event_unreadable"] * 2
    assert codes(await decide(scenario, approve_payouts, scenario.approver, reviewed)) == [None]


async def test_a_bulk_list_goes_on_without_the_one_that_waits(scenario: Scenario) -> None:
    await scenario.begin()
    stream, cases = Stream(scenario), [Case(), Case()]
    for case in cases:
        await stream.bring(scenario.issued(case), scenario.verified(case), *history(scenario, case))
    checked = await advance(scenario, PayoutState.CHECKED, *[await scenario.payout_of(case) for case in cases])
    await stream.bring(unreadable("evaluation", uuid4(), key=str(cases[1].certificate_id).encode()))
    outcomes = codes(await decide(scenario, review_payouts, scenario.reviewer, *checked))
    assert outcomes == [None, "facts_incomplete"]


async def test_one_finger_on_the_console_discards_nothing(scenario: Scenario, keys: Keys, tmp_path: Path) -> None:
    """`parked discard` asks for the tokens of two persons; then what waited is free to go on."""
    await scenario.begin()
    stream, case = Stream(scenario), Case()
    await stream.bring(scenario.issued(case), unreadable("evaluation", case.certificate_id))
    database = scenario.database.worker
    number = (await list_parked(database))[0].id
    console = ApiClient(httpx.AsyncClient(), read_signing_key(keys.private(Signing.TOKENS)))
    people = {name: Account("operator") for name in ("first", "second")}
    for name, account in people.items():
        (tmp_path / name).write_text(console.token(account))
    environment = {
        "PATH": os.environ["PATH"], "SKILL_VOUCHER_PROFILE": "test", "SKILL_VOUCHER_DATABASE_URL": database.url,
        "SKILL_VOUCHER_EVENT_JWKS_FILE": str(keys.all_events), "SKILL_VOUCHER_TOKEN_ISSUER": ISSUER,
        "SKILL_VOUCHER_TOKEN_JWKS_FILE": str(keys.public(Signing.TOKENS)),
    }  # fmt: skip

    async def discard(first: str, second: str) -> int:
        tokens = ("--first-token", str(tmp_path / first), "--second-token", str(tmp_path / second))
        command = ("-m", "services.payout", "parked", "discard", str(number), "--reason", "no event of ours", *tokens)
        process = await asyncio.create_subprocess_exec(sys.executable, *command, env=environment)
        return await asyncio.wait_for(process.wait(), 60)

    (tmp_path / "forged").write_text(console.token(Account("operator")) + "x")
    assert await discard("first", "first") == 1
    assert await discard("first", "forged") == 1
    assert await stream.parked() == ["event_unreadable"]
    assert await discard("first", "second") == 0
    assert await stream.parked() == []
