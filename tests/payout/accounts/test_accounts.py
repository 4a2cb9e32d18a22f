"""Payees' accounts: whose they are, who confirms them, and that nobody reads them in the database."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.payout.accounts.domain import (
    AccountNotFound,
    AccountNotYours,
    AccountOfAnother,
    AccountSamePerson,
)
from services.payout.accounts.queries import find_accounts, list_accounts, see_account
from services.payout.accounts.service import AccountProposal, confirm_account, propose_account
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.persistence import refusal_of
from shared.persistence.refusals import constraint_of
from shared.security import PersonNotRegistered, Principal, Role, ScopeMissing
from tests.payout.scenario import (
    MONDAY,
    OTHER_SCHOOL,
    SCHOOL,
    Scenario,
    officer,
    school,
    worker,
)
from tests.registered import registered_person

NUMBER, NAME = "6222020000000001", "张三丰"


async def propose(
    scenario: Scenario, caller: Principal, *, number: str = NUMBER, owner: tuple[str, str] | None = None
) -> UUID:
    """A proposal; the account's id."""
    kind, owner_id = owner or ("institution", SCHOOL)
    async with scenario.database.api.unit_of_work() as uow:
        proposal = AccountProposal(kind, owner_id, "102100099996", number, NAME)
        return (await propose_account(uow, caller, proposal)).account.id


async def test_numbers_and_names_are_nowhere_but_in_encrypted_columns(scenario: Scenario) -> None:
    """Invariant 14: the whole database is searched, events too."""
    await scenario.database.set_business_time(MONDAY)
    await scenario.account(SCHOOL, number=NUMBER)
    tables = await scenario.sql("owner", "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in tables:
        rows = await scenario.sql("owner", f'SELECT t::text AS line FROM "{table.tablename}" AS t')  # our own
        for row in rows:
            assert NUMBER not in row.line, table.tablename
            assert f"单位{SCHOOL[-4:]}" not in row.line, table.tablename
            assert NUMBER.encode().hex() not in row.line, table.tablename


async def test_a_ciphertext_does_not_open_in_another_row(scenario: Scenario) -> None:
    await scenario.database.set_business_time(MONDAY)
    first = await scenario.account(SCHOOL, number=NUMBER)
    second = await scenario.account(OTHER_SCHOOL, number="6222020000000002")
    swap = "UPDATE accounts SET account_number = (SELECT account_number FROM accounts WHERE id = :first) WHERE id = :id"
    with pytest.raises(DBAPIError, match="permission denied"):
        await scenario.sql("api", swap, first=first, id=second)
    await scenario.force("accounts", swap, first=first, id=second)
    async with scenario.database.worker.unit_of_work() as uow:
        assert set(await find_accounts(uow, [first, second])) == {first}


async def confirm(scenario: Scenario, account_id: UUID, *, times: int = 2) -> None:
    """So many finance officers confirm, each somebody else."""
    for _ in range(times):
        async with scenario.database.api.unit_of_work() as uow:
            await confirm_account(uow, officer(Role.FINANCE), account_id, NAME)


async def test_a_number_is_confirmed_for_one_owner_and_a_proposal_blocks_nobody(scenario: Scenario) -> None:
    """Who proposes another's number keeps them from nothing, and learns nothing from the answer."""
    await scenario.database.set_business_time(MONDAY)
    squatter = await propose(scenario, school(OTHER_SCHOOL), owner=("institution", OTHER_SCHOOL))
    await confirm(scenario, await propose(scenario, school()))
    for times in (1, 2):
        with pytest.raises(IntegrityError) as caught:
            await confirm(scenario, squatter, times=times)
        assert isinstance(refusal_of(caught.value), AccountOfAnother)
    again = await propose(scenario, school(OTHER_SCHOOL), owner=("institution", OTHER_SCHOOL))
    async with scenario.database.api.unit_of_work() as uow:
        shown = await see_account(uow, school(OTHER_SCHOOL), again)
    assert (shown.account.status, shown.account_number) == ("proposed", NUMBER)
    await confirm(scenario, await propose(scenario, school(), owner=("enterprise", SCHOOL)))


async def test_of_two_confirmations_of_one_number_at_once_one_stands(scenario: Scenario) -> None:
    await scenario.database.set_business_time(MONDAY)
    mine = await propose(scenario, school())
    other = await propose(scenario, school(OTHER_SCHOOL), owner=("institution", OTHER_SCHOOL))
    for account_id in (mine, other):
        await confirm(scenario, account_id, times=1)
    ended = await asyncio.gather(
        *(confirm(scenario, account_id, times=1) for account_id in (mine, other)), return_exceptions=True
    )
    assert sorted(type(refusal_of(error) if error else error).__name__ for error in ended) == [
        "AccountOfAnother",
        "NoneType",
    ]


async def test_a_card_is_the_natural_persons_whatever_records_were_merged(scenario: Scenario) -> None:
    await scenario.database.set_business_time(MONDAY)
    old, survivor = uuid7(), uuid7()
    await scenario.register(old, survivor)
    await confirm(scenario, await propose(scenario, worker(old), owner=("worker", str(old))))
    own = await propose(scenario, worker(survivor), owner=("worker", str(survivor)))
    with pytest.raises(IntegrityError):
        await confirm(scenario, own)
    await scenario.merge(old, survivor)
    await confirm(scenario, own)
    await propose(scenario, worker(survivor), owner=("worker", str(old)))
    with pytest.raises(AccountNotYours):
        await propose(scenario, worker(registered_person()), owner=("worker", str(old)))
    with pytest.raises(PersonNotRegistered):
        stranger = uuid7()
        await propose(scenario, worker(stranger), owner=("worker", str(stranger)))
    async with scenario.database.api.unit_of_work() as uow:
        assert len(await list_accounts(uow, worker(survivor), after=None, limit=10)) == 3


async def test_a_new_proposal_retires_the_one_that_still_waited(scenario: Scenario) -> None:
    await scenario.database.set_business_time(MONDAY)
    first = await propose(scenario, school())
    second = await propose(scenario, school(), number="6222020000000002")
    rows = await scenario.sql("owner", "SELECT id, status, revision FROM accounts ORDER BY revision")
    assert [(row.id, row.status, row.revision) for row in rows] == [(first, "retired", 1), (second, "proposed", 2)]


async def test_proposer_and_confirmers_are_three_persons_none_of_them_the_owner(scenario: Scenario) -> None:
    await scenario.database.set_business_time(MONDAY)
    proposer, owner = officer(Role.FINANCE), officer(Role.FINANCE)
    account_id = await propose(scenario, proposer, owner=("worker", str(owner.person)))
    for wrong in (proposer, owner):
        with pytest.raises(AccountSamePerson):
            async with scenario.database.api.unit_of_work() as uow:
                await confirm_account(uow, wrong, account_id, NAME)
    await propose(scenario, worker(owner.person), owner=("worker", str(owner.person)))


async def test_confirmations_at_once_by_one_person_count_once(scenario: Scenario) -> None:
    await scenario.database.set_business_time(MONDAY)
    account_id = await propose(scenario, school())
    confirmer = officer(Role.FINANCE)

    async def confirm() -> str:
        try:
            async with scenario.database.api.unit_of_work() as uow:
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
async def test_attacks_on_an_account(scenario: Scenario, statement: str, stops: str) -> None:
    await scenario.database.set_business_time(MONDAY)
    await propose(scenario, officer(Role.FINANCE))
    with pytest.raises(DBAPIError) as caught:
        await scenario.sql("api", statement)
    assert constraint_of(caught.value) == stops


async def test_finance_of_one_area_finds_no_account(scenario: Scenario) -> None:
    """A payee belongs to no area, so their account is the city's business: nobody below reads, gives or confirms it."""
    await scenario.database.set_business_time(MONDAY)
    account_id = await propose(scenario, school())
    area_only = replace(officer(Role.FINANCE), areas=frozenset({"410402"}))
    with pytest.raises(AccountNotFound):
        async with scenario.database.api.unit_of_work() as uow:
            await confirm_account(uow, area_only, account_id, NAME)
    with pytest.raises(AccountNotYours):
        await propose(scenario, area_only)
    async with scenario.database.api.unit_of_work() as uow:
        assert await list_accounts(uow, area_only, after=None, limit=10) == []
        assert len(await list_accounts(uow, officer(Role.FINANCE), after=None, limit=10)) == 1


async def test_finance_proposes_an_account_under_a_name(scenario: Scenario) -> None:
    """A token that names no person could hide that the proposer confirms their own proposal."""
    await scenario.begin()
    proposal = AccountProposal("institution", SCHOOL, "102100099996", "6222020000000009", "单位")
    with pytest.raises(ScopeMissing):
        async with scenario.database.api.unit_of_work() as uow:
            await propose_account(uow, replace(officer(Role.FINANCE), person_id=None), proposal)


async def test_two_records_of_one_confirmer_are_one_person_when_it_comes_out_late(scenario: Scenario) -> None:
    await scenario.begin()
    proposal = AccountProposal("institution", SCHOOL, "102100099996", "6222020000000009", "单位")
    first, other = officer(Role.FINANCE), officer(Role.FINANCE)
    async with scenario.database.api.unit_of_work() as uow:
        account_id = (await propose_account(uow, officer(Role.FINANCE), proposal)).account.id
    async with scenario.database.api.unit_of_work() as uow:
        await confirm_account(uow, first, account_id, "单位")
    await scenario.merge(first.person, other.person)
    with pytest.raises(AccountSamePerson):
        async with scenario.database.api.unit_of_work() as uow:
            await confirm_account(uow, other, account_id, "单位")
