"""The catalogue's tables."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Integer, SmallInteger, Text
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
    )
    lifecycle = INSTITUTION

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text, index=True)
    kind: Mapped[str] = mapped_column(Text)
    applied_by: Mapped[UUID]
    listed_by: Mapped[UUID | None]
    scope: Mapped[list[InstitutionScope]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by=InstitutionScope.skill_code
    )


class InstitutionAct(Base):
    """Who did what to an institution's place on the catalogue, and why: INSERT and SELECT only."""

    __tablename__ = "institution_acts"

    institution: Mapped[str] = mapped_column(ForeignKey("institutions.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    action: Mapped[str] = mapped_column(Text)
    reason_code: Mapped[str] = mapped_column(Text)
    officer: Mapped[UUID]
    account: Mapped[str] = mapped_column(Text)
    acted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
