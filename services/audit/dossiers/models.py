"""Every reading of a dossier. INSERT and SELECT only."""

from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.audit.dossiers.domain import DOSSIER_READING, DossierReadingAction
from services.audit.models import Base
from shared.persistence import AggregateRow


class DossierReading(AggregateRow["DossierReading", DossierReadingAction], Base):
    """An account's single look at what is kept of a person; the worker's own looks too."""

    __tablename__ = "dossier_readings"
    __table_args__ = (Index("ix_dossier_readings_person_id", "person_id"),)
    lifecycle = DOSSIER_READING

    person_id: Mapped[UUID]
    account: Mapped[str] = mapped_column(Text)
