"""The metadata of audit's own tables, and of those that it shares with others."""

from sqlalchemy.orm import DeclarativeBase

from shared import persons
from shared.persistence import service_metadata


class Base(DeclarativeBase):
    """Every table of audit's own."""

    metadata = service_metadata()


SHARED = (persons.metadata,)
