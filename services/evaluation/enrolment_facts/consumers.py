"""Keeping completed enrolments."""

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import insert

from services.evaluation.enrolment_facts.domain import CompletedEnrolment
from services.evaluation.enrolment_facts.models import EnrolmentFact
from shared.contracts.training import EnrolmentCompletedV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_enrolment_completed(uow: UnitOfWork, events: Sequence[EnrolmentCompletedV1]) -> None:
    """Keep the completion, by which a body may admit a candidate. An enrolment completes once."""
    rows = [{field.name: getattr(event, field.name) for field in fields(CompletedEnrolment)} for event in events]
    await uow.session.execute(insert(EnrolmentFact).values(rows))


HANDLERS: Handlers = {EnrolmentCompletedV1: on_enrolment_completed}
