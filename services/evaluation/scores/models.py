"""Tables of scores."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, SmallInteger
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.evaluation.models import Base


class ScoreSheet(Base):
    """One assessor's signature under one version of a candidate's scores. Append-only.

    The database refuses a sheet of anybody but the two assessors, and two sheets of one version with other points.
    """

    __tablename__ = "score_sheets"
    __table_args__ = (
        CheckConstraint("score_version >= 1", name="score_version"),
        CheckConstraint("theory BETWEEN 0 AND 100", name="theory"),
        CheckConstraint("practice BETWEEN 0 AND 100", name="practice"),
        CheckConstraint("review BETWEEN 0 AND 100", name="review"),
        ExcludeConstraint(
            ("candidate_id", "="), ("score_version", "="), ("points", "<>"), name="ex_score_sheets_points"
        ),
    )

    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidates.id"), primary_key=True)
    score_version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    assessor_id: Mapped[UUID] = mapped_column(ForeignKey("assessors.id"), primary_key=True)
    theory: Mapped[int | None] = mapped_column(SmallInteger)
    practice: Mapped[int | None] = mapped_column(SmallInteger)
    review: Mapped[int | None] = mapped_column(SmallInteger)
    points: Mapped[str] = mapped_column(
        Computed(
            "coalesce(theory::text, '-') || '/' || coalesce(practice::text, '-') || '/' || coalesce(review::text, '-')",
            persisted=True,
        )
    )
    signed_at: Mapped[datetime]
