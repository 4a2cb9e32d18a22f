"""The calendar of trainers and rooms."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.training.class_sessions.domain import Booking, Interval, PlannedSession, RoomBusy, TrainerBusy, check_free
from tests.training.samples import HOME, NINE, OTHER_TRAINER, TRAINER


def test_trainers_are_everywhere_one_and_rooms_the_institutions_own() -> None:
    window, elsewhere = Interval(NINE, NINE + timedelta(hours=6)), "914104007000020000"
    planned = [PlannedSession(uuid4(), window, TRAINER, "A1")]
    check_free(HOME, planned, [Booking(OTHER_TRAINER, elsewhere, "A1", window)])
    with pytest.raises(TrainerBusy):
        check_free(HOME, planned, [Booking(TRAINER, elsewhere, "B", window)])
    with pytest.raises(RoomBusy):
        check_free(HOME, planned, [Booking(OTHER_TRAINER, HOME, "A1", window)])
    after = Interval(window.ends_at, window.ends_at + timedelta(hours=1))
    check_free(HOME, planned, [Booking(TRAINER, HOME, "A1", after)])
