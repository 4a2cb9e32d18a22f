"""The metadata of payout's own tables, and of those that it shares with others."""

from sqlalchemy.orm import DeclarativeBase

from shared import persons
from shared.persistence import dated, service_metadata


class Base(DeclarativeBase):
    """Every table of payout's own."""

    metadata = service_metadata()


SHARED = (persons.metadata, dated.metadata)
