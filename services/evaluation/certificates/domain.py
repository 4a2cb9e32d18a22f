"""Certificates: kinds, numbers, their life after the issue, and the three answers of a verification (§二(二)7)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from services.evaluation.assessment_sessions.domain import AssessmentSessionFacts
from services.evaluation.bodies.domain import BodyKind
from services.evaluation.rules.domain import Rules
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.ids import (
    HENAN,
    canonical_public_number,
    certificate_number,
    parse_certificate_number,
    public_number,
)
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle, Rests
from shared.kernel.occasion import FIRST
from shared.kernel.text import half_width
from shared.reference import skills
from shared.reference.skills import SkillKind


class CertificateKind(StrEnum):
    """The five kinds of skill certificate (§一)."""

    VOCATIONAL_QUALIFICATION = "vocational_qualification"
    SKILL_LEVEL = "skill_level"
    SPECIAL_OPERATION = "special_operation"
    SPECIAL_EQUIPMENT = "special_equipment"
    SPECIFIC_COMPETENCE = "specific_competence"


class CertificateState(StrEnum):
    """Whether a certificate may be relied on; only `valid` may."""

    IMPORTED = "imported"
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class CertificateAction(StrEnum):
    """What happens to a certificate."""

    ISSUE = "issue"
    IMPORT = "import"
    VERIFY = "verify"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    PROPOSE_REVOCATION = "propose_revocation"
    REVOKE = "revoke"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"


_State, _Action = CertificateState, CertificateAction
REVOCABLE = (_State.IMPORTED, _State.VALID, _State.SUSPENDED, _State.EXPIRED, _State.SUPERSEDED)
"""Fraud is dealt with however late it is found: money may have followed a certificate that is superseded by now."""

CERTIFICATE = Lifecycle(
    "evaluation.certificate",
    {
        (None, _Action.ISSUE): Edge(_State.VALID, emits="certificate.issued"),
        (None, _Action.IMPORT): Edge(_State.IMPORTED, emits="certificate.imported"),
        (_State.IMPORTED, _Action.VERIFY): Edge(_State.VALID, emits="certificate.verified"),
        (_State.VALID, _Action.SUSPEND): Edge(_State.SUSPENDED, emits="certificate.suspended"),
        (_State.SUSPENDED, _Action.REINSTATE): Edge(_State.VALID, emits="certificate.reinstated"),
        (_State.VALID, _Action.EXPIRE): Edge(_State.EXPIRED, emits="certificate.expired"),
        (_State.SUSPENDED, _Action.EXPIRE): Edge(_State.EXPIRED, emits="certificate.expired"),
        (_State.VALID, _Action.SUPERSEDE): Edge(_State.SUPERSEDED, emits="certificate.superseded"),
        **{
            (state, _Action.PROPOSE_REVOCATION): Edge(
                state, emits="certificate.revocation_proposed", details=("reason_code",)
            )
            for state in REVOCABLE
        },
        **{(state, _Action.REVOKE): Edge(_State.REVOKED, emits="certificate.revoked") for state in REVOCABLE},
    },
    {
        _State.IMPORTED: ByPeople("another officer, with the register's answer"),
        _State.VALID: Rests("it is in force; a permit's end is the clock's"),
        _State.SUSPENDED: ByPeople("an officer: in force again, or revoked by two"),
        _State.EXPIRED: Rests("an end; fraud is dealt with however late it is found"),
        _State.SUPERSEDED: Rests("an end; fraud is dealt with however late it is found"),
    },
)

LIVE = frozenset({_State.VALID, _State.SUSPENDED})
"""A person has at most one live certificate of a skill and level."""

NEVER_VALID = frozenset({_State.REVOKED, _State.IMPORTED})
"""There is nothing to review of it."""

PERMITS = frozenset(CertificateKind(kind.value) for kind in skills.PERMITS)
"""Kinds that run out, and whose printed number is their holder's ID number (DOMAIN §2)."""

_PUBLIC_PREFIXES = {
    CertificateKind.SPECIFIC_COMPETENCE: "ZXN",
    CertificateKind.SPECIAL_OPERATION: "TZC",
    CertificateKind.SPECIAL_EQUIPMENT: "TSC",
}
SKILL_LEVEL_LENGTH = 22
PUBLIC_NUMBER_LENGTH = 14
CITIZEN_ID_LENGTHS = (15, 18)
_QUALIFICATION_SERIALS = 9_999_999
_SKILL_LEVEL_SERIALS = 999_999


class CertificateNotFound(NotFound):
    """No such certificate, or none that the caller may see."""

    code = "certificate_not_found"
    zh, en = "未找到该证书", "There is no such certificate."


class CertificateAlreadyLive(Conflict):
    """Once per person, skill and level: somebody issued, or verified, another one in the meantime."""

    code = "certificate_already_live"
    policy = "§二(二)5"
    zh, en = "该人员已持有同一职业同一等级的有效证书", "The person has a certificate of this skill and level already."


class CertificateNumberTaken(Conflict):
    """No two certificates have one number."""

    code = "certificate_number_taken"
    policy = "§二(二)7"
    zh, en = "证书编号已被使用", "Another certificate has this number."


class CertificateNumbersExhausted(Conflict):
    """The layout has no serial left for this body, site, year and level."""

    code = "certificate_numbers_exhausted"
    zh, en = "该站点本年度证书流水号已用完", "The site has used up the year's serials of this level."


class PermitNumberNotPublic(Invalid):
    """A permit's own number is an ID number: asking for it in public would show anybody who holds what."""

    code = "permit_number_not_public"
    policy = "§二(二)6"
    zh, en = (
        "特种作业、特种设备证书请用公开编号或电子证书查验",
        "Verify a permit by its public number or its signed text, not by its holder's number.",
    )


class CertificateRevocationNotProposed(Conflict):
    """Two officers revoke: one proposes, another approves."""

    code = "certificate_revocation_not_proposed"
    policy = "§二(二)5"
    zh, en = "尚未提出撤销", "Nobody has proposed to revoke the certificate."


class CertificateRevocationSameOfficer(Conflict):
    """The officer who approves a revocation is not the one who proposed it."""

    code = "certificate_revocation_same_officer"
    policy = "§二(二)5"
    zh, en = "提出人和批准人不得为同一人", "The officer who proposed a revocation cannot approve it."


@dataclass(frozen=True, slots=True)
class Series:
    """Where serials are counted: everything in a number but the serial. `most` is the highest serial."""

    prefix: str
    most: int


def kind_of_certificate(skill: SkillKind, body: BodyKind) -> CertificateKind:
    """Occupations: 职业资格证书 from a government body, 职业技能等级证书 from the others; else the skill's own kind."""
    if skill is not SkillKind.OCCUPATION:
        return CertificateKind(skill.value)
    return CertificateKind.VOCATIONAL_QUALIFICATION if body is BodyKind.GOVERNMENT else CertificateKind.SKILL_LEVEL


def _issuer_letter(body: BodyKind) -> str:
    """The first character of a skill-level certificate's number."""
    return "Y" if body is BodyKind.EMPLOYER else "S"


def number_series(kind: CertificateKind, session: AssessmentSessionFacts, year: int) -> Series:
    """Where the numbers of certificates of a session are counted (DOMAIN §2)."""
    if kind is CertificateKind.SKILL_LEVEL:
        body = f"{_issuer_letter(session.body_kind)}{session.province_code}{HENAN}"
        return Series(f"{body}{session.site_code}{year % 100:02d}{session.level}", _SKILL_LEVEL_SERIALS)
    if kind is CertificateKind.VOCATIONAL_QUALIFICATION:
        return Series(f"{year % 100:02d}{session.site_code}{session.level}", _QUALIFICATION_SERIALS)
    return surrogate_series(kind, year)


def number_of(kind: CertificateKind, session: AssessmentSessionFacts, year: int, serial: int) -> str:
    """The number printed on a certificate; for permits, whose printed number is an ID number, a public surrogate."""
    if kind is CertificateKind.SKILL_LEVEL:
        return certificate_number(
            issuer=_issuer_letter(session.body_kind),
            body=session.province_code,
            site=session.site_code,
            year=year,
            level=session.level,
            serial=serial,
        )
    if kind is CertificateKind.VOCATIONAL_QUALIFICATION:
        return f"{number_series(kind, session, year).prefix}{serial:07d}"
    return surrogate_number(kind, year, serial)


def surrogate_series(kind: CertificateKind, year: int) -> Series:
    """Where public numbers are counted, of permits from elsewhere together with those issued here."""
    return Series(f"{_PUBLIC_PREFIXES[kind]}{year % 100:02d}", _QUALIFICATION_SERIALS)


def surrogate_number(kind: CertificateKind, year: int, serial: int) -> str:
    """A public number, such as stands for a permit's own."""
    return public_number(_PUBLIC_PREFIXES[kind], year, serial)


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A certificate of one skill and level that a person has, as far as another assessment asks about it."""

    status: str
    occasion: str = FIRST
    review_due_on: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class PermitDays:
    """The last days of a permit: of its validity, and for its next review. None for the other kinds (DOMAIN §2)."""

    valid_until: date | None = None
    review_due_on: date | None = None


def first_days(kind: CertificateKind, issued_on: date, rules: Rules) -> PermitDays:
    """Those of a certificate that is issued for the first time."""
    if kind not in PERMITS:
        return PermitDays()
    validity, review = _years(kind, rules)
    return PermitDays(last_day(issued_on, validity), last_day(issued_on, review))


def reviewed_days(kind: CertificateKind, valid_until: date | None, due_on: date, rules: Rules) -> PermitDays:
    """Those of a permit whose review was due on `due_on`, from which both count on, however early or late it was.

    The last review within its validity, at the end of it, begins another (延期).
    """
    if valid_until is not None and valid_until <= due_on:
        validity, _ = _years(kind, rules)
        valid_until = last_day(due_on + timedelta(days=1), validity)
    return PermitDays(valid_until, review_after(kind, due_on, rules))


def review_after(kind: CertificateKind, due_on: date, rules: Rules) -> date:
    """The day of the review that follows the one due on `due_on`."""
    _, review = _years(kind, rules)
    return last_day(due_on + timedelta(days=1), review)


def _years(kind: CertificateKind, rules: Rules) -> tuple[int, int]:
    """For how many years a permit is valid, and after how many it is reviewed."""
    if kind is CertificateKind.SPECIAL_OPERATION:
        return rules.special_operation_validity_years, rules.special_operation_review_years
    return rules.special_equipment_validity_years, rules.special_equipment_review_years


def last_day(issued_on: date, years: int) -> date:
    """The day before the same day `years` later (before 1 March after a 29 February)."""
    try:
        again = issued_on.replace(year=issued_on.year + years)
    except ValueError:
        again = date(issued_on.year + years, 3, 1)
    return again - timedelta(days=1)


def check_second_officer(proposed_by: UUID | None, approver: UUID) -> None:
    """The approver of a revocation is another natural person than its proposer (DOMAIN §5, self-approval)."""
    if proposed_by is None:
        raise CertificateRevocationNotProposed
    if proposed_by == approver:
        raise CertificateRevocationSameOfficer


class Verdict(StrEnum):
    """What can be said of a certificate that somebody shows: a genuine one may be unknown for a week or two."""

    VERIFIED = "verified"
    NOT_FOUND_YET = "not_found_yet"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer to whoever is shown a certificate; `status` only where the certificate is here."""

    verdict: Verdict
    status: CertificateState | None = None
    printed: object | None = None
    """What is printed on it, for whoever has shown to have it."""


def read_number(number: str) -> str | None:
    """The canonical form of a number that somebody shows, None if no certificate can have it.

    Only what has the length of a known layout is judged by it; other numbers may be those of outside registers.
    Raises `PermitNumberNotPublic` for what looks like an ID number.
    """
    text = half_width(number).upper()
    if len(text.removeprefix("T")) in CITIZEN_ID_LENGTHS and text[-2:-1].isdigit():
        raise PermitNumberNotPublic
    try:
        if len(text) == SKILL_LEVEL_LENGTH:
            return str(parse_certificate_number(text))
        if len(text) == PUBLIC_NUMBER_LENGTH and text[:3] in _PUBLIC_PREFIXES.values():
            return canonical_public_number(text, text[:3])
    except Invalid:
        return None
    return text or None


def verification_of(status: str | None) -> Verification:
    """The answer for a certificate of this status, None if there is none here. An import is itself not found yet."""
    if status is None:
        return Verification(Verdict.NOT_FOUND_YET)
    known = CertificateState(status)
    return Verification(Verdict.NOT_FOUND_YET if known is _State.IMPORTED else Verdict.VERIFIED, known)
