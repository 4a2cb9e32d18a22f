"""What payout reads from the bank, and what it does not."""

import pytest

from services.payout.accounts.schemas import ProposeAccountRequest
from services.payout.bank.domain import Answer, BankAnswer
from shared.kernel.ids import uuid7
from tests.payout.sandbox_bank import SandboxBank, client_of_a_bank_that_says
from tests.payout.scenario import OTHER_SCHOOL, Scenario


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("account_closed", "bank_account_closed"),
        (None, "bank_refused"),
        ("张三丰的账户已销户", "bank_refused"),
        ("6222020000000001", "bank_refused"),
        ("x" * 60, "bank_refused"),
    ],
)
def test_what_the_bank_says_travels_as_a_code_or_not_at_all(reason: str | None, code: str) -> None:
    assert BankAnswer(Answer.FAILED, reason).failure_code == code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"status": "settled"}',
        b'{"status": 1}',
        b'{"status":"paid","status":"failed"}',
        b"x" * 20_000,
        b'{"instruction_id":"ASKED","status":"settled"}',
        b'{"status":"paid"}',
        b'{"instruction_id":"01a21d71-1ebc-73a7-88db-70bbc04bdf3c","status":"paid"}',
    ],
)
async def test_an_answer_that_cannot_be_read_or_is_about_another_instruction_says_nothing(body: bytes) -> None:
    asked = uuid7()
    async with client_of_a_bank_that_says(body.replace(b"ASKED", str(asked).encode())) as client:
        assert (await client.ask(asked)).answer is Answer.SILENT


async def test_an_answer_about_the_instruction_is_read() -> None:
    """The positive control."""
    asked = uuid7()
    async with client_of_a_bank_that_says(f'{{"instruction_id":"{asked}","status":"paid"}}'.encode()) as client:
        assert (await client.ask(asked)).answer is Answer.PAID


async def test_a_404_that_is_not_the_banks_own_says_nothing() -> None:
    """A gateway that lost its way to the bank must not have the instruction given up, and paid under another id."""
    for body, answer in (
        (b"<html>not found</html>", Answer.SILENT),
        (b'{"detail":"Not Found"}', Answer.SILENT),
        (b'{"code":"instruction_unknown"}', Answer.NEVER_RECEIVED),
    ):
        async with client_of_a_bank_that_says(body, status=404) as client:
            assert (await client.ask(uuid7())).answer is answer


async def test_the_bank_takes_the_longest_account_number_that_payout_takes(
    scenario: Scenario, bank: SandboxBank
) -> None:
    """One that it cannot read is never accepted and never refused: it would be sent again for ever."""
    await scenario.begin()
    longest = "6" * 32
    ProposeAccountRequest(
        owner_kind="institution", owner_id=OTHER_SCHOOL, bank_code="102100099996", account_number=longest,
        account_name="单位",
    )  # fmt: skip
    content = {"account_name": "单位", "account_number": longest, "bank_code": "102100099996", "amount_fen": 1}
    assert await bank.put(uuid7(), {**content, "currency": "CNY", "reference": "r"}) == 202
