"""The declarative base of the voucher service's own tables."""

from sqlalchemy.orm import DeclarativeBase

from shared.persistence import service_metadata


class Base(DeclarativeBase):
    """All tables of voucher hang on this metadata."""

    metadata = service_metadata()
