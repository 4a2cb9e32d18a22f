"""What payees and finance say of accounts, and how they are shown: masked."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from services.payout.accounts.domain import AccountState
from services.payout.accounts.queries import OpenedAccount
from shared.contracts.fields import OwnerId, OwnerKind
from shared.http import Body, RegisteredName, View
from shared.security import mask_account, mask_name


class ProposeAccountRequest(Body):
    """A payee's account."""

    owner_kind: OwnerKind
    owner_id: OwnerId
    bank_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{3,14}$")]
    account_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{8,32}$")]
    """Number of the account at the bank, digits."""
    account_name: RegisteredName
    """Name of the account's owner at the bank: the payee's own."""


class ConfirmAccountRequest(Body):
    """What the officer read in the register of enterprises, or on the social-security card."""

    payee_name: RegisteredName


class AccountView(View):
    """A version of a payee's account."""

    id: UUID
    owner_kind: str
    owner_id: str
    revision: int
    bank_code: str
    account_number: str
    account_name: str
    status: AccountState
    version: int
    usable_from: datetime | None

    @classmethod
    def of(cls, opened: OpenedAccount) -> "AccountView":
        """The account with number and name masked."""
        masked = {
            "account_number": mask_account(opened.account_number),
            "account_name": mask_name(opened.account_name),
        }
        return cls(**{name: getattr(opened.account, name) for name in cls.model_fields if name not in masked}, **masked)
