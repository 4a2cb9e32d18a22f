"""Batches that go to the bank in a file: each instruction in one, once, and the same bytes whoever takes them."""

import asyncio
import base64
from hashlib import sha256
from typing import Any

import pytest

from services.payout.bank.domain import BankChannel
from services.payout.instructions.service import lease_due
from services.payout.instructions.timers import deliver
from services.payout.payment_batches.domain import PaymentFilesNotAccepted
from services.payout.payment_batches.service import build_payment_batch, send_released
from services.payout.payment_files.domain import PaymentFileDiffers
from services.payout.payment_files.service import write_payment_files
from services.payout.payouts.domain import PayoutState
from services.payout.payouts.service import lift_hold, place_hold
from shared.kernel.ids import uuid7
from shared.kernel.strict_xml import parse_xml
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import NO_RIGHT, ROLES, refused
from tests.payout.bank_formats.test_bank_formats import PAIN_001
from tests.payout.bank_reports.reports import in_file
from tests.payout.sandbox_bank import SandboxBank
from tests.payout.scenario import SCHOOL, Scenario, officer
from tests.payout.steps import advance, build, release

RATE_FEN = 160_000
NUMBER = "6222020000000001"


async def files(scenario: Scenario) -> list[Any]:
    """Every file, oldest first."""
    return await scenario.sql("owner", "SELECT * FROM payment_files ORDER BY id")


@pytest.mark.parametrize("channel", [BankChannel.ISO20022, BankChannel.CSV])
async def test_finance_takes_the_same_bytes_each_time_and_each_time_is_recorded(
    scenario: Scenario, client: ApiClient, channel: BankChannel
) -> None:
    payouts = await in_file(scenario, channel=channel)
    assert {payout.status for payout in payouts} == {PayoutState.SENT}
    (file,) = (await client.get(scenario.cashier, "/v1/payment-files")).json()["data"]
    assert (file["version"], file["count"], file["amount_fen"], file["channel"]) == (1, 2, 2 * RATE_FEN, channel)
    path = f"/v1/payment-files/{file['id']}"
    taken = [(await client.post(by, f"{path}/downloads")).json() for by in (scenario.cashier, scenario.releaser)]
    assert taken[0] == taken[1]
    content = base64.b64decode(taken[0]["content"])
    assert (sha256(content).hexdigest(), taken[0]["digest"]) == (file["digest"],) * 2
    text = content.decode("gb18030" if channel is BankChannel.CSV else "utf-8")
    assert text.count(NUMBER) == text.count(f"单位{SCHOOL[-4:]}") == 2
    assert all(payout.id.hex in text for payout in payouts)
    if channel is BankChannel.ISO20022:
        assert PAIN_001.errors(parse_xml(content)) == []
    shown = (await client.get(scenario.cashier, path)).json()
    assert [each["person_id"] for each in shown["downloads"]] == [
        str(scenario.cashier.person_id), str(scenario.releaser.person_id),
    ]  # fmt: skip
    assert NUMBER not in str(await scenario.sql("owner", "SELECT * FROM idempotency_keys"))


async def test_finance_sees_what_a_hold_stopped_after_the_file_was_written(
    scenario: Scenario, client: ApiClient
) -> None:
    """Nothing had left the house, and the bytes are what they are: it is struck at the bank."""
    stopped, _ = await in_file(scenario)
    (file,) = (await client.get(scenario.cashier, "/v1/payment-files")).json()["data"]
    path = f"/v1/payment-files/{file['id']}"
    assert (await client.get(scenario.cashier, path)).json()["held_instruction_ids"] == []
    held = await client.post(scenario.reviewer, f"/v1/payouts/{stopped.id}/holds", {"reason_code": "objection"})
    assert held.status_code == 201
    taken = await client.post(scenario.cashier, f"{path}/downloads")
    for shown in ((await client.get(scenario.cashier, path)).json(), taken.json()):
        assert shown["held_instruction_ids"] == [str(stopped.id)]


async def test_a_file_is_found_by_who_may_know_of_its_batch(scenario: Scenario, client: ApiClient) -> None:
    await in_file(scenario)
    (file,) = await files(scenario)
    foreign = officer(Role.FINANCE, "410403")
    for answer in (
        await client.get(foreign, f"/v1/payment-files/{file.id}"),
        await client.post(foreign, f"/v1/payment-files/{file.id}/downloads"),
    ):
        assert code_of(answer) == "payment_file_not_found"
    assert (await client.get(foreign, "/v1/payment-files")).json()["data"] == []
    assert await scenario.sql("owner", "SELECT id FROM payment_file_downloads") == []


async def test_what_goes_in_a_file_is_never_called_for(scenario: Scenario, bank: SandboxBank) -> None:
    await in_file(scenario)
    async with scenario.database.worker.unit_of_work() as uow:
        assert await lease_due(uow, 10) == []
    assert await deliver(scenario.database.worker, bank.client) == 0
    assert (await bank.book())["instructions"] == 0


async def test_what_a_hold_kept_back_goes_in_the_next_version(scenario: Scenario) -> None:
    await scenario.begin()
    payouts = await advance(scenario, PayoutState.CLEARED, *[await scenario.open() for _ in range(3)])
    batch = await build(scenario, *payouts, channel=BankChannel.ISO20022)
    await release(scenario, batch.id)
    async with scenario.database.api.unit_of_work() as uow:
        hold = await place_hold(uow, scenario.reviewer, payouts[1].id, "asked_again")
    await scenario.run_timers()
    async with scenario.database.api.unit_of_work() as uow:
        await lift_hold(uow, scenario.second, payouts[1].id, hold.id)
    await scenario.run_timers()
    assert [(file.version, file.count) for file in await files(scenario)] == [(1, 2), (2, 1)]
    items = await scenario.sql("owner", "SELECT instruction_id FROM payment_file_items")
    assert sorted(item.instruction_id for item in items) == sorted(payout.id for payout in payouts)


async def test_processes_that_write_at_once_write_each_instruction_once(scenario: Scenario) -> None:
    await scenario.begin()
    payouts = await advance(scenario, PayoutState.CLEARED, *[await scenario.open() for _ in range(4)])
    await release(scenario, (await build(scenario, *payouts, channel=BankChannel.CSV)).id)
    async with scenario.database.worker.unit_of_work() as uow:
        await send_released(uow, 10)

    async def write() -> int:
        async with scenario.database.worker.unit_of_work() as uow:
            return await write_payment_files(uow, 100)

    assert sorted(await asyncio.gather(*(write() for _ in range(4)))) == [0, 0, 0, 4]
    assert [(file.version, file.count) for file in await files(scenario)] == [(1, 4)]


async def test_a_file_that_would_differ_is_handed_to_nobody(scenario: Scenario, client: ApiClient) -> None:
    await in_file(scenario)
    (file,) = await files(scenario)
    await scenario.force("payment_files", "UPDATE payment_files SET written_at = written_at + interval '1 s'")
    answer = await client.post(scenario.cashier, f"/v1/payment-files/{file.id}/downloads")
    assert code_of(answer) == PaymentFileDiffers.code
    assert await scenario.sql("owner", "SELECT id FROM payment_file_downloads") == []


@pytest.mark.parametrize("role", ROLES)
async def test_an_instruction_goes_by_its_batchs_channel_whoever_says_so(scenario: Scenario, role: str) -> None:
    (payout,) = await in_file(scenario, 1)
    (file,) = await files(scenario)
    changed = await refused(scenario, role, "UPDATE deliveries SET channel = 'http'")
    assert changed == (NO_RIGHT if role != "owner" else "im_deliveries")
    changed = await refused(scenario, role, "UPDATE payment_batches SET channel = 'http', version = version + 1")
    assert changed == (NO_RIGHT if role != "owner" else "im_payment_batches")
    called = await refused(scenario, role, "UPDATE deliveries SET calls = 1")
    assert called == (NO_RIGHT if role == "api" else "ck_deliveries_called")
    again = "INSERT INTO payment_file_items VALUES (:id, :file)"
    twice = await refused(scenario, role, again, id=payout.id, file=file.id)
    assert twice == (NO_RIGHT if role == "api" else "pk_payment_file_items")
    empty = (
        "INSERT INTO payment_files SELECT :id, batch_id, 2, channel, count, amount_fen, digest, written_at"
        " FROM payment_files"
    )
    assert await refused(scenario, role, empty, id=uuid7()) == (NO_RIGHT if role == "api" else "fi_payment_files")
    for table in ("payment_files", "payment_file_items", "payment_file_downloads"):
        stopped = await refused(scenario, role, f"DELETE FROM {table}")  # ours
        assert stopped == (NO_RIGHT if role != "owner" else f"ao_{table}")
    other = "INSERT INTO payment_file_downloads VALUES (:id, :file, :digest, 'account', :person, now())"
    named = {"id": uuid7(), "file": file.id, "digest": "0" * 64, "person": scenario.cashier.person_id}
    stopped = await refused(scenario, role, other, **named)
    assert stopped == (NO_RIGHT if role == "worker" else "fk_payment_file_downloads_file")


@pytest.mark.parametrize("role", ["worker", "owner"])
async def test_no_delivery_by_another_channel_than_its_batchs(scenario: Scenario, role: str) -> None:
    await scenario.begin()
    payouts = await advance(scenario, PayoutState.CLEARED, await scenario.open())
    await release(scenario, (await build(scenario, *payouts, channel=BankChannel.CSV)).id)
    by_call = (
        "INSERT INTO deliveries (instruction_id, payout_id, calls, next_call_at, amount_fen)"
        " SELECT id, payout_id, 0, now(), amount_fen FROM instructions"
    )
    assert await refused(scenario, role, by_call) == "ch_deliveries"
    by_file = by_call.replace("amount_fen)", "amount_fen, channel)").replace(
        "amount_fen FROM", "amount_fen, 'csv' FROM"
    )
    given = f"WITH put AS ({by_file} RETURNING instruction_id) SELECT count(*) FROM put"
    await scenario.sql(role, given)
    assert await refused(scenario, role, "UPDATE deliveries SET given_at = now()") == "fl_deliveries"


async def test_no_batch_goes_in_a_file_on_a_day_on_which_the_switch_is_off(scenario: Scenario) -> None:
    """R1: what is sent comes to an end; a dated switch, on as it is shipped."""
    await scenario.begin()
    await scenario.sql("owner", "UPDATE dated_rules SET value = 0 WHERE name = 'payment_files_accepted'")
    (payout,) = await advance(scenario, PayoutState.CLEARED, await scenario.open())
    assert payout.fund_id is not None
    for channel in (BankChannel.ISO20022, BankChannel.CSV):
        with pytest.raises(PaymentFilesNotAccepted):
            async with scenario.database.api.unit_of_work() as uow:
                await build_payment_batch(uow, scenario.cashier, payout.fund_id, [payout.id], channel)
    assert (await scenario.now_of(payout)).status is PayoutState.CLEARED
    assert (await build(scenario, payout)).count == 1
    in_a_file = (
        "INSERT INTO payment_batches SELECT (jsonb_populate_record(payment_batches, "
        """'{"id": "00000000-0000-7000-8000-000000000000", "channel": "csv", "version": 1}')).* FROM payment_batches"""
    )
    for role in ("api", "owner"):
        assert await refused(scenario, role, in_a_file) == "ac_payment_batches"
