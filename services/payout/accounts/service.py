"""Proposing, confirming and retiring versions of payees' accounts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.payout.accounts import queries
from services.payout.accounts.domain import (
    AccountAction,
    AccountNameDiffers,
    AccountNotFound,
    AccountNotYours,
    AccountRules,
    AccountState,
    HeirsAccountMissing,
    Owner,
    person_id_of,
)
from services.payout.accounts.models import Account
from services.payout.accounts.queries import OpenedAccount
from services.payout.voucher_facts.queries import dead_since
from shared.kernel.credit_code import canonical_credit_code
from shared.kernel.ids import uuid7
from shared.kernel.text import canonical_name
from shared.persistence import UnitOfWork, rules_on
from shared.persons import keep_merges_out, records_of, registered_person
from shared.security import FieldCipher, Principal, Role

NAME_PURPOSE = "payout.payee_name"
NUMBER_PURPOSE = "payout.account_number"
TRANSACTION_MOST = timedelta(minutes=1)
"""A proposal bears the time at which its transaction began; this much later, at the most, it sees who is one person."""


@dataclass(frozen=True, slots=True, repr=False)
class AccountProposal:
    """What a payee says about their account; never printed."""

    owner_kind: str
    owner_id: str
    bank_code: str
    account_number: str
    account_name: str


async def propose_account(uow: UnitOfWork, caller: Principal, proposal: AccountProposal) -> OpenedAccount:
    """A payee, or finance for it, gives a new version of its account; one that still waited is retired.

    For a dead worker finance alone: `HeirsAccountMissing`.
    """
    await keep_merges_out(uow)
    owner = await _owner_in_scope(uow, caller, proposal)
    if caller.role is Role.WORKER and await _dead_since(uow, owner) is not None:
        raise HeirsAccountMissing
    await _retire(uow, await queries.pending_of(uow, owner))
    cipher, account_id = uow.keys.fields, uuid7()
    encrypted = {
        column: cipher.encrypt(getattr(proposal, column), table=queries.TABLE, column=column, row=account_id)
        for column in ("account_number", "account_name")
    }
    row = Account(
        id=account_id,
        owner_kind=owner[0],
        owner_id=owner[1],
        revision=await queries.last_revision(uow, owner) + 1,
        bank_code=proposal.bank_code,
        number_index=index_of_number(cipher, proposal.account_number),
        name_index=cipher.blind_index(canonical_name(proposal.account_name), purpose=NAME_PURPOSE),
        proposed_by=await registered_person(uow, caller.person),
        **encrypted,
    )
    uow.create(row, AccountAction.PROPOSE)
    await uow.session.flush()
    return queries.open_account(row, uow.keys.fields)


def index_of_number(cipher: FieldCipher, account_number: str) -> bytes:
    """What account numbers are compared by."""
    return cipher.blind_index(account_number, purpose=NUMBER_PURPOSE)


async def confirm_account(uow: UnitOfWork, caller: Principal, account_id: UUID, payee_name: str) -> OpenedAccount:
    """A finance officer confirms that the account's name is the payee's, read in the register; two in turn (D5).

    Accounts are the city's business: finance of a single area finds none of them. The second confirmation starts the
    cool-off, in business time. What a dead worker named is
    not confirmed any more, nor its number: `HeirsAccountMissing`.
    """
    officer = await registered_person(uow, caller.person)
    rows = await uow.lock_rows(Account, [account_id], against="two confirmations that each believe to be the second")
    if account_id not in rows or not caller.covers_city:
        raise AccountNotFound
    row = rows[account_id]
    row.facts().check_new_confirmer((await records_of(uow, [officer])).keys())
    name_index = uow.keys.fields.blind_index(canonical_name(payee_name), purpose=NAME_PURPOSE)
    if name_index != row.name_index:
        raise AccountNameDiffers
    dead_since = await _dead_since(uow, (row.owner_kind, row.owner_id))
    if dead_since is not None and await queries.is_named_before(uow, row, dead_since):
        raise HeirsAccountMissing
    rules = await rules_on(uow, AccountRules, uow.today)
    if row.status == AccountState.PROPOSED:
        row.endorsed_by, row.endorsed_name_index = officer, name_index
        uow.move(row, AccountAction.ENDORSE)
    else:
        row.confirmed_by, row.confirmed_name_index = officer, name_index
        row.usable_from = uow.now + timedelta(hours=rules.account_cooling_off_hours)
        uow.move(row, AccountAction.CONFIRM)
    await uow.session.flush()
    return queries.open_account(row, uow.keys.fields)


async def retire_superseded(uow: UnitOfWork, limit: int) -> int:
    """Retire confirmed versions whose successor's cool-off is over; what they were pinned for is still paid to them."""
    return await _retire(uow, await queries.superseded(uow, limit))


async def retire_of_parted(uow: UnitOfWork, records: Collection[UUID], merged_at: datetime | None) -> None:
    """Two persons counted as one from `merged_at` until now: what was said of an account since is said anew (R16).

    Either could speak for both, and finance confirmed for one person; the records that proposed tell nothing, for each
    was the survivor's. Where `merged_at` is not known, every version of theirs is retired.
    """
    since = None if merged_at is None else merged_at - TRANSACTION_MOST
    await _retire(uow, await queries.named_since(uow, records, since))


async def close_accounts(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """The bank says that these accounts are closed: confirmed ones are never chosen again, their numbers never anew."""
    if ids:
        await uow.lock_rows(Account, ids, against="a version pinned while the bank says that it is closed")
        await uow.move_all(Account, AccountAction.CLOSE, ids)


async def _retire(uow: UnitOfWork, ids: Sequence[UUID]) -> int:
    if not ids:
        return 0
    await uow.lock_rows(Account, ids, against="a version pinned or confirmed while it is being retired")
    return len(await uow.move_all(Account, AccountAction.RETIRE, ids))


async def _dead_since(uow: UnitOfWork, owner: Owner) -> datetime | None:
    """Since when the register of deaths names the owner, under whichever record; None for an institution."""
    return await dead_since(uow, await records_of(uow, [UUID(owner[1])])) if owner[0] == "worker" else None


async def _owner_in_scope(uow: UnitOfWork, caller: Principal, proposal: AccountProposal) -> Owner:
    """Whose account it is; `AccountNotYours` unless it is the caller's own or the caller is the city's finance.

    A worker's own are those of every record of theirs: the survivor acts for both.
    """
    if proposal.owner_kind == "worker":
        owner = ("worker", person_id_of(proposal.owner_id))
        own = caller.role is Role.WORKER and UUID(owner[1]) in await records_of(uow, [caller.person])
    else:
        owner = (proposal.owner_kind, canonical_credit_code(proposal.owner_id))
        own = caller.role is Role.INSTITUTION and owner[1] == caller.institution
    if not own and not (caller.role is Role.FINANCE and caller.covers_city):
        raise AccountNotYours
    return owner
