"""What must hold when a voucher is presented at a class (DOMAIN §3, bind), and who would be paid (D5)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.training.classes.domain import ClassState
from services.training.enrolments.domain import ClassFull, EnrolmentOverlaps, PresenceCodeUsed, VoucherAlreadyPresented
from shared.kernel.errors import Conflict


class ClassNotEnrolling(Conflict):
    """Only an approved class that has not begun takes enrolments (DOMAIN §5, ghost trainees)."""

    code = "class_not_enrolling"
    policy = "§二(二)7"
    zh, en = "班次未批准或已开班,不能报名", "The class is not approved, or has begun."


class PresenceCodeElsewhere(Conflict):
    """The holder stands at another institution than the one that presents the code."""

    code = "presence_code_elsewhere"
    policy = "§二(二)7"
    zh, en = "出示码系向其他培训机构出示", "The presence code was made for another institution."


class EnrolmentSkillDiffers(Conflict):
    """Voucher and class are for one skill and level (DOMAIN §5, price inflation)."""

    code = "enrolment_skill_differs"
    policy = "§二(二)7"
    zh, en = "培训券与班次的职业等级不一致", "The voucher is for another skill or level than the class."


class TrainerEnrols(Conflict):
    """No trainer sits in a class of theirs."""

    code = "trainer_enrols"
    policy = "§二(二)6"
    zh, en = "本班教师不得报名本班", "A trainer of the class may not enrol in it."


class MandateForAnotherPayee(Conflict):
    """The worker mandates an organisation that this class does not have paid (D5)."""

    code = "mandate_for_another_payee"
    policy = "D5"
    zh, en = "委托代领的收款方与本班收款方不一致", "The mandate names another payee than the class."


class PayeeNotEmployer(Conflict):
    """An enterprise is paid for its own staff only (D5)."""

    code = "payee_not_employer"
    policy = "D5"
    zh, en = "收款企业与劳动者所在单位不一致", "The paid enterprise is not the worker's employer."


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What an enrolment takes from its class."""

    id: UUID
    status: str
    institution: str
    area: str
    channel: str
    skill_code: str
    level: int
    act: str
    payee_kind: str
    payee_id: str | None
    trainer_ids: frozenset[UUID]
    starts_at: datetime
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Mandate:
    """The holder's word, signed into their code, that `payee_id` is paid in their place (委托代领)."""

    id: UUID
    payee_id: str


@dataclass(frozen=True, slots=True)
class Presented:
    """A voucher presented in person: what its code says, and what the institution adds."""

    voucher_id: UUID
    person_id: UUID
    skill_code: str
    level: int
    institution: str
    jti: UUID
    employer: str | None
    school: str | None
    mandate: Mandate | None


@dataclass(frozen=True, slots=True)
class Payee:
    """Who would be paid for one enrolment (D5)."""

    kind: str
    id: str
    mandate_id: UUID | None


def check_enrolling(found: ClassFacts, now: datetime) -> None:
    """`ClassNotEnrolling` unless the class is approved and has not begun at the code's presentation."""
    if found.status != ClassState.APPROVED or now >= found.starts_at:
        raise ClassNotEnrolling


def check_presented(found: ClassFacts, presented: Presented) -> None:
    """`PresenceCodeElsewhere`, `EnrolmentSkillDiffers` or `TrainerEnrols` where code and class do not fit."""
    if presented.institution != found.institution:
        raise PresenceCodeElsewhere
    if (presented.skill_code, presented.level) != (found.skill_code, found.level):
        raise EnrolmentSkillDiffers
    if presented.person_id in found.trainer_ids:
        raise TrainerEnrols


def payee_of(found: ClassFacts, presented: Presented) -> Payee:
    """Who is paid (D5): the class's payee under the worker's signed mandate (委托代领), otherwise the worker.

    `MandateForAnotherPayee` if they mandate another organisation than the class's payee, `PayeeNotEmployer` if an
    enterprise would be paid for somebody else's staff.
    """
    mandate = presented.mandate
    if found.payee_kind == "worker" or found.payee_id is None or mandate is None:
        return Payee("worker", str(presented.person_id), None)
    if mandate.payee_id != found.payee_id:
        raise MandateForAnotherPayee
    if found.payee_kind == "enterprise" and presented.employer not in {None, found.payee_id}:
        raise PayeeNotEmployer
    return Payee(found.payee_kind, found.payee_id, mandate.id)


@dataclass
class Occupied:
    """What is taken already while a request's rows are decided one after the other."""

    free_seats: int
    codes: set[UUID]
    vouchers: set[UUID]
    people: set[UUID]
    """Persons who are in a class on these dates."""
    records: Mapping[UUID, UUID]
    """The person that each record is of: two records may be one person's (DOMAIN §2)."""

    def take(self, presented: Presented) -> None:
        """Give it a seat; `PresenceCodeUsed`, `VoucherAlreadyPresented`, `EnrolmentOverlaps`, `ClassFull`."""
        person = self.records.get(presented.person_id, presented.person_id)
        if presented.jti in self.codes:
            raise PresenceCodeUsed
        if presented.voucher_id in self.vouchers:
            raise VoucherAlreadyPresented
        if person in self.people:
            raise EnrolmentOverlaps
        if self.free_seats < 1:
            raise ClassFull
        self.free_seats -= 1
        self.codes.add(presented.jti)
        self.vouchers.add(presented.voucher_id)
        self.people.add(person)


def why_not_inserted(
    presented: Presented, codes: Collection[UUID], vouchers: Collection[UUID], people: Collection[UUID]
) -> Conflict | None:
    """Which unique key a concurrent request took first, if one is seen now."""
    if presented.jti in codes:
        return PresenceCodeUsed()
    if presented.voucher_id in vouchers:
        return VoucherAlreadyPresented()
    return EnrolmentOverlaps() if presented.person_id in people else None
