"""Payees' accounts: versioned, confirmed by two finance officers, usable after a cool-off (DOMAIN §5)."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from services.payout.voucher_facts.domain import Death
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle, Rests


class AccountState(StrEnum):
    """One version of a payee's account."""

    PROPOSED = "proposed"
    ENDORSED = "endorsed"
    CONFIRMED = "confirmed"
    RETIRED = "retired"
    CLOSED = "closed"
    """The bank says that there is no such account any more."""


class AccountAction(StrEnum):
    """What can be done to it. ENDORSE is the first of two confirmations."""

    PROPOSE = "propose"
    ENDORSE = "endorse"
    CONFIRM = "confirm"
    RETIRE = "retire"
    CLOSE = "close"


_S, _A = AccountState, AccountAction

ACCOUNT = Lifecycle(
    "payout.account",
    {
        (None, _A.PROPOSE): Edge(_S.PROPOSED, emits="account.proposed"),
        (_S.PROPOSED, _A.ENDORSE): Edge(_S.ENDORSED, emits="account.confirmed"),
        (_S.ENDORSED, _A.CONFIRM): Edge(_S.CONFIRMED, emits="account.confirmed"),
        (_S.PROPOSED, _A.RETIRE): Edge(_S.RETIRED, emits="account.retired"),
        (_S.ENDORSED, _A.RETIRE): Edge(_S.RETIRED, emits="account.retired"),
        (_S.CONFIRMED, _A.RETIRE): Edge(_S.RETIRED, emits="account.retired"),
        (_S.CONFIRMED, _A.CLOSE): Edge(_S.CLOSED, emits="account.closed"),
    },
    {
        _S.PROPOSED: ByPeople("finance"),
        _S.ENDORSED: ByPeople("finance, by a second officer"),
        _S.CONFIRMED: Rests("money goes there"),
    },
)


@dataclass(frozen=True, slots=True)
class AccountRules:
    """The dated rules that accounts live by."""

    account_cooling_off_hours: int
    """How long a new account waits after its second confirmation, business time (DOMAIN §5)."""


Owner: TypeAlias = tuple[str, str]
"""Kind (institution, enterprise, worker) and id (credit code, person_id as text) of a payee."""


class AccountNotFound(NotFound):
    """No such account in the caller's scope."""

    code = "account_not_found"
    zh, en = "未找到该账户", "There is no such account."


class AccountNotYours(Forbidden):
    """An institution and a worker propose accounts for themselves only; finance for anybody."""

    code = "account_not_yours"
    policy = "D5"
    zh, en = "只能登记本人或本机构的账户", "You may propose an account for yourself only."


class OwnerIdInvalid(Invalid):
    """A worker owns an account as a person, not under a credit code."""

    code = "owner_id_invalid"
    zh, en = "劳动者的 owner_id 须为人员编号", "A worker's owner_id is a person's id."


class AccountOfAnother(Conflict):
    """One account number belongs to one payee. Only who confirms is answered so; who proposes learns nothing."""

    code = "account_of_another"
    policy = "D5"
    zh, en = "该账号已登记在其他收款人名下", "This account number is registered for another payee."


class AccountClosed(Conflict):
    """The bank has said that the account of this number is closed: it is never paid to again."""

    code = "account_closed"
    policy = "DOMAIN §3"
    zh, en = "银行已告知该账户销户,请登记新账户", "The bank has closed this account; propose another one."


class AccountNameDiffers(Conflict):
    """The account's name is not the payee's name as the officer reads it in the register."""

    code = "account_name_differs"
    policy = "D5"
    zh, en = "账户户名与收款人名称不一致", "The account's name is not the payee's name."


class AccountSamePerson(Conflict):
    """Whoever proposed an account and its two confirmers are three natural persons."""

    code = "account_same_person"
    policy = "DOMAIN §5"
    zh, en = (
        "账户登记与两次确认须由不同自然人办理",
        "An account is proposed and confirmed by different natural persons.",
    )


class AccountMissing(Conflict):
    """The payee has no confirmed account."""

    code = "account_missing"
    policy = "D5"
    zh, en = "收款人没有已确认的账户", "The payee has no confirmed account."


class AccountCoolingOff(Conflict):
    """The payee's only confirmed account is still cooling off."""

    code = "account_cooling_off"
    policy = "DOMAIN §5"
    zh, en = "收款账户尚在冷静期内,{usable_from} 起可用", "The payee's account is cooling off until {usable_from}."


class AccountUnchanged(Conflict):
    """The bank gave back what was paid to this account, or closed it: another version is confirmed first."""

    code = "account_unchanged"
    policy = "R23"
    zh, en = (
        "银行已将款项退回或账户已销户,收款账户须先更正并经两人确认",
        "The bank returned what was paid to this account, or closed it; confirm a corrected one first.",
    )


class HeirsAccountMissing(Conflict):
    """Money of a dead worker goes to an account that finance confirmed for their heirs, never to one named in life."""

    code = "heirs_account_missing"
    policy = "R10"
    zh, en = (
        "持券人已死亡:须先由财政部门确认继承人账户,原账户不得付款",
        "The holder died: finance confirms an account of the heirs first; the earlier one is not paid.",
    )


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A version of a payee's account, without its number and name."""

    id: UUID
    owner_kind: str
    owner_id: str
    revision: int
    bank_code: str
    status: AccountState
    version: int
    created_at: datetime
    proposed_by: UUID
    endorsed_by: UUID | None
    confirmed_by: UUID | None
    usable_from: datetime | None

    def check_new_confirmer(self, records: Set[UUID]) -> None:
        """Raise `AccountSamePerson` if the person of `records` has acted on this version, or owns it."""
        if records & {self.proposed_by, self.endorsed_by} or self.owner_id in map(str, records):
            raise AccountSamePerson


def person_id_of(owner_id: str) -> str:
    """A worker's `owner_id` in its one form; `OwnerIdInvalid` if it is no person's id."""
    try:
        return str(UUID(owner_id))
    except ValueError:
        raise OwnerIdInvalid from None


def payable_after(deaths: Sequence[Death], confirmed: Sequence[AccountFacts]) -> Sequence[AccountFacts]:
    """Those of a worker's accounts that their own will or their heirs' named (R10).

    While the register names the holder dead, what was proposed before belongs to nobody any more: `HeirsAccountMissing`
    if there is nothing else. Once it has taken that back, what was proposed meanwhile was not the holder's.
    """
    payable = [account for account in confirmed if all(_is_theirs(account, death) for death in deaths)]
    if not payable and any(death.until is None for death in deaths):
        raise HeirsAccountMissing
    return payable


def _is_theirs(account: AccountFacts, death: Death) -> bool:
    if death.until is None:
        return account.created_at >= death.since
    return not death.since <= account.created_at < death.until


def choose_account(confirmed: Sequence[AccountFacts], now: datetime) -> AccountFacts:
    """The newest confirmed version whose cool-off is over; `AccountCoolingOff` or `AccountMissing` if there is none."""
    newest_first = sorted(confirmed, key=lambda account: account.revision, reverse=True)
    for account in newest_first:
        if account.usable_from is not None and account.usable_from <= now:
            return account
    if newest_first and newest_first[0].usable_from is not None:
        raise AccountCoolingOff(usable_from=newest_first[0].usable_from.isoformat())
    raise AccountMissing


def choose_other_account(confirmed: Sequence[AccountFacts], but: UUID, now: datetime) -> AccountFacts:
    """As `choose_account`, `but` what the bank gave back from or closed; `AccountUnchanged` if there is no other."""
    others = [account for account in confirmed if account.id != but]
    if not others:
        raise AccountUnchanged
    return choose_account(others, now)
