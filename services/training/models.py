"""The declarative base of the training service's own tables."""

from sqlalchemy.orm import DeclarativeBase

from shared import persons
from shared.persistence import dated, service_metadata


class Base(DeclarativeBase):
    """All tables of training hang on this metadata."""

    metadata = service_metadata()


SHARED = (dated.metadata, persons.metadata)
"""Tables that it has as other services do."""
