"""Tables of candidates."""

from datetime import date
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
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.evaluation.candidates.domain import (
    CANDIDATE,
    CandidateAction,
    CandidateAlreadyAdmitted,
    CandidateHasPassed,
    CandidateNotOfTheBody,
    CandidateOnPanel,
    TaughtByAnAssessor,
    TrainedByTheBody,
)
from services.evaluation.models import Base
from shared.kernel.occasion import FIRST
from shared.persistence import AggregateRow, map_constraint
from shared.persons import persons

map_constraint("uq_candidates_session", CandidateAlreadyAdmitted)
map_constraint("uq_candidates_attempt", CandidateAlreadyAdmitted)
map_constraint("uq_candidates_current", CandidateAlreadyAdmitted)
map_constraint("uq_candidates_passed", CandidateHasPassed)
map_constraint("ck_candidates_on_panel", CandidateOnPanel)
map_constraint("ck_candidates_trained_by_the_body", TrainedByTheBody)
map_constraint("ck_candidates_taught_by_an_assessor", TaughtByAnAssessor)
map_constraint("ck_candidates_of_the_body", CandidateNotOfTheBody)

PLAN = (
    "session_id", "body", "body_kind", "skill_code", "level", "act", "held_on",
    "assessor_1_id", "assessor_2_id", "supervisor_id",
)  # fmt: skip
"""Copied from the session, held equal by a foreign key, so that CHECKs keep candidates independent row by row: of
another panel too, which comes by the key."""


class Candidate(AggregateRow["Candidate", CandidateAction], Base):
    """A person in a session. `trained_by`, `taught_by` and `belongs_to` are filled by the database itself."""

    __tablename__ = "candidates"
    __table_args__ = (
        Index("ix_candidates_overdue", "status", "entered_at",
              postgresql_where="status IN ('sat', 'scored', 'appealed')"),
        ForeignKeyConstraint(
            PLAN,
            [f"assessment_sessions.{'id' if name == 'session_id' else name}" for name in PLAN],
            name="fk_candidates_session",
            onupdate="CASCADE",
        ),
        UniqueConstraint("session_id", "person_id", name="uq_candidates_session"),
        UniqueConstraint("id", "occasion", name="uq_candidates_occasion"),
        UniqueConstraint(
            "id", "session_id", "person_id", "skill_code", "level", "act", "status", name="uq_candidates_result"
        ),
        Index("uq_candidates_attempt", "series_id", "series_number", "attempt", unique=True,
              postgresql_where=text("status NOT IN ('absent', 'voided', 'cancelled')")),
        Index("uq_candidates_passed", "series_id", "series_number", unique=True,
              postgresql_where=text("status = 'passed'")),
        Index("uq_candidates_current", "person_id", "skill_code", "level", "act", unique=True,
              postgresql_where=text("status IN ('admitted', 'sat', 'scored', 'appealed')")),
        CheckConstraint("attempt BETWEEN 1 AND 2", name="attempt"),
        CheckConstraint("act = split_part(occasion, ':', 1)", name="occasion"),
        CheckConstraint("series_number >= 1", name="series_number"),
        CheckConstraint("completed_on <= held_on", name="completed_on"),
        CheckConstraint("person_id NOT IN (assessor_1_id, assessor_2_id, supervisor_id)", name="on_panel"),
        CheckConstraint("body_kind <> 'social' OR body <> ALL (trained_by)", name="trained_by_the_body"),
        CheckConstraint(
            "body_kind NOT IN ('employer', 'school') OR NOT (taught_by && ARRAY[assessor_1_id, assessor_2_id])",
            name="taught_by_an_assessor",
        ),
        CheckConstraint(
            "body_kind NOT IN ('employer', 'school') OR belongs_to IS NOT DISTINCT FROM body", name="of_the_body"
        ),
        CheckConstraint("status NOT IN ('scored', 'passed', 'failed', 'appealed') OR score_version IS NOT NULL",
                        name="score"),
        CheckConstraint("status <> 'appealed' OR appealed_version IS NOT NULL", name="appealed_version"),
        CheckConstraint("status NOT IN ('voided', 'absent', 'appealed', 'cancelled') OR reason_code IS NOT NULL",
                        name="reason"),
    )  # fmt: skip
    lifecycle = CANDIDATE

    session_id: Mapped[UUID] = mapped_column(index=True)
    body: Mapped[str]
    body_kind: Mapped[str]
    skill_code: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str]
    occasion: Mapped[str] = mapped_column(server_default=FIRST)
    """What a certificate of it is for: the first one, or the review that is due on a day (R7)."""
    held_on: Mapped[date] = mapped_column(index=True)
    assessor_1_id: Mapped[UUID]
    assessor_2_id: Mapped[UUID]
    supervisor_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    enrolment_id: Mapped[UUID | None] = mapped_column(ForeignKey("enrolment_facts.id"), index=True)
    voucher_id: Mapped[UUID | None]
    channel: Mapped[str]
    """The channel that the certificate will count for (D13)."""
    completed_on: Mapped[date | None]
    trained_by: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    taught_by: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    belongs_to: Mapped[str | None]
    affiliation: Mapped[str | None]
    """The record that proves employment or study where no enrolment does."""
    series_id: Mapped[UUID]
    """The ground on which series follow one another: the enrolment, or the person with skill, level and act (R8)."""
    series_number: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    attempt: Mapped[int] = mapped_column(SmallInteger)
    entry_basis: Mapped[str]
    entry_evidence: Mapped[str | None]
    score_version: Mapped[int | None] = mapped_column(SmallInteger)
    """The version of the scores that both assessors signed."""
    appealed_version: Mapped[int | None] = mapped_column(SmallInteger)
    """The version that an appeal objects to; it is decided on a later one."""
    theory: Mapped[int | None] = mapped_column(SmallInteger)
    practice: Mapped[int | None] = mapped_column(SmallInteger)
    review: Mapped[int | None] = mapped_column(SmallInteger)
    reason_code: Mapped[str | None]
    """Why absent, voided, appealed or cancelled."""

    @property
    def assessor_ids(self) -> tuple[UUID, UUID]:
        """Person ids of the two assessors."""
        return self.assessor_1_id, self.assessor_2_id
