"""The declarative base of the training service's own tables."""

from sqlalchemy.orm import DeclarativeBase

from shared.persistence import service_metadata


class Base(DeclarativeBase):
    """All tables of training hang on this metadata."""

    metadata = service_metadata()
