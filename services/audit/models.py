"""The declarative base of the audit service's own tables."""

from sqlalchemy.orm import DeclarativeBase

from shared.persistence import service_metadata


class Base(DeclarativeBase):
    """All tables of audit hang on this metadata."""

    metadata = service_metadata()
