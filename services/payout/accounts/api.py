"""Payees' accounts."""

from uuid import UUID

from services.payout.accounts.queries import find_accounts
from services.payout.accounts.schemas import AccountConfirmationBody, AccountProposalBody, AccountView
from services.payout.accounts.service import AccountProposal, confirm_account, propose_account
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1/accounts", tag="accounts")


@router.post("", status_code=201, dependencies=[Allow(Role.INSTITUTION, Role.WORKER, Role.FINANCE)])
async def propose(body: AccountProposalBody, uow: Uow, caller: Caller) -> AccountView:
    """Give a new version of one's account; it is paid to after two confirmations and a cool-off."""
    proposal = AccountProposal(body.owner_kind, body.owner_id, body.bank_code, body.account_number, body.account_name)
    return AccountView.of(await propose_account(uow, caller, proposal))


@router.post("/{account_id}/confirmations", status_code=201, dependencies=[Allow(Role.FINANCE)])
async def confirm(account_id: UUID, body: AccountConfirmationBody, uow: Uow, caller: Caller) -> AccountView:
    """Confirm that the account's name is the payee's; two finance officers in turn, then the cool-off begins."""
    return AccountView.of(await confirm_account(uow, caller, account_id, body.payee_name))


@router.get("", dependencies=[Allow(Role.INSTITUTION, Role.WORKER, Role.FINANCE, Role.AUDITOR)])
async def list_accounts(uow: Uow, caller: Caller, page: PageQuery) -> Page[AccountView]:
    """A payee's own versions; finance and audit see all, masked."""
    found = await find_accounts(uow, caller, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, AccountView.of, key=lambda opened: opened.account.id)
