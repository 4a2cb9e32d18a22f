"""Payees' accounts: whose they are, who confirms them, and that nobody reads them in the database."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.payout.accounts.domain import (
    AccountConfirmerNotDistinct,
    AccountNotFound,
    AccountNotYours,
    AccountOfAnother,
)
from services.payout.accounts.queries import accounts_by_id, find_accounts
from services.payout.accounts.service import AccountProposal, confirm_account, propose_account
from shared.kernel.errors import DomainError
from shared.persistence import refusal_of
from shared.persistence.refusals import constraint_of
from shared.security import Principal, Role
from tests.payout.city import MONDAY, OTHER_SCHOOL, SCHOOL, City, officer, school, worker

NUMBER, NAME = "6222020000000001", "张三丰"


async def propose(city: City, caller: Principal, *, number: str = NUMBER, owner: tuple[str, str] | None = None) -> UUID:
    """A proposal; the account's id."""
    kind, owner_id = owner or ("institution", SCHOOL)
    async with city.database.api.unit_of_work() as uow:
        proposal = AccountProposal(kind, owner_id, "102100099996", number, NAME)
        return (await propose_account(uow, caller, proposal)).account.id


async def test_numbers_and_names_are_nowhere_but_in_encrypted_columns(city: City) -> None:
    """Invariant 14: the whole database is searched, events too."""
    await city.database.set_business_time(MONDAY)
    await city.account(SCHOOL, number=NUMBER)
    tables = await city.sql("owner", "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in tables:
        rows = await city.sql("owner", f'SELECT t::text AS line FROM "{table.tablename}" AS t')  # our own
        for row in rows:
            assert NUMBER not in row.line, table.tablename
            assert f"单位{SCHOOL[-4:]}" not in row.line, table.tablename
            assert NUMBER.encode().hex() not in row.line, table.tablename


async def test_a_ciphertext_does_not_open_in_another_row(city: City) -> None:
    await city.database.set_business_time(MONDAY)
    first = await city.account(SCHOOL, number=NUMBER)
    second = await city.account(OTHER_SCHOOL, number="6222020000000002")
    swap = "UPDATE accounts SET account_number = (SELECT account_number FROM accounts WHERE id = :first) WHERE id = :id"
    with pytest.raises(DBAPIError, match="permission denied"):
        await city.sql("api", swap, first=first, id=second)
    await city.sql("owner", swap, first=first, id=second)
    async with city.database.worker.unit_of_work() as uow:
        assert set(await accounts_by_id(uow, [first, second])) == {first}


async def test_one_number_belongs_to_one_payee(city: City) -> None:
    await city.database.set_business_time(MONDAY)
    await propose(city, school())
    with pytest.raises(IntegrityError) as caught:
        await propose(city, school(OTHER_SCHOOL), owner=("institution", OTHER_SCHOOL))
    assert isinstance(refusal_of(caught.value), AccountOfAnother)
    await propose(city, school(), owner=("enterprise", SCHOOL))


async def test_a_new_proposal_retires_the_one_that_still_waited(city: City) -> None:
    await city.database.set_business_time(MONDAY)
    first = await propose(city, school())
    second = await propose(city, school(), number="6222020000000002")
    rows = await city.sql("owner", "SELECT id, status, revision FROM accounts ORDER BY revision")
    assert [(row.id, row.status, row.revision) for row in rows] == [(first, "retired", 1), (second, "proposed", 2)]


async def test_proposer_and_confirmers_are_three_persons_none_of_them_the_owner(city: City) -> None:
    await city.database.set_business_time(MONDAY)
    proposer, owner = officer(Role.FINANCE), officer(Role.FINANCE)
    account_id = await propose(city, proposer, owner=("worker", str(owner.person)))
    for wrong in (proposer, owner):
        with pytest.raises(AccountConfirmerNotDistinct):
            async with city.database.api.unit_of_work() as uow:
                await confirm_account(uow, wrong, account_id, NAME)
    await propose(city, worker(owner.person), owner=("worker", str(owner.person)))


async def test_confirmations_at_once_by_one_person_count_once(city: City) -> None:
    await city.database.set_business_time(MONDAY)
    account_id = await propose(city, school())
    confirmer = officer(Role.FINANCE)

    async def confirm() -> str:
        try:
            async with city.database.api.unit_of_work() as uow:
                await confirm_account(uow, confirmer, account_id, NAME)
        except DomainError as refusal:
            return refusal.code
        return "done"

    assert sorted(await asyncio.gather(*(confirm() for _ in range(4)))) == ["account_same_person"] * 3 + ["done"]


@pytest.mark.parametrize(
    ("statement", "stops"),
    [
        ("UPDATE accounts SET endorsed_by = proposed_by", "ck_accounts_distinct_persons"),
        ("UPDATE accounts SET endorsed_by = gen_random_uuid(), endorsed_name_index = 'x'", "ck_accounts_endorsed_name"),
        ("UPDATE accounts SET status = 'confirmed', version = version + 1", "lc_accounts"),
        ("UPDATE accounts SET status = 'endorsed', version = version + 1", "ck_accounts_endorsed"),
    ],
)
async def test_attacks_on_an_account(city: City, statement: str, stops: str) -> None:
    await city.database.set_business_time(MONDAY)
    await propose(city, officer(Role.FINANCE))
    with pytest.raises(DBAPIError) as caught:
        await city.sql("api", statement)
    assert constraint_of(caught.value) == stops


async def test_finance_of_one_area_finds_no_account(city: City) -> None:
    """A payee belongs to no area, so his account is the city's business: nobody below reads, gives or confirms it."""
    await city.database.set_business_time(MONDAY)
    account_id = await propose(city, school())
    area_only = replace(officer(Role.FINANCE), areas=frozenset({"410402"}))
    with pytest.raises(AccountNotFound):
        async with city.database.api.unit_of_work() as uow:
            await confirm_account(uow, area_only, account_id, NAME)
    with pytest.raises(AccountNotYours):
        await propose(city, area_only)
    async with city.database.api.unit_of_work() as uow:
        assert await find_accounts(uow, area_only, after=None, limit=10) == []
        assert len(await find_accounts(uow, officer(Role.FINANCE), after=None, limit=10)) == 1
