"""Who may sit an assessment (§二(二)5): training, independence, entry, certificates held, attempts left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID, uuid5

from services.evaluation.bodies.domain import BodyKind
from services.evaluation.candidates.domain import CandidateState
from services.evaluation.sessions.domain import SessionFacts
from shared.kernel.errors import Conflict, Invalid

UNENROLLED = UUID("6d5f1c52-8f1e-5d0b-9a55-2f5f0f6f4b0a")
"""Namespace of the series of candidates without an enrolment."""


class CandidatePersonUnknown(Conflict):
    """Whoever is assessed is registered first (实名制)."""

    code = "candidate_person_unknown"
    policy = "§二(二)6"
    zh, en = "该人员尚未实名登记", "The person is not registered (yet)."


class SessionClosedToCandidates(Conflict):
    """Candidates are named before the session opens, so that nobody is added after the marks are known."""

    code = "session_closed_to_candidates"
    policy = "§二(二)6"
    zh, en = "评价已开始,不能再添加考生", "The session has been opened; no candidate can be added."


class CandidateNamedWrongly(Invalid):
    """A row names either an enrolment or a person."""

    code = "candidate_named_wrongly"
    zh, en = "每行须填写报名编号或人员编号之一", "A row names either an enrolment or a person."


class CandidateEnrolmentUnknown(Conflict):
    """No completed enrolment of this id was heard of; training may not have told yet."""

    code = "candidate_enrolment_not_completed"
    policy = "§二(二)7"
    zh, en = "没有该报名的结业记录", "There is no completed enrolment of this id (yet)."


class CandidateSkillDiffers(Conflict):
    """Skill, level and act are equal on enrolment, assessment and certificate."""

    code = "candidate_skill_differs"
    policy = "§二(二)7"
    zh, en = "培训与评价的职业、等级或类别不一致", "The enrolment is for another skill, level or act than the session."


class CandidateTrainedLater(Conflict):
    """Assessment follows completion."""

    code = "candidate_completes_after_assessment"
    policy = "§二(二)7"
    zh, en = "结业日期晚于评价日期", "The training was completed after the day of the assessment."


class CandidateAlreadyAdmitted(Conflict):
    """The person is a candidate for this skill and level already."""

    code = "candidate_already_admitted"
    policy = "§二(二)5"
    zh, en = "该人员已报名同一职业同一等级的评价", "The person is a candidate for this skill and level already."


class CandidateHasPassed(Conflict):
    """A passed assessment is not sat again."""

    code = "candidate_has_passed"
    policy = "§二(二)5"
    zh, en = "该培训已评价合格", "The assessment of this training was passed already."


class ResitUsedUp(Conflict):
    """补考: once."""

    code = "resit_used_up"
    policy = "§二(二)5"
    zh, en = "补考次数已用完", "There is no resit left."


class CandidateAlreadyCertified(Conflict):
    """Once per person, skill and level."""

    code = "candidate_already_certified"
    policy = "§二(二)5"
    zh, en = "该人员已持有同一职业同一等级的证书", "The person holds a certificate of this skill and level already."


class PermitToReviewMissing(Conflict):
    """A review renews a permit that there is."""

    code = "permit_to_review_missing"
    zh, en = "没有可复审的证书", "There is no permit to review."


class CandidateOnPanel(Conflict):
    """Nobody assesses himself."""

    code = "candidate_on_panel"
    policy = "§二(二)6"
    zh, en = "考生不得担任本场考评员或督导员", "A candidate cannot assess or supervise the session."


class TrainedByTheBody(Conflict):
    """考培分离: a 社会培训评价组织 does not assess whom it trained."""

    code = "trained_by_the_body"
    policy = "§二(二)5"
    zh, en = "考培分离:评价机构不得评价自己培训的学员", "The body trained the candidate and cannot assess him."


class TaughtByAnAssessor(Conflict):
    """An employer's or a school's assessors taught none of the candidates."""

    code = "taught_by_an_assessor"
    policy = "§二(二)5"
    zh, en = "考评员曾为考生授课", "An assessor of the session taught the candidate."


class NotOfTheBody(Conflict):
    """An employer assesses its own employees, a school its own students."""

    code = "candidate_not_of_the_body"
    policy = "§二(二)5"
    zh, en = "考生不是该单位职工或该校学生", "The candidate is not an employee or a student of the body."


class EntryBasisMissing(Invalid):
    """Without training here, a level above 5 needs a stated ground of entry."""

    code = "entry_basis_missing"
    policy = "§二(二)5"
    zh, en = "缺少申报条件依据", "The ground of entry is missing."


class EntryShortcutTooHigh(Conflict):
    """A15: secondary-vocational graduates enter at level 4, higher-vocational and applied-degree ones at level 3."""

    code = "entry_shortcut_too_high"
    policy = "§二(二)5"
    zh, en = "该学历不能直接申报第 {level} 等级", "This schooling does not lead directly to level {level}."


class EntryBasis(StrEnum):
    """Why the person may sit this level."""

    OPEN = "open"
    TRAINING = "training"
    LOWER_CERTIFICATE = "lower_certificate"
    WORK_EXPERIENCE = "work_experience"
    SECONDARY_VOCATIONAL = "secondary_vocational_graduate"
    HIGHER_VOCATIONAL = "higher_vocational_graduate"
    APPLIED_DEGREE = "applied_degree_graduate"


SHORTCUTS = {EntryBasis.SECONDARY_VOCATIONAL: 4, EntryBasis.HIGHER_VOCATIONAL: 3, EntryBasis.APPLIED_DEGREE: 3}
"""The highest level (smallest number) that schooling opens directly (A15)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A ground of entry with where it is proved."""

    basis: EntryBasis
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Training:
    """A completed training, as heard."""

    employer: str | None
    school: str | None
    skill_code: str
    level: int
    act: str
    completed_on: date


@dataclass(frozen=True, slots=True)
class Applicant:
    """A person who would sit a session.

    `training` is the enrolment that the body named; `trained_by` and `taught_by` are every institution and trainer that
    taught the person the skill; `attempts` the states of earlier candidates of the same series; `certificates` the
    statuses of the certificates that the person has of this skill and level; `affiliation` the record that proves
    employment or study where no enrolment does.
    """

    person_id: UUID
    training: Training | None
    trained_by: frozenset[str]
    taught_by: frozenset[UUID]
    attempts: tuple[str, ...]
    certificates: frozenset[str]
    entry: Entry | None = None
    affiliation: str | None = None
    records: frozenset[UUID] = frozenset()
    """All records of the person, this one too."""


@dataclass(frozen=True, slots=True)
class Admission:
    """An applicant who may sit: as which attempt, and by which ground of entry."""

    attempt: int
    entry: Entry


def series_of(enrolment_id: UUID | None, person_id: UUID | None, skill_code: str, level: int, act: str) -> UUID:
    """What attempts are counted in: an enrolment, otherwise the person with skill, level and act."""
    return enrolment_id or uuid5(UNENROLLED, f"{person_id}|{skill_code}|{level}|{act}")


def decide_admission(session: SessionFacts, applicant: Applicant, resits: int) -> Admission:
    """Whether the person may sit (§二(二)5): training equal and over, independent, entitled, an attempt left."""
    check_training(session, applicant.training)
    check_independence(session, applicant)
    check_certificates(session.act, applicant.certificates)
    entry = decide_entry(session.level, applicant)
    return Admission(decide_attempt(applicant.attempts, resits), entry)


def check_training(session: SessionFacts, training: Training | None) -> None:
    """The training is of the session's skill, level and act, and was completed by its day."""
    if training is None:
        return
    if (training.skill_code, training.level, training.act) != (session.skill_code, session.level, session.act):
        raise CandidateSkillDiffers
    if training.completed_on > session.held_on:
        raise CandidateTrainedLater


def check_independence(session: SessionFacts, applicant: Applicant) -> None:
    """考培分离 as the kind of body demands it (DOMAIN §3); and nobody assesses himself."""
    if not {applicant.person_id, *applicant.records}.isdisjoint(session.panel.members):
        raise CandidateOnPanel
    if session.body_kind is BodyKind.SOCIAL and session.body in applicant.trained_by:
        raise TrainedByTheBody
    if session.body_kind not in (BodyKind.EMPLOYER, BodyKind.SCHOOL):
        return
    if not applicant.taught_by.isdisjoint(session.assessor_ids):
        raise TaughtByAnAssessor
    training = applicant.training
    proved = applicant.affiliation is not None
    if training is not None:
        proved |= (training.employer if session.body_kind is BodyKind.EMPLOYER else training.school) == session.body
    if not proved:
        raise NotOfTheBody


def check_certificates(act: str, statuses: frozenset[str]) -> None:
    """A first assessment needs no certificate to be there, a review one that is valid or ran out."""
    if "suspended" in statuses or (act == "first" and "valid" in statuses):
        raise CandidateAlreadyCertified
    if act == "review" and statuses.isdisjoint({"valid", "expired"}):
        raise PermitToReviewMissing


def decide_entry(level: int, applicant: Applicant) -> Entry:
    """The ground of entry: none for level 5 and for kinds without levels, otherwise training or a stated one (A15)."""
    entry = applicant.entry
    if entry is None:
        if applicant.training is not None:
            return Entry(EntryBasis.TRAINING)
        if level in (0, 5):
            return Entry(EntryBasis.OPEN)
        raise EntryBasisMissing
    if level not in (0, 5) and entry.basis is EntryBasis.OPEN:
        raise EntryBasisMissing
    highest = SHORTCUTS.get(entry.basis)
    if highest is not None and 0 < level < highest:
        raise EntryShortcutTooHigh(level=level)
    return entry


def decide_attempt(attempts: Sequence[str], resits: int) -> int:
    """The number of this attempt; absences and voided attempts do not count (补考: once)."""
    if CandidateState.PASSED in attempts:
        raise CandidateHasPassed
    counted = [state for state in attempts if state not in (CandidateState.ABSENT, CandidateState.VOIDED)]
    if any(state != CandidateState.FAILED for state in counted):
        raise CandidateAlreadyAdmitted
    if len(counted) > resits:
        raise ResitUsedUp
    return len(counted) + 1
