"""The log's table. INSERT and SELECT only, for everybody; the database checks each insertion against the chain."""

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.audit.log.domain import AggregateGap, ChainBroken
from services.audit.models import Base
from shared.persistence import map_constraint

CHAIN_GUARD = "ck_log_entries_chain"
VERSION_GUARD = "ck_log_entries_version_follows"
map_constraint(CHAIN_GUARD, ChainBroken)
map_constraint(VERSION_GUARD, AggregateGap)


class LogEntry(Base):
    """One event as it was sent, at its place in the chain.

    Every column follows from the envelope and the entry before, so verification can check every column; when audit
    received it is not kept, because nothing could vouch for it.
    """

    __tablename__ = "log_entries"

    leaf_index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Counts from 0 without a gap."""
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 over the hash of the entry before and the envelope's bytes."""
    aggregate_type: Mapped[str] = mapped_column(Text)
    aggregate_id: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    """The CloudEvents document, byte for byte as it was received."""

    __table_args__ = (
        CheckConstraint("leaf_index >= 0", name="index_from_zero"),
        CheckConstraint("octet_length(hash) = 32", name="hash_is_sha256"),
        CheckConstraint("version >= 1", name="version_from_one"),
        UniqueConstraint("aggregate_type", "aggregate_id", "version", name="uq_log_entries_change"),
        Index("ix_log_entries_aggregate_id_leaf_index", "aggregate_id", "leaf_index"),
    )
