"""Every story of `tests.loop.stories`, lived side by side under one business clock (`SharedClock`).

Years pass in minutes, no rule shortened.
"""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from deploy.local.demo import cast_for, open_client
from deploy.local.demo.staff import AUDITOR, seed
from deploy.local.demo.story import Stories
from tests.loop.stories import STORIES
from tests.loop.system import running_system

pytestmark = pytest.mark.xdist_group("stories")

SEED = 20_211_227


@pytest.fixture(scope="module")
async def ends(request: pytest.FixtureRequest) -> AsyncIterator[dict[str, str | None]]:
    """By name of the chosen stories: how each went wrong, or None."""
    chosen = {item.callspec.params.get("lived") for item in request.session.items if hasattr(item, "callspec")}
    lives = [lived for lived in STORIES if lived in chosen]
    with running_system() as system:
        async with open_client(system.environment) as client:
            casting = await cast_for(client, SEED)
            stories = Stories(client, await seed(client, casting, loops=1), casting)
            ends = await asyncio.gather(*(lived(stories) for lived in lives), return_exceptions=True)
            failed = [
                "".join(traceback.format_exception(end)) if isinstance(end, BaseException) else None for end in ends
            ]
            assert (await client.get(AUDITOR, "payout", "/v1/ledger"))["sum_fen"] == 0
            assert (await client.post(AUDITOR, "audit", "/v1/log-verifications"))["first_broken"] is None
            yield {lived.__name__: end for lived, end in zip(lives, failed, strict=True)}


def _sentence(lived: object) -> str:
    return str(getattr(lived, "__name__", lived)).replace("_", " ")


@pytest.mark.parametrize("lived", STORIES, ids=_sentence)
def test_story(lived: Callable[[Stories], Awaitable[object]], ends: dict[str, str | None]) -> None:
    if flaw := ends[lived.__name__]:
        pytest.fail(flaw, pytrace=False)
