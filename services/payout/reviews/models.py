"""The calendar by which the database judges the public notice; only a migration writes it."""

from datetime import date

from sqlalchemy import Boolean, Date
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base


class CalendarException(Base):
    """A day that is worked on a weekend, or not worked on another day: what `shared.reference.calendar` says."""

    __tablename__ = "calendar_exceptions"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    works: Mapped[bool] = mapped_column(Boolean)
