"""Counting from one row a case: there is no counter that could drift, count twice or miss a restatement.

A case is counted in the area of its voucher, for every stage, so that the stages of a row are of one population; an
offered voucher's area is its holder's. All records of one person are one person.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, DateTime, Text, bindparam, text

from services.audit.statistics.domain import Amounts, Count, FunnelRow, Stage
from shared.persistence import UnitOfWork

TRAINING = "training"
"""The benefit that a voucher is redeemed for."""

PERIOD = (
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
    bindparam("areas", type_=ARRAY(Text)),
)

COUNTS = text(
    """
    WITH completions AS (
        SELECT voucher_id, min(completed_at) AS completed_at FROM enrolment_facts
        WHERE completed_at IS NOT NULL
        GROUP BY voucher_id
    ), payments AS (
        SELECT voucher_id, min(opened_at) AS opened_at, min(paid_at) AS paid_at FROM payout_facts
        WHERE voucher_id IS NOT NULL AND benefit = :benefit
        GROUP BY voucher_id
    ), reached AS (
        SELECT coalesce(v.area, p.area) AS area, coalesce(p.survivor_id, v.person_id) AS person, stage.name AS stage
        FROM voucher_facts v
        LEFT JOIN person_facts p ON p.id = v.person_id
        LEFT JOIN certificate_facts revoked ON revoked.id = v.certificate_id AND revoked.status = 'revoked'
        LEFT JOIN completions ON completions.voucher_id = v.id
        LEFT JOIN payments ON payments.voucher_id = v.id
        CROSS JOIN LATERAL (VALUES
            ('offered', v.offered_at),
            ('claimed', v.claimed_at),
            ('bound', v.bound_at),
            ('completed', completions.completed_at),
            ('certified', CASE WHEN revoked.id IS NULL THEN v.certified_at END),
            ('opened', payments.opened_at),
            ('paid', payments.paid_at)
        ) AS stage (name, reached_at)
        WHERE stage.reached_at >= coalesce(:since, '-infinity') AND stage.reached_at < coalesce(:until, 'infinity')
    )
    SELECT area, stage, count(*) AS times, count(DISTINCT person) AS people
    FROM reached
    WHERE :areas IS NULL OR area = ANY (:areas)
    GROUP BY GROUPING SETS ((area, stage), (stage))
    """
).bindparams(*PERIOD)

AMOUNTS = text(
    """
    SELECT coalesce(v.area, p.area) AS area,
        coalesce(sum(amount_fen) FILTER (WHERE paid_at IS NULL AND o.status NOT IN ('rejected', 'withdrawn')
            AND opened_at >= coalesce(:since, '-infinity') AND opened_at < coalesce(:until, 'infinity')), 0)::bigint
            AS owed_fen,
        coalesce(sum(amount_fen) FILTER (WHERE paid_at >= coalesce(:since, '-infinity')
            AND paid_at < coalesce(:until, 'infinity')), 0)::bigint AS paid_fen,
        coalesce(sum(amount_fen) FILTER (WHERE reversed_at >= coalesce(:since, '-infinity')
            AND reversed_at < coalesce(:until, 'infinity')), 0)::bigint AS reversed_fen
    FROM payout_facts o
    JOIN voucher_facts v ON v.id = o.voucher_id
    LEFT JOIN person_facts p ON p.id = v.person_id
    WHERE o.benefit = :benefit AND (:areas IS NULL OR coalesce(v.area, p.area) = ANY (:areas))
    GROUP BY GROUPING SETS ((coalesce(v.area, p.area)), ())
    """
).bindparams(*PERIOD)


async def funnel(
    uow: UnitOfWork, *, areas: Sequence[str] | None, since: datetime | None, until: datetime | None
) -> dict[str | None, FunnelRow]:
    """The funnel by area, and of all of them together under None; what was reached from `since` to before `until`.

    `areas` None counts everything, wherever its voucher was claimed.
    """
    given = {"areas": areas, "since": since, "until": until, "benefit": TRAINING}
    counts: dict[str | None, dict[Stage, Count]] = {}
    for row in await uow.session.execute(COUNTS, given):
        counts.setdefault(row.area, {})[Stage(row.stage)] = Count(row.times, row.people)
    amounts = {
        row.area: Amounts(row.owed_fen, row.paid_fen, row.reversed_fen)
        for row in await uow.session.execute(AMOUNTS, given)
    }
    return {
        area: FunnelRow(
            area, {stage: counts.get(area, {}).get(stage, Count()) for stage in Stage}, amounts.get(area, Amounts())
        )
        for area in {None, *counts, *amounts}
    }
