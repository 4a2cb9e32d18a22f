"""Recognitions: what a certificate that was not assessed here rests on (D9, DOMAIN §4 13)."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.evaluation.bodies.domain import CHANNELS, BodyKind
from services.evaluation.certificates.domain import PERMITS, CertificateKind, first_days, review_after
from services.evaluation.rules.domain import Rules
from shared.kernel.citizen_id import CitizenIdInvalid, canonical_citizen_id
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import CertificateNumberInvalid, canonical_qualification_number, check_certificate_number
from shared.kernel.text import half_width
from shared.reference.skills import SkillKind


class RecognitionBasis(StrEnum):
    """An outside certificate, or 直接认定 after a contest or an award."""

    IMPORT = "import"
    DIRECT_RECOGNITION = "direct_recognition"


class RegisterAnswer(StrEnum):
    """What the outside register, or the file of the decision, says: not found is not yet contradicted."""

    VERIFIED = "verified"
    NOT_FOUND_YET = "not_found_yet"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideCertificate:
    """A certificate from elsewhere with what it rests on. `number` may be an ID number in disguise: never shown."""

    person_id: UUID
    kind: CertificateKind
    skill_code: str
    level: int
    act: Literal["first", "review"]
    number: str = field(repr=False)
    body: str
    body_kind: BodyKind
    assessed_on: date | None
    issued_on: date
    valid_until: date | None
    reviewed_due_on: date | None
    """Of a review: the day on which it was due."""
    review_due_on: date | None
    """Of a permit: the day by which it is reviewed next."""
    enrolment_id: UUID | None
    basis: RecognitionBasis
    source: str
    evidence_digest: str
    decided_on: date


class RecognitionKindDiffers(Invalid):
    """The kind of certificate does not fit the skill."""

    code = "recognition_kind_differs"
    policy = "§一"
    zh, en = "证书种类与职业(项目)不符", "The kind of certificate does not fit the skill."


class RecognitionDatesWrong(Invalid):
    """Assessed, issued, decided and imported follow each other."""

    code = "recognition_dates_wrong"
    zh, en = "评价、发证、认定日期先后不符", "The dates do not follow each other."


class ReviewedDueOnMissing(Invalid):
    """A review, and nothing else, says on which day it was due."""

    code = "reviewed_due_on_missing"
    policy = "R7"
    zh, en = "复审证书须填写该次复审的应审日期", "A review, and nothing else, says on which day it was due."


class DirectRecognitionOff(Conflict):
    """D9 is switched off on this day."""

    code = "direct_recognition_off"
    policy = "D9"
    zh, en = "现在不受理直接认定", "Direct recognition is not accepted at present."


class RecognitionEnrolmentDiffers(Conflict):
    """The named enrolment is not the holder's, or of another skill, level or act."""

    code = "recognition_enrolment_differs"
    policy = "§二(二)7"
    zh, en = "结业记录与证书的人员、职业、等级或类别不一致", "The enrolment does not match the certificate."


class RecognitionSameOfficer(Conflict):
    """Who records a certificate does not also verify it."""

    code = "recognition_same_officer"
    policy = "§二(二)5"
    zh, en = "录入人和核验人不得为同一人", "The officer who recorded the certificate cannot verify it."


class PermitOfAnotherPerson(Conflict):
    """A permit's number is its holder's ID number: it cannot be two people's."""

    code = "permit_of_another_person"
    policy = "§二(二)6"
    zh, en = "该证件号码属于另一人", "The permit's number belongs to another person."


_FREE_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{0,39}")


def check_kind(kind: CertificateKind, skill: SkillKind) -> None:
    """Occupations have two kinds of certificate, every other skill its own (§一)."""
    occupation = kind in (CertificateKind.SKILL_LEVEL, CertificateKind.VOCATIONAL_QUALIFICATION)
    if (skill is SkillKind.OCCUPATION) != occupation or (not occupation and kind.value != skill.value):
        raise RecognitionKindDiffers


def check_dates(assessed_on: date | None, issued_on: date, decided_on: date, today: date) -> None:
    """Assessed, then issued, then decided here, none of it tomorrow."""
    if not (assessed_on or issued_on) <= issued_on <= decided_on <= today:
        raise RecognitionDatesWrong


def check_last_day(issued_on: date, valid_until: date | None) -> None:
    """A certificate is valid for its first day at least."""
    if valid_until is not None and valid_until < issued_on:
        raise RecognitionDatesWrong


def check_act(row: OutsideCertificate) -> None:
    """Only permits are reviewed and have a last day; a review says which one it was, by the day it was due (R7)."""
    days = (row.valid_until, row.reviewed_due_on, row.review_due_on)
    if row.kind not in PERMITS and (row.act == "review" or any(day is not None for day in days)):
        raise RecognitionKindDiffers
    if (row.act == "review") != (row.reviewed_due_on is not None):
        raise ReviewedDueOnMissing


def next_review(row: OutsideCertificate, rules: Rules) -> date | None:
    """The day by which a permit is reviewed next: as it is stated, otherwise by the rule, within its validity."""
    if row.kind not in PERMITS:
        return None
    due = row.review_due_on
    if due is None and row.reviewed_due_on is not None:
        due = review_after(row.kind, row.reviewed_due_on, rules)
    elif due is None:
        due = first_days(row.kind, row.issued_on, rules).review_due_on
    return min((day for day in (due, row.valid_until) if day is not None), default=None)


def check_completion(completed_on: date, assessed_on: date | None, issued_on: date) -> None:
    """Assessment follows completion (DOMAIN §3, certify)."""
    if completed_on > (assessed_on or issued_on):
        raise RecognitionDatesWrong


def canonical_number(kind: CertificateKind, number: str, issued_on: date, level: int) -> str:
    """The printed number in its canonical form, checked as far as a number can be (DOMAIN §2).

    For permits this is an ID number in disguise: the caller encrypts it and shows a surrogate. Raises
    `CertificateNumberInvalid` or `CitizenIdInvalid`, which never quote it.
    """
    if kind is CertificateKind.SKILL_LEVEL:
        return str(check_certificate_number(number, year=issued_on.year, level=level))
    if kind is CertificateKind.VOCATIONAL_QUALIFICATION:
        return canonical_qualification_number(number)
    if kind is CertificateKind.SPECIAL_OPERATION:
        return "T" + canonical_citizen_id(half_width(number).upper().removeprefix("T"))
    if kind is CertificateKind.SPECIAL_EQUIPMENT:
        return canonical_citizen_id(number)
    return _free_number(half_width(number).upper())


def _free_number(number: str) -> str:
    """A number of no fixed layout, of letters, digits and hyphens; never one that is an ID number."""
    try:
        canonical_citizen_id(number.removeprefix("T"))
    except CitizenIdInvalid:
        if _FREE_NUMBER.fullmatch(number):
            return number
    raise CertificateNumberInvalid(reason="form")


def permit_holder_number(number: str) -> str:
    """The ID number inside a canonical permit number: what the blind index is made of."""
    return number.removeprefix("T")


def channel_of(class_channel: str | None, body_kind: BodyKind) -> str:
    """That of the class that led to the certificate, otherwise by kind of assessing body: exactly one (D13)."""
    return class_channel or CHANNELS[body_kind]


def check_verifier(recorded_by: UUID, verifier: UUID) -> None:
    """Two distinct officers stand behind a certificate that was not assessed here (DOMAIN §5, self-approval)."""
    if recorded_by == verifier:
        raise RecognitionSameOfficer
