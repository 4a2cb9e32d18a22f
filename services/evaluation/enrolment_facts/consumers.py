"""Hearing of completed enrolments."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from services.evaluation.enrolment_facts.models import EnrolmentFacts
from shared.contracts.training import EnrolmentCompletedV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork

_HEARD = (
    "id", "voucher_id", "person_id", "class_id", "channel", "institution", "employer", "school", "skill_code", "level",
    "act", "class_hours", "completed_on",
)  # fmt: skip


async def on_enrolment_completed(uow: UnitOfWork, events: Sequence[EnrolmentCompletedV1]) -> None:
    """Keep the completion, from which a body may admit a candidate. An enrolment completes once."""
    rows = [
        {
            **{name: getattr(event, name) for name in _HEARD},
            "trainer_ids": list(event.trainer_ids),
            "source_version": event.version,
        }
        for event in sorted(events, key=lambda event: event.id)
    ]
    await uow.session.execute(insert(EnrolmentFacts).values(rows).on_conflict_do_nothing())


HANDLERS: Handlers = {EnrolmentCompletedV1: on_enrolment_completed}
