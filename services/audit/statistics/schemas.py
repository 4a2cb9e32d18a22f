"""Statistics as they are shown."""

from services.audit.statistics.domain import FunnelRow, Stage
from services.audit.statistics.service import Funnel
from shared.http import View


class CountView(View):
    """`times` 人次 are cases, `people` 人 are the distinct people among them."""

    times: int
    people: int


class FunnelCounts(View):
    """How far the cases came, and the money of the training benefit in fen."""

    offered: CountView
    claimed: CountView
    bound: CountView
    completed: CountView
    certified: CountView
    opened: CountView
    paid: CountView
    owed_fen: int
    paid_fen: int
    reversed_fen: int


class AreaFunnel(FunnelCounts):
    """The funnel of one area."""

    area: str
    name: str


class FunnelView(View):
    """A row for each area, and all of them together: people of two areas are one in `total`."""

    areas: list[AreaFunnel]
    total: FunnelCounts

    @classmethod
    def of(cls, funnel: Funnel) -> "FunnelView":
        """Show a funnel."""
        areas = [AreaFunnel(area=area.code, name=area.name_zh, **_counts(row)) for area, row in funnel.rows]
        return cls(areas=areas, total=FunnelCounts(**_counts(funnel.total)))


def _counts(row: FunnelRow) -> dict[str, object]:
    counts: dict[str, object] = {stage.value: CountView.model_validate(row.stages[stage]) for stage in Stage}
    money = row.amounts
    return counts | {
        "owed_fen": money.owed_fen,
        "paid_fen": money.paid_fen,
        "reversed_fen": money.reversed_fen,
    }
