"""The table of persons: no name but a masked one, no number, only what events may carry."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, MetaData, SmallInteger, Table, Text, Uuid

from shared.persistence.aggregate import NAMING_CONVENTION

metadata = MetaData(naming_convention=NAMING_CONVENTION)

persons = Table(
    "persons",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("area", Text, nullable=False),
    Column("subject_digest", Text, nullable=False),
    Column("real_name_level", SmallInteger, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("survivor_id", Uuid),
    Column("masked_name", Text),
    Column("merged_into", Uuid),
    CheckConstraint("survivor_id <> id", name="survivor"),
    CheckConstraint("merged_into <> id", name="merged_into"),
    CheckConstraint("survivor_id IS NULL OR merged_into IS NOT NULL", name="merged"),
    Index("ix_persons_survivor_id", "survivor_id"),
)
"""One row a record. `survivor_id` is the record that stands for this one after two were found to be of one person: the
end of the chain of mergers, as far as it is known, so that one step leads there from every record. `merged_into` is the
next in the chain, as the merger named it, from which the chain is followed again after a merger was undone."""
