"""The log's tables. Entries are inserted and selected only, and the database checks each insertion against the chain.

Tiles of its tree are selected only, by every process: the database itself writes them, after the entries.
"""

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, SmallInteger, Text, UniqueConstraint
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


class TreeTile(Base):
    """256 neighbouring hashes of the log's Merkle tree (RFC 9162), written once all of them are there.

    Of level 0 they are the hashes of leaves, of level n the roots of 256 tiles of level n - 1. What is in no full tile
    yet is computed from the entries: 255 at the most.
    """

    __tablename__ = "tree_tiles"

    tile_level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    tile_index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Counts from 0 without a gap, in each level."""
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    """256 hashes of 32 bytes, in the log's order."""
    root: Mapped[bytes] = mapped_column(LargeBinary)
    """The root over them."""

    __table_args__ = (
        CheckConstraint("tile_level >= 0 AND tile_index >= 0", name="place"),
        CheckConstraint("octet_length(hashes) = 8192", name="tile_is_full"),
        CheckConstraint("octet_length(root) = 32", name="root_is_sha256"),
    )
