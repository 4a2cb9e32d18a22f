"""Reading and locking accounts; what is encrypted is opened here and nowhere else."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, false, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from services.payout.accounts.domain import AccountFacts, AccountNotFound, AccountState, Owner
from services.payout.accounts.models import Account
from shared.observability import logger
from shared.persistence import UnitOfWork
from shared.persons import records_of_person
from shared.security import FieldCipher, FieldUnreadable, Principal, Role

log = logger("payout.accounts")

TABLE = Account.__tablename__


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """An account with its number and name in clear: for the bank and for masking, never for a log."""

    account: AccountFacts
    account_number: str
    account_name: str


def in_scope(caller: Principal) -> ColumnElement[bool]:
    """A payee's own accounts, masked; those of everybody for finance and audit of the whole city.

    A payee belongs to no area: the city and every area may pay them.
    """
    if caller.role is Role.WORKER:
        own = cast(records_of_person(caller.person).subquery().c.id, Text)
        return and_(
            Account.owner_kind == "worker",
            or_(Account.owner_id == str(caller.person), Account.owner_id.in_(select(own))),
        )
    if caller.role is Role.INSTITUTION:
        return and_(Account.owner_kind != "worker", Account.owner_id == caller.organisation)
    return true() if caller.role in (Role.FINANCE, Role.AUDITOR) and caller.covers_city else false()


async def list_accounts(uow: UnitOfWork, caller: Principal, *, after: UUID | None, limit: int) -> list[OpenedAccount]:
    """A page of accounts in the caller's scope, ascending by id."""
    query = select(Account).where(in_scope(caller)).order_by(Account.id).limit(limit)
    if after is not None:
        query = query.where(Account.id > after)
    return [open_account(row, uow.keys.fields) for row in await uow.session.scalars(query)]


async def see_account(uow: UnitOfWork, caller: Principal, account_id: UUID) -> OpenedAccount:
    """One account, if the caller may know of it; `AccountNotFound` otherwise."""
    row = await uow.session.scalar(select(Account).where(Account.id == account_id, in_scope(caller)))
    if row is None:
        raise AccountNotFound
    return open_account(row, uow.keys.fields)


async def find_accounts(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, OpenedAccount]:
    """Accounts with number and name, for instructions to the bank; one that does not open is left out and logged."""
    opened: dict[UUID, OpenedAccount] = {}
    for row in await uow.session.scalars(select(Account).where(Account.id.in_(ids))):
        try:
            opened[row.id] = open_account(row, uow.keys.fields)
        except FieldUnreadable:
            log.error("account_unreadable", account_id=str(row.id))
    return opened


async def number_indexes(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, bytes]:
    """By account, what its number is compared by without being opened."""
    rows = await uow.session.execute(select(Account.id, Account.number_index).where(Account.id.in_(ids)))
    return {row.id: row.number_index for row in rows}


async def lock_confirmed(uow: UnitOfWork, owners: Iterable[Owner]) -> dict[Owner, list[AccountFacts]]:
    """Lock the confirmed versions of these payees, so that none is retired while it is being pinned."""
    by_owner: dict[Owner, list[AccountFacts]] = {owner: [] for owner in owners}
    if not by_owner:
        return by_owner
    of_owners = tuple_(Account.owner_kind, Account.owner_id).in_(list(by_owner))
    query = select(Account.id).where(of_owners, Account.status == AccountState.CONFIRMED)
    ids = list(await uow.session.scalars(query))
    rows = await uow.lock_rows(Account, ids, against="a version retired while an approval pins it")
    for row in rows.values():
        if row.status == AccountState.CONFIRMED:
            by_owner[(row.owner_kind, row.owner_id)].append(row.facts())
    return by_owner


async def superseded(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Confirmed versions whose payee has a newer confirmed one with its cool-off over."""
    newer = aliased(Account)
    same_owner = and_(newer.owner_kind == Account.owner_kind, newer.owner_id == Account.owner_id)
    usable = and_(newer.status == AccountState.CONFIRMED, newer.usable_from <= uow.now)
    query = select(Account.id).where(
        Account.status == AccountState.CONFIRMED,
        exists().where(same_owner, usable, newer.revision > Account.revision),
    )
    return list(await uow.session.scalars(query.order_by(Account.id).limit(limit)))


async def pending_of(uow: UnitOfWork, owner: Owner) -> list[UUID]:
    """The payee's version that waits for a confirmation, if any."""
    query = select(Account.id).where(
        tuple_(Account.owner_kind, Account.owner_id) == owner,
        or_(Account.status == AccountState.PROPOSED, Account.status == AccountState.ENDORSED),
    )
    return list(await uow.session.scalars(query))


async def is_named_before(uow: UnitOfWork, account: Account, moment: datetime) -> bool:
    """Whether its owner had named this number before that moment, by this version or an earlier one."""
    query = select(Account.id).where(
        tuple_(Account.owner_kind, Account.owner_id) == (account.owner_kind, account.owner_id),
        Account.number_index == account.number_index,
        Account.created_at < moment,
    )
    return await uow.session.scalar(query.limit(1)) is not None


async def named_since(uow: UnitOfWork, records: Collection[UUID], since: datetime | None) -> list[UUID]:
    """Versions of these persons that may be paid to, or may yet come to it, proposed at `since` or later; None: all."""
    owners = (Account.owner_kind == "worker", Account.owner_id.in_([str(record) for record in records]))
    query = select(Account.id).where(*owners, Account.status.not_in((AccountState.RETIRED, AccountState.CLOSED)))
    if since is not None:
        query = query.where(Account.created_at >= since)
    return list(await uow.session.scalars(query.order_by(Account.id)))


async def last_revision(uow: UnitOfWork, owner: Owner) -> int:
    """The payee's highest version number so far, 0 if there is none."""
    query = select(Account.revision).where(tuple_(Account.owner_kind, Account.owner_id) == owner)
    return await uow.session.scalar(query.order_by(Account.revision.desc()).limit(1)) or 0


def open_account(row: Account, cipher: FieldCipher) -> OpenedAccount:
    """Decrypt one row's number and name."""
    return OpenedAccount(
        row.facts(),
        cipher.decrypt(row.account_number, table=TABLE, column="account_number", row=row.id),
        cipher.decrypt(row.account_name, table=TABLE, column="account_name", row=row.id),
    )
