"""Stories of people over the public interfaces of a running system: every one has an end, and most a second chance."""

from tests.loop.stories import money, trainings
from tests.loop.stories.listing import STORIES

__all__ = ["STORIES", "money", "trainings"]
