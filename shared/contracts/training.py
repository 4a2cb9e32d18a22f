"""Events of the training service 培训: institutions, classes, enrolments, attendance."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.fields import (
    Act,
    AggregateEvent,
    AreaCode,
    Channel,
    Code,
    Count,
    CreditCode,
    Digest,
    Level,
    OrganisationEvent,
    OwnerId,
    OwnerKind,
    ScopeItem,
    SkillCode,
)


class InstitutionEvent(OrganisationEvent):
    """What every event of a training institution carries: where it is, and what it is listed for and when."""

    area: AreaCode
    scope: tuple[ScopeItem, ...]


class InstitutionAppliedV1(InstitutionEvent, service="training", name="institution.applied"):
    """An institution asked for the catalogue."""


class InstitutionListedV1(InstitutionEvent, service="training", name="institution.listed"):
    """A second officer put it on the catalogue; payout may pay it."""


class InstitutionWarnedV1(InstitutionEvent, service="training", name="institution.warned"):
    """Supervision found problems and warned it (§二(二)5)."""

    reason_code: Code


class InstitutionSuspendedV1(InstitutionEvent, service="training", name="institution.suspended"):
    """No new class until reinstated; payout holds what is unpaid."""

    reason_code: Code


class InstitutionReinstatedV1(InstitutionEvent, service="training", name="institution.reinstated"):
    """The warning or suspension is over; payout lifts its holds."""

    reason_code: Code


class InstitutionRemovedV1(InstitutionEvent, service="training", name="institution.removed"):
    """It left the catalogue for good; payout holds what is unpaid."""

    reason_code: Code


class ClassEvent(AggregateEvent):
    """What every event of a class carries."""

    institution: CreditCode
    area: AreaCode
    channel: Channel
    skill_code: SkillCode
    level: Level
    starts_on: date
    ends_on: date
    department: Code


class ClassDraftedV1(ClassEvent, service="training", name="class.drafted"):
    """The institution wrote a class down."""


class ClassFiledV1(ClassEvent, service="training", name="class.filed"):
    """The institution filed the class (开班备案) and its content is hashed."""


class ClassApprovedV1(ClassEvent, service="training", name="class.approved"):
    """The area's officer approved the filing or an amendment."""


class ClassReturnedV1(ClassEvent, service="training", name="class.returned"):
    """The officer sent the filing back to be corrected."""


class ClassAmendedV1(ClassEvent, service="training", name="class.amended"):
    """Filed content was changed, with its own approval."""


class ClassStartedV1(ClassEvent, service="training", name="class.started"):
    """The first session opened."""


class ClassFinishedV1(ClassEvent, service="training", name="class.finished"):
    """The last session is over, completion tests may be entered."""


class ClassVerifiedV1(ClassEvent, service="training", name="class.verified"):
    """An officer checked the finished class."""


class ClassCancelledV1(ClassEvent, service="training", name="class.cancelled"):
    """The class will not take place."""

    reason_code: Code


class ClassStoppedV1(ClassEvent, service="training", name="class.stopped"):
    """An officer stopped the running class."""

    reason_code: Code


class EnrolmentRequestedV1(AggregateEvent, service="training", name="enrolment.requested"):
    """The institution presented a voucher with its holder's code; voucher binds or refuses."""

    voucher_id: UUID
    person_id: UUID
    class_id: UUID
    class_area: AreaCode
    channel: Channel
    institution: CreditCode
    payee_kind: OwnerKind
    payee_id: OwnerId
    mandate_id: UUID | None
    skill_code: SkillCode
    level: Level
    act: Act
    starts_on: date
    ends_on: date
    presented_at: AwareDatetime


class EnrolmentRegisteredV1(AggregateEvent, service="training", name="enrolment.registered"):
    """The voucher is bound and the seat is taken."""


class EnrolmentRefusedV1(AggregateEvent, service="training", name="enrolment.refused"):
    """The voucher was not bound, `reason_code` says why, and the seat is free again."""

    reason_code: Code


class EnrolmentAttendingV1(AggregateEvent, service="training", name="enrolment.attending"):
    """The first session of this person counted."""


class EnrolmentCompletedV1(AggregateEvent, service="training", name="enrolment.completed"):
    """Hours and completion test are met, which is not the assessment; evaluation may admit a candidate."""

    voucher_id: UUID
    person_id: UUID
    class_id: UUID
    channel: Channel
    institution: CreditCode
    trainer_ids: tuple[UUID, ...]
    employer: CreditCode | None
    school: CreditCode | None
    skill_code: SkillCode
    level: Level
    act: Act
    class_hours: Count
    completed_on: date


class EnrolmentWithdrawnV1(AggregateEvent, service="training", name="enrolment.withdrawn"):
    """Withdrawn before a counted session, or with a cancelled class; voucher unbinds."""

    voucher_id: UUID
    reason_code: Code


class EnrolmentAttendanceFailedV1(AggregateEvent, service="training", name="enrolment.attendance_failed"):
    """The attendance ratio was not met (D4); voucher gives its holder one more chance (D28)."""

    voucher_id: UUID | None = None


class EnrolmentTestFailedV1(AggregateEvent, service="training", name="enrolment.test_failed"):
    """The completion test was not passed; voucher gives its holder one more chance (D28)."""

    voucher_id: UUID | None = None


class EnrolmentExpelledV1(AggregateEvent, service="training", name="enrolment.expelled"):
    """The person was excluded from the class; voucher voids."""

    voucher_id: UUID | None = None


class ClassSessionPlannedV1(AggregateEvent, service="training", name="class_session.planned"):
    """A session was added to a class."""

    class_id: UUID


class ClassSessionOpenedV1(AggregateEvent, service="training", name="class_session.opened"):
    """The session began and takes check-ins."""

    class_id: UUID


class ClassSessionDroppedV1(AggregateEvent, service="training", name="class_session.dropped"):
    """The session will not take place, its class was cancelled or stopped."""

    class_id: UUID


class AttendanceFields(AggregateEvent):
    """How many attendance rows a session has, and the digest of them all."""

    class_id: UUID
    attendance_count: Count
    attendance_digest: Digest


class AttendanceRecordedV1(AttendanceFields, service="training", name="attendance.recorded", aggregate="class_session"):
    """The session closed with this attendance, one event a session, never one a person."""


class AttendanceCorrectedV1(
    AttendanceFields, service="training", name="attendance.corrected", aggregate="class_session"
):
    """An officer superseded attendance of a closed session."""
