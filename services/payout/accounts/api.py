"""Payees' accounts over HTTP; numbers and names are shown masked."""

from uuid import UUID

from services.payout.accounts import queries, service
from services.payout.accounts.domain import (
    AccountClosed,
    AccountNameDiffers,
    AccountNotFound,
    AccountNotYours,
    AccountOfAnother,
    AccountSamePerson,
    HeirsAccountMissing,
    OwnerIdInvalid,
)
from services.payout.accounts.schemas import AccountView, ConfirmAccountRequest, ProposeAccountRequest
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.credit_code import CreditCodeInvalid
from shared.kernel.lifecycle import WrongState
from shared.kernel.text import NameInvalid, NamePrivateUse
from shared.persistence import RuleMissing
from shared.security import PersonNotRegistered

router = api_router(
    "/v1/accounts", tag="accounts", description="The bank accounts of payees (收款账户), in versions that never change."
)

READERS = Allow(Role.INSTITUTION, Role.WORKER, Role.FINANCE, Role.AUDITOR)


@router.post(
    "",
    dependencies=[
        Allow(Role.INSTITUTION, Role.WORKER, Role.FINANCE),
        Creates("/v1/accounts/{id}"),
        Refuses(PersonNotRegistered, AccountNotYours, OwnerIdInvalid, CreditCodeInvalid, NameInvalid, NamePrivateUse),
        Refuses(HeirsAccountMissing),
    ],
)
async def propose_account(body: ProposeAccountRequest, uow: Uow, caller: Caller) -> AccountView:
    """Give a new version of one's account. It is paid to after two confirmations and a cool-off.

    The answer says nothing of whether the number is known: who confirms sees to it.
    """
    proposal = service.AccountProposal(
        body.owner_kind, body.owner_id, body.bank_code, body.account_number, body.account_name
    )
    return AccountView.of(await service.propose_account(uow, caller, proposal))


@router.post(
    "/{account_id}/confirmations",
    dependencies=[
        Allow(Role.FINANCE),
        Refuses(AccountNotFound, AccountSamePerson, AccountNameDiffers, WrongState),
        Refuses(AccountOfAnother, AccountClosed, HeirsAccountMissing),
        Refuses(NameInvalid, NamePrivateUse, RuleMissing),
    ],
)
async def confirm_account(account_id: UUID, body: ConfirmAccountRequest, uow: Uow, caller: Caller) -> AccountView:
    """Confirm that the account's name is the payee's. Two finance officers do so in turn, then the cool-off begins."""
    return AccountView.of(await service.confirm_account(uow, caller, account_id, body.payee_name))


@router.get("", dependencies=[READERS])
async def list_accounts(uow: Uow, caller: Caller, page: PageQuery) -> Page[AccountView]:
    """List a payee's own versions. Finance and audit of the city see all, masked."""
    found = await queries.list_accounts(uow, caller, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, AccountView.of, key=lambda opened: opened.account.id)


@router.get("/{account_id}", dependencies=[READERS, Refuses(AccountNotFound)])
async def get_account(account_id: UUID, uow: Uow, caller: Caller) -> AccountView:
    """Get one version of an account."""
    return AccountView.of(await queries.see_account(uow, caller, account_id))
