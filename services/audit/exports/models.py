"""Who took what out. INSERT and SELECT only."""

from sqlalchemy import CheckConstraint, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.audit.exports.domain import EXPORT, ExportAction
from services.audit.models import Base
from shared.persistence import AggregateRow


class Export(AggregateRow["Export", ExportAction], Base):
    """A bulk reading by an account; `digest` is the SHA-256 of what it was, in hexadecimal."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("count >= 0", name="count"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
    )
    lifecycle = EXPORT

    account: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    count: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(Text)
