"""The declarative base of the evaluation service's own tables."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import DeclarativeBase

from shared import persons
from shared.persistence import dated, service_metadata

SHARED = (persons.metadata, dated.metadata)
"""Tables of this service that stand in `shared`, which its own refer to."""


class Base(DeclarativeBase):
    """All tables of evaluation hang on this metadata; text is TEXT and instants carry their zone."""

    metadata = service_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Text, datetime: DateTime(timezone=True)}
