"""What becomes of enrolments: a voucher is bound to one, and given back or voided by how it ends."""

from collections.abc import Sequence

from services.voucher.bindings.domain import BindRequest, FailedTraining, UnbindRequest
from services.voucher.bindings.service import bind_vouchers, fail_trainings, unbind_vouchers
from shared.contracts.evaluation import CandidateFailedV1
from shared.contracts.training import (
    EnrolmentAttendanceFailedV1,
    EnrolmentExpelledV1,
    EnrolmentRequestedV1,
    EnrolmentTestFailedV1,
    EnrolmentWithdrawnV1,
)
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_enrolment_requested(uow: UnitOfWork, events: Sequence[EnrolmentRequestedV1]) -> None:
    """The institution presented a voucher: it is bound, or refused with a code."""
    requests = [
        BindRequest(
            voucher_id=event.voucher_id,
            person_id=event.person_id,
            enrolment_id=event.id,
            class_id=event.class_id,
            class_area=event.class_area,
            channel=event.channel,
            institution=event.institution,
            payee_kind=event.payee_kind,
            payee_id=event.payee_id,
            mandate_id=event.mandate_id,
            skill_code=event.skill_code,
            level=event.level,
            act=event.act,
            starts_on=event.starts_on,
            ends_on=event.ends_on,
            presented_at=event.presented_at,
        )
        for event in events
    ]
    await bind_vouchers(uow, requests)


async def on_enrolment_withdrawn(uow: UnitOfWork, events: Sequence[EnrolmentWithdrawnV1]) -> None:
    """The enrolment was withdrawn, or its class came to nothing: its voucher goes back to the holder."""
    await unbind_vouchers(uow, [UnbindRequest(event.voucher_id, event.id, event.reason_code) for event in events])


async def on_enrolment_failed(
    uow: UnitOfWork, events: Sequence[EnrolmentAttendanceFailedV1 | EnrolmentTestFailedV1 | EnrolmentExpelledV1]
) -> None:
    """The holder failed the training, or was excluded from it."""
    await fail_trainings(
        uow,
        [
            FailedTraining(
                event.voucher_id, event.id, FAILURES[type(event)], ends_it=type(event) is EnrolmentExpelledV1
            )
            for event in events
            if event.voucher_id is not None
        ],
    )


async def on_candidate_failed(uow: UnitOfWork, events: Sequence[CandidateFailedV1]) -> None:
    """The holder failed every attempt of the assessment that follows the training (R5)."""
    await fail_trainings(
        uow,
        [
            FailedTraining(event.voucher_id, event.enrolment_id, "attempts_used", ends_it=True)
            for event in events
            if event.voucher_id is not None and event.enrolment_id is not None and event.attempts_left == 0
        ],
    )


FAILURES: dict[type, str] = {
    EnrolmentAttendanceFailedV1: "attendance_failed",
    EnrolmentTestFailedV1: "test_failed",
    EnrolmentExpelledV1: "expelled",
}
"""What each event says was the matter."""

HANDLERS: Handlers = {
    **dict.fromkeys(FAILURES, on_enrolment_failed),
    CandidateFailedV1: on_candidate_failed,
    EnrolmentRequestedV1: on_enrolment_requested,
    EnrolmentWithdrawnV1: on_enrolment_withdrawn,
}
