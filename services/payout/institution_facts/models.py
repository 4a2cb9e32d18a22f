"""Training institutions as training lists them."""

from sqlalchemy import Boolean, CheckConstraint, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base


class InstitutionFact(Base):
    """One institution's standing; `version` is the source's."""

    __tablename__ = "institution_facts"
    __table_args__ = (
        CheckConstraint("status IN ('applied', 'listed', 'warned', 'suspended', 'removed')", name="status"),
        CheckConstraint("NOT row_lock", name="row_lock"),
    )

    credit_code: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(Text)
    row_lock: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Never true. A role that may update this column, and no other, may lock the row."""
