"""Lists to decide on, and their answers row by row."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from services.payout.decisions.service import Outcome
from services.payout.payouts.schemas import PayoutView
from shared.http import Body, BulkAnswer, BulkRequest
from shared.kernel.rounds import rounds


class DecidePayoutsRow(Body):
    """One payout to decide on."""

    payout_id: UUID


Row = TypeVar("Row", bound=DecidePayoutsRow)


async def answer_rows(
    body: BulkRequest[Row], decide: Callable[[Sequence[Row]], Awaitable[Mapping[UUID, Outcome]]]
) -> BulkAnswer[PayoutView]:
    """What was decided, row by row; a row that names a payout again sees what the earlier one did."""
    outcomes: dict[int, Outcome] = {}
    for places in rounds(body.rows, lambda row: row.payout_id):
        decided = await decide([body.rows[place] for place in places])
        outcomes |= {place: decided[body.rows[place].payout_id] for place in places}
    return body.answer([outcomes[place] for place in range(len(body.rows))], PayoutView.of)
