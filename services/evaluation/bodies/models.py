"""Tables of the assessment catalogue."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint, func, literal_column
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.evaluation.bodies.domain import (
    BODY,
    BodyAction,
    BodyAlreadyListed,
    BodyFacts,
    BodyProvinceCodeTaken,
    BodyScopeOverlaps,
    ScopeLine,
)
from services.evaluation.models import Base
from shared.kernel.ids import uuid7
from shared.persistence import LifecycleRow, map_constraint

map_constraint("pk_bodies", BodyAlreadyListed)
map_constraint("uq_bodies_province_code", BodyProvinceCodeTaken)
map_constraint("ex_body_scope_lines_days", BodyScopeOverlaps)


class BodyScopeLine(Base):
    """One line of an entry. Lines of one skill and level never overlap in days."""

    __tablename__ = "body_scope_lines"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("valid_to >= valid_from", name="days"),
        ExcludeConstraint(
            (literal_column("body_id"), "="),
            (literal_column("skill_code"), "="),
            (literal_column("level"), "="),
            (func.daterange(literal_column("valid_from"), literal_column("valid_to"), "[]", type_=DATERANGE), "&&"),
            name="ex_body_scope_lines_days",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    body_id: Mapped[str] = mapped_column(ForeignKey("bodies.id"), index=True)
    skill_code: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    edition: Mapped[str]
    """The edition of the provincial catalogue (省职业技能评价目录清单) that the line was taken from."""


class Body(LifecycleRow["Body", BodyAction], Base):
    """An assessing body; its id is its unified social credit code."""

    __tablename__ = "bodies"
    __table_args__ = (
        CheckConstraint("kind IN ('employer', 'school', 'social', 'government')", name="kind"),
        CheckConstraint("province_code ~ '^[0-9A-Z]{4}$'", name="province_code"),
        UniqueConstraint("province_code", name="uq_bodies_province_code"),
        UniqueConstraint("id", "kind", "area", "province_code", name="uq_bodies_identity"),
    )
    lifecycle = BODY

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    area: Mapped[str]
    kind: Mapped[str]
    province_code: Mapped[str]
    """Characters 2 to 5 of the body's certificate numbers (DOMAIN §2)."""
    listed_by: Mapped[UUID]
    reason_code: Mapped[str | None]
    """Why it is suspended or removed."""
    scope: Mapped[list[BodyScopeLine]] = relationship(
        lazy="selectin", order_by=[BodyScopeLine.skill_code, BodyScopeLine.level, BodyScopeLine.valid_from]
    )

    def entry(self) -> BodyFacts:
        """What decisions need to know of the body."""
        lines = (
            ScopeLine(line.skill_code, line.level, line.valid_from, line.valid_to, line.edition) for line in self.scope
        )
        return BodyFacts(self.status, tuple(lines))
