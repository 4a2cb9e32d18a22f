"""The declarative base of the evaluation service's own tables."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import DeclarativeBase

from shared.persistence import service_metadata


class Base(DeclarativeBase):
    """All tables of evaluation hang on this metadata; text is TEXT and instants carry their zone."""

    metadata = service_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Text, datetime: DateTime(timezone=True)}
