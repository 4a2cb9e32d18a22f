"""The catalogue's tables."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, SmallInteger, Text, func, literal_column
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.institutions.domain import INSTITUTION, InstitutionAction
from services.training.models import Base
from shared.persistence import LifecycleRow


class InstitutionScope(Base):
    """A skill and level that an institution is listed for, with its days; fixed once it is listed."""

    __tablename__ = "institution_scopes"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("valid_to >= valid_from", name="days"),
        ExcludeConstraint(
            ("institution", "="),
            ("skill_code", "="),
            ("level", "="),
            (func.daterange(literal_column("valid_from"), literal_column("valid_to"), "[]", type_=DATERANGE), "&&"),
            name="ex_institution_scopes_days",
        ),
    )

    institution: Mapped[str] = mapped_column(ForeignKey("institutions.id"), primary_key=True)
    skill_code: Mapped[str] = mapped_column(Text, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)


class Institution(LifecycleRow["Institution", InstitutionAction], Base):
    """A training institution on the catalogue; its id is its unified social credit code."""

    __tablename__ = "institutions"
    __table_args__ = (
        CheckConstraint("listed_by <> applied_by", name="two_officers"),
        CheckConstraint("(status = 'applied') = (listed_by IS NULL)", name="listed_by"),
        CheckConstraint(
            "(status IN ('warned', 'suspended', 'removed')) <= (reason_code IS NOT NULL)", name="reason_code"
        ),
    )
    lifecycle = INSTITUTION

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text, index=True)
    kind: Mapped[str] = mapped_column(Text)
    applied_by: Mapped[UUID]
    listed_by: Mapped[UUID | None]
    reason_code: Mapped[str | None] = mapped_column(Text)
    """Why it was warned, suspended, reinstated or removed the last time; public (§二(二)5)."""
    scope: Mapped[list[InstitutionScope]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by=InstitutionScope.skill_code
    )
