"""Objections. What is said exists only encrypted; who objects is read by those who decide."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base
from services.payout.objections.domain import (
    OBJECTION,
    OPEN,
    About,
    ObjectedOnce,
    ObjectionAction,
    ObjectionExists,
    ObjectionFacts,
    ObjectionSamePerson,
    ObjectionState,
)
from shared.persistence import AggregateRow, map_constraint
from shared.persons import persons

IS_OPEN = f"status IN ({', '.join(repr(str(state)) for state in OPEN)})"


class Objection(AggregateRow["Objection", ObjectionAction], Base):
    """One person's objection to one payout; one on a notice a hold of its own freezes until it is dismissed."""

    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint("channel IN ('app', 'counter', 'officer')", name="channel"),
        CheckConstraint("channel <> 'app' OR filed_by = objector_id", name="own"),
        CheckConstraint("evidence_digest ~ '^[0-9a-f]{64}$'", name="evidence"),
        CheckConstraint("outcome IN ('upheld', 'dismissed')", name="outcome"),
        CheckConstraint("about IN ('notice', 'rejection')", name="about"),
        CheckConstraint("organisation IS NULL OR about = 'rejection'", name="organisation"),
        CheckConstraint(
            "num_nonnulls(outcome, reason_code, CASE about WHEN 'notice' THEN proposed_by ELSE decided_by END)"
            " IN (0, 3)",
            name="reason",
        ),
        CheckConstraint(
            "CASE about WHEN 'notice' THEN status <> 'lodged' AND (status = 'filed') = (proposed_by IS NULL)"
            " ELSE status NOT IN ('filed', 'proposed') AND proposed_by IS NULL END",
            name="proposed",
        ),
        CheckConstraint(f"({IS_OPEN}) = (decided_by IS NULL)", name="decided"),
        CheckConstraint(f"{IS_OPEN} OR status = outcome", name="as_proposed"),
        CheckConstraint(
            "proposed_by <> decided_by AND proposed_by <> objector_id AND decided_by <> objector_id",
            name="distinct_persons",
        ),
        Index(
            "uq_objections_open",
            "payout_id",
            "objector_id",
            unique=True,
            postgresql_where=text("status IN ('filed', 'proposed')"),
        ),
        Index("uq_objections_rejection", "payout_id", unique=True, postgresql_where=text("about = 'rejection'")),
        Index("ix_objections_due", "due_on", postgresql_where=text(IS_OPEN)),
        Index("ix_objections_objector", "objector_id", "id"),
        Index("ix_objections_payout", "payout_id"),
    )
    lifecycle = OBJECTION

    about: Mapped[str] = mapped_column(Text, server_default=About.NOTICE)
    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payouts.id"))
    area: Mapped[str] = mapped_column(Text)
    objector_id: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    organisation: Mapped[str | None] = mapped_column(Text)
    """The payee in whose name they object to a rejection."""
    filed_by: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    channel: Mapped[str] = mapped_column(Text)
    statement: Mapped[bytes] = mapped_column(LargeBinary)
    evidence_digest: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date] = mapped_column(Date)
    outcome: Mapped[str | None] = mapped_column(Text)
    """What is proposed, and once decided what was."""
    reason_code: Mapped[str | None] = mapped_column(Text)
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))

    def facts(self) -> ObjectionFacts:
        """The row for decisions and answers."""
        own = {name: getattr(self, name) for name in ObjectionFacts.__slots__ if name not in ("status", "about")}
        return ObjectionFacts(status=ObjectionState(self.status), about=About(self.about), **own)


map_constraint("uq_objections_open", ObjectionExists)
map_constraint("uq_objections_rejection", ObjectedOnce)
map_constraint("ck_objections_distinct_persons", ObjectionSamePerson)
map_constraint("tw_objections", ObjectionSamePerson)
