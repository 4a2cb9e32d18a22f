"""Who may sit: every rule of admission, alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.evaluation.admissions.domain import (
    Applicant,
    CandidateAlreadyAdmitted,
    CandidateAlreadyCertified,
    CandidateHasPassed,
    CandidateOnPanel,
    CandidateSkillDiffers,
    CandidateTrainedLater,
    Entry,
    EntryBasis,
    EntryBasisMissing,
    EntryShortcutTooHigh,
    NotOfTheBody,
    PermitToReviewMissing,
    ResitUsedUp,
    TaughtByAnAssessor,
    TrainedByTheBody,
    Training,
    decide_admission,
    decide_attempt,
    series_of,
)
from services.evaluation.bodies.domain import BodyKind
from services.evaluation.candidates.domain import AppealTooLate, check_appeal, names_nobody, rounds
from services.evaluation.sessions.domain import SessionFacts
from shared.kernel.citizen_id import make_citizen_id
from shared.kernel.errors import DomainError

BODY, ELSEWHERE = "91410402000001230R", "91410402000001249D"
FIRST, SECOND, SUPERVISOR, TRAINER = uuid4(), uuid4(), uuid4(), uuid4()
HELD_ON = date(2026, 5, 20)
SESSION = SessionFacts(
    id=uuid4(), status="scheduled", body=BODY, body_kind=BodyKind.SOCIAL, area="410402", province_code="0001",
    site_code="000001", skill_code="4-03-02-01", level=4, act="first", held_on=HELD_ON, assessor_ids=(FIRST, SECOND),
    supervisor_id=SUPERVISOR,
)  # fmt: skip
TRAINING = Training(None, None, "4-03-02-01", 4, "first", HELD_ON)
APPLICANT = Applicant(
    person_id=uuid4(), training=TRAINING, trained_by=frozenset({ELSEWHERE}), taught_by=frozenset({TRAINER}),
    attempts=(), certificates=frozenset(),
)  # fmt: skip


def session(kind: BodyKind = BodyKind.SOCIAL, **other: Any) -> SessionFacts:
    """The session, otherwise."""
    return replace(SESSION, body_kind=kind, **other)


def applicant(**other: Any) -> Applicant:
    """The applicant, otherwise."""
    return replace(APPLICANT, **other)


def test_training_is_a_ground_of_entry() -> None:
    admission = decide_admission(SESSION, APPLICANT, resits=1)
    assert (admission.attempt, admission.entry) == (1, Entry(EntryBasis.TRAINING))


@pytest.mark.parametrize(
    ("sat", "who", "refusal"),
    [
        (session(skill_code="4-03-02-05"), APPLICANT, CandidateSkillDiffers),
        (session(level=3), APPLICANT, CandidateSkillDiffers),
        (session(act="review"), APPLICANT, CandidateSkillDiffers),
        (session(held_on=date(2026, 5, 19)), APPLICANT, CandidateTrainedLater),
        (SESSION, applicant(person_id=FIRST), CandidateOnPanel),
        (SESSION, applicant(person_id=SUPERVISOR), CandidateOnPanel),
        (SESSION, applicant(trained_by=frozenset({BODY})), TrainedByTheBody),
        (session(BodyKind.EMPLOYER), applicant(taught_by=frozenset({SECOND})), TaughtByAnAssessor),
        (session(BodyKind.SCHOOL), applicant(taught_by=frozenset({FIRST})), TaughtByAnAssessor),
        (session(BodyKind.EMPLOYER), APPLICANT, NotOfTheBody),
        (session(BodyKind.EMPLOYER), applicant(training=replace(TRAINING, school=BODY)), NotOfTheBody),
        (session(BodyKind.SCHOOL), applicant(training=replace(TRAINING, employer=BODY)), NotOfTheBody),
        (session(BodyKind.SCHOOL), applicant(training=replace(TRAINING, school=ELSEWHERE)), NotOfTheBody),
        (SESSION, applicant(certificates=frozenset({"valid"})), CandidateAlreadyCertified),
        (SESSION, applicant(certificates=frozenset({"suspended"})), CandidateAlreadyCertified),
        (session(level=0, act="review"), applicant(training=None), PermitToReviewMissing),
        (session(level=0, act="review"), applicant(training=None, certificates=frozenset({"revoked"})),
         PermitToReviewMissing),
        (SESSION, applicant(training=None), EntryBasisMissing),
        (SESSION, applicant(training=None, entry=Entry(EntryBasis.OPEN)), EntryBasisMissing),
        (SESSION, applicant(attempts=("passed",)), CandidateHasPassed),
        (SESSION, applicant(attempts=("admitted",)), CandidateAlreadyAdmitted),
        (SESSION, applicant(attempts=("failed", "failed")), ResitUsedUp),
    ],
)  # fmt: skip
def test_who_may_not_sit(sat: SessionFacts, who: Applicant, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        decide_admission(sat, who, resits=1)


@pytest.mark.parametrize(
    ("sat", "who"),
    [
        (session(BodyKind.GOVERNMENT), applicant(trained_by=frozenset({BODY}), taught_by=frozenset({FIRST}))),
        (SESSION, applicant(taught_by=frozenset({FIRST}))),
        (session(BodyKind.EMPLOYER), applicant(training=replace(TRAINING, employer=BODY))),
        (session(BodyKind.SCHOOL), applicant(training=replace(TRAINING, school=BODY), trained_by=frozenset({BODY}))),
        (session(BodyKind.EMPLOYER, level=5), applicant(training=None, affiliation="社保 2026-05")),
        (session(level=0, act="review"), applicant(training=None, certificates=frozenset({"expired"}))),
        (SESSION, applicant(certificates=frozenset({"revoked", "superseded", "expired", "imported"}))),
    ],
)
def test_who_may_sit(sat: SessionFacts, who: Applicant) -> None:
    assert decide_admission(sat, who, resits=1).attempt == 1


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
        assert decide_admission(session(level=level), who, resits=1).entry.basis is basis
    else:
        with pytest.raises(EntryShortcutTooHigh):
            decide_admission(session(level=level), who, resits=1)


def test_absences_and_annulments_use_up_no_attempt() -> None:
    assert decide_attempt(("absent", "voided", "absent"), 1) == 1
    assert decide_attempt(("failed", "absent"), 1) == 2


def test_a_series_is_the_enrolment_or_the_person_with_skill_level_and_act() -> None:
    enrolment, person = uuid4(), uuid4()
    assert series_of(enrolment, None, "x", 1, "first") == enrolment
    one: Callable[..., UUID] = lambda *given: series_of(None, *given)  # noqa: E731  # a name for one form of the call
    assert one(person, "x", 1, "first") == one(person, "x", 1, "first")
    assert len({one(person, "x", 1, "first"), one(person, "x", 2, "first"), one(uuid4(), "x", 1, "first")}) == 3


def test_an_appeal_has_its_time() -> None:
    check_appeal(date(2026, 5, 1), date(2026, 5, 16), 15)
    with pytest.raises(AppealTooLate):
        check_appeal(date(2026, 5, 1), date(2026, 5, 17), 15)


@pytest.mark.parametrize("shape", ["{}", "社保 {} 号", "T{}", "{},2026"])
def test_a_reference_holds_no_id_number(shape: str) -> None:
    number = make_citizen_id("410402", date(1990, 5, 17), 7)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in number)
    for spelling in (number, number.lower(), wide):
        with pytest.raises(ValueError, match="names a record") as raised:
            names_nobody(shape.format(spelling))
        assert spelling not in str(raised.value)


def test_numbers_of_records_are_references() -> None:
    for text in ("毕业证书 2020", "2410000001440009", "410402199005170000", "S000141000001244000009", "20260501"):
        assert names_nobody(text) == text


def test_rounds_take_each_target_once() -> None:
    found = list(rounds(enumerate("abaac"), lambda item: item))
    assert found == [[(0, "a"), (1, "b"), (4, "c")], [(2, "a")], [(3, "a")]]
    assert list(rounds([], lambda item: item)) == []
