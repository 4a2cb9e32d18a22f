"""A trail as it is shown."""

from datetime import datetime
from uuid import UUID

from services.audit.log.domain import Flaw
from services.audit.log.service import ReadEntry
from services.audit.trails.domain import LinkName, LinkState
from services.audit.trails.service import FollowedVoucher
from shared.http import View


class LinkView(View):
    """One of the five links; `reference` is the id of the voucher, enrolment, candidate, certificate or payout."""

    name: LinkName
    state: LinkState
    at: datetime | None
    code: str | None
    reference: str | None


class StepView(View):
    """One event of the case, as the log holds it under `index`. `at` is business time, `recorded_at` the database's.

    An entry that was tampered with has a `flaw`, and what its envelope says is left out.
    """

    index: int
    type: str | None
    aggregate: str
    id: str
    version: int
    at: datetime | None
    recorded_at: datetime | None
    flaw: Flaw | None
    """What is wrong with the entry; null if it holds."""

    @classmethod
    def of(cls, read: ReadEntry) -> "StepView":
        """Show a log entry without its data."""
        entry, envelope = read.entry, read.envelope
        return cls(
            index=entry.index,
            type=envelope and envelope.event.type(),
            aggregate=entry.subject.aggregate_type,
            id=entry.subject.aggregate_id,
            version=entry.subject.version,
            at=envelope and envelope.event.business_at,
            recorded_at=envelope and envelope.recorded_at,
            flaw=read.flaw,
        )

    @property
    def place(self) -> tuple[bool, float, int]:
        """Its place among the events: by the time at which it was recorded, and last where that is not known."""
        recorded_s = self.recorded_at.timestamp() if self.recorded_at else 0.0
        return self.recorded_at is None, recorded_s, self.index


class TrailView(View):
    """Where a case stands: the five links, and every event by the time at which its service recorded it.

    `stands_at` is the first link that is not done, empty when the loop is closed; `broken_at` the first that is broken.
    """

    voucher_id: UUID
    person_id: UUID
    status: str
    open_holds: int
    area: str | None
    skill_code: str | None
    level: int | None
    stands_at: LinkName | None
    broken_at: LinkName | None
    links: list[LinkView]
    events: list[StepView]

    @classmethod
    def of(cls, followed: FollowedVoucher) -> "TrailView":
        """Show a followed voucher."""
        (voucher,), trail = followed.facts.vouchers, followed.trail
        return cls(
            voucher_id=voucher.id,
            person_id=voucher.person_id,
            status=voucher.status,
            open_holds=voucher.open_holds,
            area=voucher.area,
            skill_code=voucher.skill_code,
            level=voucher.level,
            stands_at=trail.stands_at,
            broken_at=trail.broken_at,
            links=[LinkView.model_validate(link) for link in trail.links],
            events=sorted((StepView.of(entry) for entry in followed.entries), key=lambda step: step.place),
        )
