"""The declarative base of the voucher service's own tables."""

from sqlalchemy.orm import DeclarativeBase

from shared.persistence import dated, service_metadata


class Base(DeclarativeBase):
    """All tables of voucher hang on this metadata."""

    metadata = service_metadata()


SHARED = (dated.metadata,)
"""Tables that it has as other services do."""
