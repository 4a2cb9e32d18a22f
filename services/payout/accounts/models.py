"""Versions of payees' accounts. Number and name exist only encrypted, with blind indexes to compare them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.accounts.domain import (
    ACCOUNT,
    AccountAction,
    AccountClosed,
    AccountFacts,
    AccountNameDiffers,
    AccountOfAnother,
    AccountSamePerson,
    AccountState,
    AccountUnchanged,
    HeirsAccountMissing,
)
from services.payout.models import Base
from shared.persistence import AggregateRow, Busy, map_constraint
from shared.persons import persons


class Account(AggregateRow["Account", AccountAction], Base):
    """One version of a payee's account; what it says never changes, a change is a new version."""

    __tablename__ = "accounts"
    __table_args__ = (
        Index("ix_accounts_overdue", "status", "entered_at", postgresql_where="status IN ('proposed', 'endorsed')"),
        UniqueConstraint("owner_kind", "owner_id", "revision", name="uq_accounts_revision"),
        UniqueConstraint("id", "owner_kind", "owner_id", name="uq_accounts_owner"),
        Index(
            "uq_accounts_pending", "owner_kind", "owner_id",
            unique=True, postgresql_where=text("status IN ('proposed', 'endorsed')"),
        ),
        Index("ix_accounts_number_index", "number_index"),
        CheckConstraint("owner_kind IN ('institution', 'enterprise', 'worker')", name="owner_kind"),
        CheckConstraint("status IN ('proposed', 'retired') OR endorsed_by IS NOT NULL", name="endorsed"),
        CheckConstraint(
            "status NOT IN ('confirmed', 'closed') OR confirmed_by IS NOT NULL AND usable_from IS NOT NULL",
            name="confirmed",
        ),
        CheckConstraint(
            "proposed_by <> endorsed_by AND proposed_by <> confirmed_by AND endorsed_by <> confirmed_by"
            " AND endorsed_by::text <> owner_id AND confirmed_by::text <> owner_id",
            name="distinct_persons",
        ),
        CheckConstraint("endorsed_by IS NULL OR endorsed_name_index = name_index", name="endorsed_name"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_name_index = name_index", name="confirmed_name"),
    )  # fmt: skip
    lifecycle = ACCOUNT

    owner_kind: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    bank_code: Mapped[str] = mapped_column(Text)
    account_number: Mapped[bytes] = mapped_column(LargeBinary)
    account_name: Mapped[bytes] = mapped_column(LargeBinary)
    number_index: Mapped[bytes] = mapped_column(LargeBinary)
    name_index: Mapped[bytes] = mapped_column(LargeBinary)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    endorsed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    endorsed_name_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Blind index of the payee's name as the first confirmer read it in the register."""
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    confirmed_name_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    usable_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def facts(self) -> AccountFacts:
        """The row for decisions and answers, without number and name."""
        own = {name: getattr(self, name) for name in AccountFacts.__slots__ if name != "status"}
        return AccountFacts(status=AccountState(self.status), **own)


map_constraint("uq_accounts_revision", Busy)
map_constraint("uq_accounts_pending", Busy)
map_constraint("on_accounts", AccountOfAnother)
map_constraint("cl_accounts", AccountClosed)
map_constraint("rt_instructions", AccountUnchanged)
map_constraint("hr_instructions", HeirsAccountMissing)
map_constraint("hr_payout_holds", HeirsAccountMissing)
map_constraint("ck_accounts_distinct_persons", AccountSamePerson)
map_constraint("ck_accounts_endorsed_name", AccountNameDiffers)
map_constraint("ck_accounts_confirmed_name", AccountNameDiffers)
