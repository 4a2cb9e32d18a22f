"""Who may sit: every rule of admission, alone."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.evaluation.admissions.domain import (
    Admission,
    Applicant,
    Application,
    CandidateAlreadyCertified,
    CandidateCompletesAfterAssessment,
    CandidateSkillDiffers,
    Entry,
    EntryBasisMissing,
    EntryShortcutTooHigh,
    PermitToReviewMissing,
    ResitUsedUp,
    ReviewNotDue,
    decide_admission,
    decide_attempt,
    decide_occasion,
    series_of,
)
from services.evaluation.assessment_sessions.domain import AssessmentSessionFacts
from services.evaluation.bodies.domain import BodyKind
from services.evaluation.candidates.domain import (
    Attempt,
    CandidateAlreadyAdmitted,
    CandidateHasPassed,
    CandidateNotOfTheBody,
    CandidateOnPanel,
    EntryBasis,
    TaughtByAnAssessor,
    TrainedByTheBody,
)
from services.evaluation.certificates.domain import HeldCertificate
from services.evaluation.enrolment_facts.domain import CompletedEnrolment
from shared.kernel.errors import DomainError
from tests.evaluation.samples import RULES, SESSION, session

ELSEWHERE = "91410402000001249D"
BODY, HELD_ON, SUPERVISOR = SESSION.body, SESSION.held_on, SESSION.supervisor_id
FIRST, SECOND = SESSION.panel.assessor_ids
TRAINER, PERSON = uuid4(), uuid4()
TRAINING = CompletedEnrolment(
    id=uuid4(), voucher_id=uuid4(), person_id=PERSON, channel="social", institution=ELSEWHERE, trainer_ids=(TRAINER,),
    employer=None, school=None, skill_code="4-03-02-01", level=4, act="first", completed_on=HELD_ON,
)  # fmt: skip
APPLICANT = Applicant(
    person_id=PERSON,
    records=frozenset({PERSON}),
    training=TRAINING,
    trained_by=frozenset({ELSEWHERE}),
    taught_by=frozenset({TRAINER}),
    certificates=(),
)


def applicant(**other: Any) -> Applicant:
    """The applicant, otherwise."""
    return replace(APPLICANT, **other)


def attempts(*statuses: str) -> tuple[Attempt, ...]:
    """What came of earlier candidates of the first series."""
    return tuple(Attempt(1, status, HELD_ON) for status in statuses)


def placed(sat: AssessmentSessionFacts, earlier: tuple[Attempt, ...], *, ended: bool = False) -> tuple[int, int]:
    """Series and attempt of the next candidate."""
    return decide_attempt(earlier, sat, RULES, certificate_ended=ended)


def admitted(sat: AssessmentSessionFacts, who: Applicant, *earlier: str) -> Admission:
    """What is decided about who applies, after so many attempts."""
    occasion = decide_occasion(sat, who, RULES.review_window_days)
    return decide_admission(sat, who, occasion, attempts(*earlier), RULES)


def held(*statuses: str, due: date | None = None, occasion: str = "first") -> tuple[HeldCertificate, ...]:
    """Certificates of these statuses."""
    return tuple(HeldCertificate(status, occasion, due) for status in statuses)


def test_training_is_a_ground_of_entry() -> None:
    admission = admitted(SESSION, APPLICANT)
    assert (admission.attempt, admission.entry) == (1, Entry(EntryBasis.TRAINING))


@pytest.mark.parametrize(
    ("sat", "who", "refusal"),
    [
        (session(skill_code="4-03-02-05"), APPLICANT, CandidateSkillDiffers),
        (session(level=3), APPLICANT, CandidateSkillDiffers),
        (session(act="review"), APPLICANT, CandidateSkillDiffers),
        (session(held_on=date(2026, 5, 19)), APPLICANT, CandidateCompletesAfterAssessment),
        (SESSION, applicant(records=frozenset({PERSON, FIRST})), CandidateOnPanel),
        (SESSION, applicant(records=frozenset({SUPERVISOR})), CandidateOnPanel),
        (SESSION, applicant(trained_by=frozenset({BODY})), TrainedByTheBody),
        (session(BodyKind.EMPLOYER), applicant(taught_by=frozenset({SECOND})), TaughtByAnAssessor),
        (session(BodyKind.SCHOOL), applicant(taught_by=frozenset({FIRST})), TaughtByAnAssessor),
        (session(BodyKind.EMPLOYER), APPLICANT, CandidateNotOfTheBody),
        (session(BodyKind.EMPLOYER), applicant(training=replace(TRAINING, school=BODY)), CandidateNotOfTheBody),
        (session(BodyKind.SCHOOL), applicant(training=replace(TRAINING, employer=BODY)), CandidateNotOfTheBody),
        (session(BodyKind.SCHOOL), applicant(training=replace(TRAINING, school=ELSEWHERE)), CandidateNotOfTheBody),
        (SESSION, applicant(certificates=held("valid")), CandidateAlreadyCertified),
        (SESSION, applicant(certificates=held("suspended")), CandidateAlreadyCertified),
        (session(level=0, act="review"), applicant(training=None), PermitToReviewMissing),
        (session(level=0, act="review"), applicant(training=None, certificates=held("revoked", due=HELD_ON)),
         PermitToReviewMissing),
        (SESSION, applicant(training=None), EntryBasisMissing),
        (SESSION, applicant(training=None, entry=Entry(EntryBasis.OPEN)), EntryBasisMissing),
    ],
)  # fmt: skip
def test_who_may_not_sit(sat: AssessmentSessionFacts, who: Applicant, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        admitted(sat, who)


@pytest.mark.parametrize(
    ("earlier", "refusal"),
    [
        (("passed",), CandidateHasPassed),
        (("admitted",), CandidateAlreadyAdmitted),
        (("failed", "failed"), ResitUsedUp),
    ],
)
def test_who_may_not_sit_again(earlier: tuple[str, ...], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        admitted(SESSION, APPLICANT, *earlier)


@pytest.mark.parametrize(
    ("sat", "who"),
    [
        (session(BodyKind.GOVERNMENT), applicant(trained_by=frozenset({BODY}), taught_by=frozenset({FIRST}))),
        (SESSION, applicant(taught_by=frozenset({FIRST}))),
        (session(BodyKind.EMPLOYER), applicant(training=replace(TRAINING, employer=BODY))),
        (session(BodyKind.SCHOOL), applicant(training=replace(TRAINING, school=BODY), trained_by=frozenset({BODY}))),
        (session(BodyKind.EMPLOYER, level=5), applicant(training=None, affiliation="社保 2026-05")),
        (session(level=0, act="review"), applicant(training=None, certificates=held("expired", due=HELD_ON))),
        (SESSION, applicant(certificates=held("revoked", "superseded", "expired", "imported"))),
    ],
)
def test_who_may_sit(sat: AssessmentSessionFacts, who: Applicant) -> None:
    assert admitted(sat, who).attempt == 1


@pytest.mark.parametrize(
    ("basis", "level", "may"),
    [
        (EntryBasis.SECONDARY_VOCATIONAL, 5, True),
        (EntryBasis.SECONDARY_VOCATIONAL, 4, True),
        (EntryBasis.SECONDARY_VOCATIONAL, 3, False),
        (EntryBasis.HIGHER_VOCATIONAL, 3, True),
        (EntryBasis.HIGHER_VOCATIONAL, 2, False),
        (EntryBasis.APPLIED_DEGREE, 3, True),
        (EntryBasis.APPLIED_DEGREE, 1, False),
        (EntryBasis.WORK_EXPERIENCE, 1, True),
        (EntryBasis.LOWER_CERTIFICATE, 2, True),
    ],
)
def test_schooling_leads_to_level_4_or_3_and_no_further(basis: EntryBasis, level: int, *, may: bool) -> None:
    who = applicant(training=None, entry=Entry(basis))
    if may:
        assert admitted(session(level=level), who).entry.basis is basis
    else:
        with pytest.raises(EntryShortcutTooHigh):
            admitted(session(level=level), who)


def test_absences_and_annulments_use_up_no_attempt() -> None:
    assert placed(SESSION, attempts("absent", "voided", "absent")) == (1, 1)
    assert placed(SESSION, attempts("failed", "absent")) == (1, 2)


def test_six_months_after_the_last_failure_another_series_begins() -> None:
    failed = attempts("failed", "failed")
    assert placed(session(held_on=date(2026, 11, 20)), failed) == (2, 1)
    with pytest.raises(ResitUsedUp, match="2026-11-20"):
        placed(session(held_on=date(2026, 11, 19)), failed)
    again = (*failed, Attempt(2, "failed", date(2026, 11, 20)))
    assert placed(session(held_on=date(2026, 11, 21)), again) == (2, 2)


@pytest.mark.parametrize("status", ["revoked", "expired", "superseded"])
def test_what_was_passed_is_sat_again_once_its_certificate_is_over(status: str) -> None:
    admission = admitted(SESSION, applicant(certificates=held(status)), "failed", "passed")
    assert (admission.series, admission.attempt) == (2, 1)


REVIEW = session(level=0, act="review")


def holder(*permits: HeldCertificate) -> Applicant:
    """Somebody who comes for a review without a training."""
    return applicant(training=None, certificates=permits)


@pytest.mark.parametrize("days", [-60, 0, 60])
@pytest.mark.parametrize("status", ["valid", "expired", "superseded"])
def test_a_permit_is_reviewed_around_its_day(status: str, days: int) -> None:
    due = HELD_ON - timedelta(days=days)
    assert decide_occasion(REVIEW, holder(*held(status, due=due)), 60) == f"review:{due}"


@pytest.mark.parametrize("days", [-61, 61])
def test_a_review_is_neither_early_nor_late_by_more_than_sixty_days(days: int) -> None:
    with pytest.raises(ReviewNotDue, match=str(HELD_ON - timedelta(days=days - 60))):
        decide_occasion(REVIEW, holder(*held("valid", due=HELD_ON - timedelta(days=days))), 60)


def test_the_next_review_is_that_of_the_permit_that_stands() -> None:
    next_due = HELD_ON + timedelta(days=30)
    permits = (*held("superseded", due=HELD_ON), *held("valid", due=next_due, occasion=f"review:{HELD_ON}"))
    assert decide_occasion(REVIEW, holder(*permits), 60) == f"review:{next_due}"


def test_a_review_whose_certificate_was_revoked_is_sat_again() -> None:
    occasion = f"review:{HELD_ON}"
    permits = (*held("superseded", due=HELD_ON), *held("revoked", due=date(2029, 5, 20), occasion=occasion))
    admission = admitted(REVIEW, holder(*permits), "passed")
    assert (admission.series, admission.attempt) == (2, 1)


def test_a_series_is_the_enrolment_or_the_person_with_skill_level_and_occasion() -> None:
    enrolment, person = uuid4(), uuid4()
    assert series_of(Application(enrolment, None), SESSION, "first") == enrolment
    named = Application(None, person)
    assert series_of(named, SESSION, "first") == series_of(named, session(held_on=date(2026, 6, 1)), "first")
    others = {
        series_of(named, session(level=3), "first"),
        series_of(Application(None, uuid4()), SESSION, "first"),
        series_of(named, SESSION, "review:2029-05-20"),
    }
    assert len(others | {series_of(named, SESSION, "first")}) == 4
