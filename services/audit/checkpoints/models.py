"""Signed heads and cosignatures: rows are only added."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.audit.models import Base
from shared.persistence import Busy, map_constraint


class Checkpoint(Base):
    """A head of the log's tree as it was signed; each is of a larger tree than those before."""

    __tablename__ = "checkpoints"
    __table_args__ = (
        CheckConstraint("tree_size > 0", name="of_entries"),
        CheckConstraint("octet_length(root) = 32", name="root_is_sha256"),
    )

    tree_size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    """The signed note, without cosignatures."""
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """By the database's clock."""


class Cosignature(Base):
    """A witness saw this head, and no other log before it."""

    __tablename__ = "cosignatures"
    __table_args__ = (CheckConstraint("witness <> '' AND line <> ''", name="not_empty"),)

    tree_size: Mapped[int] = mapped_column(ForeignKey("checkpoints.tree_size"), primary_key=True)
    witness: Mapped[str] = mapped_column(Text, primary_key=True)
    line: Mapped[str] = mapped_column(Text)
    """The signature line."""
    cosigned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """By the witness's clock."""


map_constraint("pk_checkpoints", Busy)
map_constraint("ck_checkpoints_larger", Busy)
