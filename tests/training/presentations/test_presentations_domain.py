"""What must hold when a voucher is presented, and who is paid."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from services.training.enrolments.domain import ClassFull, EnrolmentOverlaps, PresenceCodeUsed, VoucherAlreadyPresented
from services.training.presentations.domain import (
    ClassFacts,
    EnrolmentSkillDiffers,
    Mandate,
    MandateForAnotherPayee,
    Occupied,
    Payee,
    PayeeNotEmployer,
    PresenceCodeElsewhere,
    Presented,
    TrainerEnrols,
    check_presented,
    payee_of,
)
from shared.kernel.clock import business_date
from tests.training.samples import HOME, NINE, TRAINER

FACTS = ClassFacts(
    id=uuid4(), status="approved", institution=HOME, area="410402", channel="social", skill_code="4-03-02-01", level=4,
    act="first", payee_kind="institution", payee_id=HOME, trainer_ids=frozenset({TRAINER}),
    starts_at=NINE, starts_on=business_date(NINE), ends_on=business_date(NINE) + timedelta(days=7),
)  # fmt: skip


def shown(**other: object) -> Presented:
    """A voucher that fits."""
    made = Presented(
        voucher_id=uuid4(), person_id=uuid4(), skill_code="4-03-02-01", level=4, institution=HOME, jti=uuid4(),
        employer=None, school=None, mandate=None,
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]  # names of its fields


def test_code_and_class_fit() -> None:
    check_presented(FACTS, shown())
    with pytest.raises(PresenceCodeElsewhere):
        check_presented(FACTS, shown(institution="914104007000020000"))
    with pytest.raises(EnrolmentSkillDiffers):
        check_presented(FACTS, shown(level=3))
    with pytest.raises(EnrolmentSkillDiffers):
        check_presented(FACTS, shown(skill_code="4-03-02-02"))
    with pytest.raises(TrainerEnrols):
        check_presented(FACTS, shown(person_id=TRAINER))


def test_an_organisation_is_paid_under_a_mandate_otherwise_the_worker() -> None:
    mandate, presented, plant_id = Mandate(uuid4(), HOME), shown(), "914104007000030000"
    assert payee_of(FACTS, presented) == Payee("worker", str(presented.person_id), None)
    assert payee_of(FACTS, replace(presented, mandate=mandate)) == Payee("institution", HOME, mandate.id)
    plant = replace(FACTS, payee_kind="enterprise", payee_id=plant_id)
    with pytest.raises(MandateForAnotherPayee):
        payee_of(plant, replace(presented, mandate=mandate))
    for_plant = replace(presented, mandate=Mandate(uuid4(), plant_id))
    assert {payee_of(plant, replace(for_plant, employer=own)).kind for own in (None, plant_id)} == {"enterprise"}
    with pytest.raises(PayeeNotEmployer):
        payee_of(plant, replace(for_plant, employer="914104007000020000"))
    assert (
        payee_of(replace(FACTS, payee_kind="worker", payee_id=None), replace(presented, mandate=mandate)).kind
        == "worker"
    )


def test_seats_codes_vouchers_and_people_are_taken_once() -> None:
    occupied = Occupied(free_seats=2, codes=set(), vouchers=set(), people=set(), records={})
    first = shown()
    occupied.take(first)
    for again, refusal in (
        (first, PresenceCodeUsed),
        (replace(first, jti=uuid4()), VoucherAlreadyPresented),
        (replace(first, jti=uuid4(), voucher_id=uuid4()), EnrolmentOverlaps),
    ):
        with pytest.raises(refusal):
            occupied.take(again)
    occupied.take(shown())
    with pytest.raises(ClassFull):
        occupied.take(shown())
