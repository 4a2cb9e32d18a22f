"""The metadata of payout's own tables."""

from sqlalchemy.orm import DeclarativeBase

from shared.persistence import service_metadata


class Base(DeclarativeBase):
    """Every table of payout."""

    metadata = service_metadata()
