"""Claim at a counter for somebody who has no session of his own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.voucher.counter_claims import domain
from services.voucher.counter_claims.models import CounterClaim
from services.voucher.eligibility.queries import figures_on
from services.voucher.vouchers.domain import ClaimRequest
from services.voucher.vouchers.service import claim_vouchers
from services.voucher.workers import queries as worker_queries
from services.voucher.workers.domain import PersonNotFound
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class Counter:
    """Who stood at the counter, and what was shown there. `photo_digest` is SHA-256 of the photo, which stays there."""

    officer_id: UUID
    second_officer_id: UUID
    card_read_at: datetime
    photo_digest: str
    site: str


async def claim_at_counter(uow: UnitOfWork, request: ClaimRequest, counter: Counter) -> UUID:
    """Claim for a worker who stands at the counter (现场代办, A2): the same claim, flagged, with its evidence.

    Answers the voucher's id. Both officers are registered people and neither is the worker; a share of these claims is
    drawn for a second look.
    """
    figures = await figures_on(uow, uow.today)
    card_read_valid = timedelta(minutes=figures["counter_card_read_minutes"])
    domain.check_counter(counter.officer_id, counter.second_officer_id, counter.card_read_at, uow.now, card_read_valid)
    officers = {counter.officer_id, counter.second_officer_id}
    natural = await worker_queries.natural_persons(uow, {*officers, request.person_id})
    domain.check_three_people(
        *(natural[one] for one in (counter.officer_id, counter.second_officer_id, request.person_id))
    )
    if len(await worker_queries.offerable(uow, officers)) < len(officers):
        raise PersonNotFound
    (voucher,) = await claim_vouchers(uow, [request])
    if isinstance(voucher, DomainError):
        raise voucher
    uow.session.add(
        CounterClaim(
            voucher_id=voucher.id,
            officer_id=counter.officer_id,
            second_officer_id=counter.second_officer_id,
            card_read_at=counter.card_read_at,
            photo_digest=counter.photo_digest,
            site=counter.site,
            area=voucher.area,
            sampled=domain.is_sampled(voucher.id, figures["counter_sample_percent"]),
            claimed_at=uow.now,
        )
    )
    return voucher.id
