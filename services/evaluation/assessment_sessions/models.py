"""Tables of assessment sessions."""

from dataclasses import fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.evaluation.assessment_sessions.domain import (
    ASSESSMENT_SESSION,
    AssessmentSessionAction,
    AssessmentSessionFacts,
    AssessmentWithoutCandidates,
    PanelNotDistinct,
)
from services.evaluation.bodies.domain import BodyKind
from services.evaluation.models import Base
from shared.persistence import AggregateRow, map_constraint
from shared.persons import persons

map_constraint("ck_assessment_sessions_panel", PanelNotDistinct)
map_constraint("ck_assessment_sessions_candidates", AssessmentWithoutCandidates)


class AssessmentSession(AggregateRow["AssessmentSession", AssessmentSessionAction], Base):
    """One assessment of one skill and level by one body on one day, before one panel.

    The plan never changes but for the panel, while the session is scheduled (R17).
    """

    __tablename__ = "assessment_sessions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["body", "body_kind", "area", "province_code"],
            ["bodies.id", "bodies.kind", "bodies.area", "bodies.province_code"],
            name="fk_assessment_sessions_body",
        ),
        UniqueConstraint(
            "id", "body", "body_kind", "skill_code", "level", "act", "held_on",
            "assessor_1_id", "assessor_2_id", "supervisor_id", name="uq_assessment_sessions_plan",
        ),
        UniqueConstraint("id", "status", name="uq_assessment_sessions_status"),
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("act IN ('first', 'review')", name="act"),
        CheckConstraint("site_code ~ '^[0-9]{6}$'", name="site_code"),
        CheckConstraint(
            "assessor_1_id <> assessor_2_id AND supervisor_id <> assessor_1_id AND supervisor_id <> assessor_2_id",
            name="panel",
        ),
        CheckConstraint(
            "status <> 'confirmed' OR (confirmed_by IS NOT DISTINCT FROM supervisor_id AND confirmed_from IS NOT NULL"
            " AND confirmed_at IS NOT NULL AND confirmed_on IS NOT NULL)",
            name="confirmed",
        ),
        CheckConstraint("body_kind NOT IN ('employer', 'school') OR confirmed_from <> body", name="supervised_outside"),
        CheckConstraint("(status = 'cancelled') = (reason_code IS NOT NULL)", name="cancelled"),
        Index("ix_assessment_sessions_unopened", "held_on", postgresql_where=text("status = 'scheduled'")),
    )  # fmt: skip
    lifecycle = ASSESSMENT_SESSION

    body: Mapped[str]
    body_kind: Mapped[str]
    area: Mapped[str]
    province_code: Mapped[str]
    skill_code: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str]
    held_on: Mapped[date]
    place: Mapped[str]
    site_code: Mapped[str]
    """Six digits, characters 8 to 13 of the certificate numbers (DOMAIN §2)."""
    assessor_1_id: Mapped[UUID] = mapped_column(ForeignKey("assessors.id"), index=True)
    assessor_2_id: Mapped[UUID] = mapped_column(ForeignKey("assessors.id"), index=True)
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    opened_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None]
    confirmed_from: Mapped[str | None]
    """The organisation whose account the supervisor confirmed with, or `bureau`."""
    confirmed_at: Mapped[datetime | None]
    confirmed_on: Mapped[date | None]
    candidates: Mapped[int | None]
    """How many results were confirmed."""
    passed: Mapped[int | None]
    flags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Signs of waving through, for the officers who supervise (§二(二)5); they decide nothing by themselves."""

    reason_code: Mapped[str | None]
    """Why it was cancelled."""

    def facts(self) -> AssessmentSessionFacts:
        """The row for decisions."""
        planned = {field.name: getattr(self, field.name) for field in fields(AssessmentSessionFacts)}
        return AssessmentSessionFacts(**planned | {"body_kind": BodyKind(self.body_kind)})

    @property
    def assessor_ids(self) -> tuple[UUID, UUID]:
        """Person ids of the two assessors."""
        return self.assessor_1_id, self.assessor_2_id
