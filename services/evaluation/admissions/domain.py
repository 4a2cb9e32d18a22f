"""Who may sit an assessment (§二(二)5): training, independence, entry, certificates held, attempts left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from services.evaluation.assessment_sessions.domain import AssessmentSessionFacts
from services.evaluation.bodies.domain import BodyKind
from services.evaluation.candidates.domain import (
    Attempt,
    CandidateAlreadyAdmitted,
    CandidateHasPassed,
    CandidateNotOfTheBody,
    CandidateOnPanel,
    CandidateState,
    EntryBasis,
    TaughtByAnAssessor,
    TrainedByTheBody,
)
from services.evaluation.certificates.domain import NEVER_VALID, HeldCertificate
from services.evaluation.enrolment_facts.domain import CompletedEnrolment
from services.evaluation.rules.domain import Rules
from shared.kernel.clock import months_later
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.occasion import FIRST, review_days, review_of

UNENROLLED = UUID("6d5f1c52-8f1e-5d0b-9a55-2f5f0f6f4b0a")
"""Namespace of the series of candidates without an enrolment."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A ground of entry with where it is proved."""

    basis: EntryBasis
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """Somebody whom a body would admit: by their completed enrolment, or as a person without one."""

    enrolment_id: UUID | None
    person_id: UUID | None
    entry: Entry | None = None
    affiliation: str | None = None


class SessionClosedToCandidates(Conflict):
    """Candidates are named before the session opens, so that nobody is added after the scores are known."""

    code = "session_closed_to_candidates"
    policy = "§二(二)6"
    zh, en = "评价已开始,不能再添加考生", "The session has been opened; no candidate can be added."


class CandidateNamedWrongly(Invalid):
    """A row names either an enrolment or a person."""

    code = "candidate_named_wrongly"
    zh, en = "每行须填写报名编号或人员编号之一", "A row names either an enrolment or a person."


class CandidateSkillDiffers(Conflict):
    """Skill, level and act are equal on enrolment, assessment and certificate."""

    code = "candidate_skill_differs"
    policy = "§二(二)7"
    zh, en = "培训与评价的职业、等级或类别不一致", "The enrolment is for another skill, level or act than the session."


class CandidateCompletesAfterAssessment(Conflict):
    """Assessment follows completion."""

    code = "candidate_completes_after_assessment"
    policy = "§二(二)7"
    zh, en = "结业日期晚于评价日期", "The training was completed after the day of the assessment."


class ResitUsedUp(Conflict):
    """The person has sat as many resits (补考) as the rule of the day allows; another series begins later (R8)."""

    code = "resit_used_up"
    policy = "R8, D30"
    zh, en = "补考次数已用完,{day} 起可重新申报", "There is no resit left; a new series may begin on {day}."


class CandidateAlreadyCertified(Conflict):
    """Once per person, skill and level."""

    code = "candidate_already_certified"
    policy = "§二(二)5"
    zh, en = "该人员已持有同一职业同一等级的证书", "The person holds a certificate of this skill and level already."


class PermitToReviewMissing(Conflict):
    """A review renews a permit that there is."""

    code = "permit_to_review_missing"
    policy = "R7"
    zh, en = "没有可复审的证书", "There is no permit to review."


class ReviewNotDue(Conflict):
    """A permit is reviewed around the day on which that is due; missed by more, it has expired for good."""

    code = "review_not_due"
    policy = "R7"
    zh, en = "该证书须在 {first} 至 {last} 之间复审", "The permit is reviewed between {first} and {last}."


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


SHORTCUTS = {EntryBasis.SECONDARY_VOCATIONAL: 4, EntryBasis.HIGHER_VOCATIONAL: 3, EntryBasis.APPLIED_DEGREE: 3}
"""The highest level (smallest number) that schooling opens directly (A15)."""


UNCOUNTED = (CandidateState.ABSENT, CandidateState.VOIDED, CandidateState.CANCELLED)
ENDED = frozenset({"revoked", "expired", "superseded"})
"""Statuses of a certificate after which the same assessment may be passed again."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """A person who would sit a session, with all their records.

    `training` is the enrolment that the body named; `trained_by` and `taught_by` are every institution and trainer that
    taught the person the skill; `certificates` those that the person has of this skill and level; `affiliation` the
    record that proves employment or study where no enrolment does.
    """

    person_id: UUID
    records: frozenset[UUID]
    training: CompletedEnrolment | None
    trained_by: frozenset[str]
    taught_by: frozenset[UUID]
    certificates: tuple[HeldCertificate, ...]
    entry: Entry | None = None
    affiliation: str | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """An applicant who may sit: as which attempt, and by which ground of entry."""

    series: int
    attempt: int
    entry: Entry


def series_of(application: Application, session: AssessmentSessionFacts, occasion: str) -> UUID:
    """The ground on which series follow one another (R8): an enrolment, otherwise person, skill, level and occasion."""
    named = f"{application.person_id}|{session.skill_code}|{session.level}|{occasion}"
    return application.enrolment_id or uuid5(UNENROLLED, named)


def decide_admission(
    session: AssessmentSessionFacts, applicant: Applicant, occasion: str, attempts: Sequence[Attempt], rules: Rules
) -> Admission:
    """Whether the person may sit for the occasion (§二(二)5): independent, entitled, an attempt left.

    `attempts` is what came of the earlier ones on the same ground.
    """
    check_independence(session, applicant)
    entry = decide_entry(session.level, applicant)
    ended = any(held.occasion == occasion and held.status in ENDED for held in applicant.certificates)
    series, attempt = decide_attempt(attempts, session, rules, certificate_ended=ended)
    return Admission(series, attempt, entry)


def check_training(session: AssessmentSessionFacts, training: CompletedEnrolment | None) -> None:
    """The training is of the session's skill, level and act, and was completed by its day."""
    if training is None:
        return
    if (training.skill_code, training.level, training.act) != (session.skill_code, session.level, session.act):
        raise CandidateSkillDiffers
    if training.completed_on > session.held_on:
        raise CandidateCompletesAfterAssessment


def check_independence(session: AssessmentSessionFacts, applicant: Applicant) -> None:
    """考培分离 as the kind of body demands it (DOMAIN §3), and of the panel."""
    check_panel(session, applicant)
    if session.body_kind is BodyKind.SOCIAL and session.body in applicant.trained_by:
        raise TrainedByTheBody
    if session.body_kind not in (BodyKind.EMPLOYER, BodyKind.SCHOOL):
        return
    training = applicant.training
    proved = applicant.affiliation is not None
    if training is not None:
        proved |= (training.employer if session.body_kind is BodyKind.EMPLOYER else training.school) == session.body
    if not proved:
        raise CandidateNotOfTheBody


def check_panel(session: AssessmentSessionFacts, applicant: Applicant) -> None:
    """Nobody assesses themselves, and no assessor of an employer or a school whom they taught (DOMAIN §3)."""
    if not applicant.records.isdisjoint(session.panel.members):
        raise CandidateOnPanel
    by_its_own = session.body_kind in (BodyKind.EMPLOYER, BodyKind.SCHOOL)
    if by_its_own and not applicant.taught_by.isdisjoint(session.panel.assessor_ids):
        raise TaughtByAnAssessor


def decide_occasion(session: AssessmentSessionFacts, applicant: Applicant, window_days: int) -> str:
    """What the person sits for, by a training for it that is over: a first certificate, where none is in force, or the
    review of the permit that is due around the day (R7)."""
    check_training(session, applicant.training)
    statuses = {held.status for held in applicant.certificates}
    if "suspended" in statuses or (session.act == "first" and "valid" in statuses):
        raise CandidateAlreadyCertified
    if session.act == "first":
        return FIRST
    days = [held.review_due_on for held in applicant.certificates if held.status not in NEVER_VALID]
    due = max((day for day in days if day is not None), default=None)
    if due is None:
        raise PermitToReviewMissing
    first, last = review_days(due, window_days)
    if not first <= session.held_on <= last:
        raise ReviewNotDue(first=first.isoformat(), last=last.isoformat())
    return review_of(due)


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


def decide_attempt(
    attempts: Sequence[Attempt], session: AssessmentSessionFacts, rules: Rules, *, certificate_ended: bool
) -> tuple[int, int]:
    """The series and the number of the attempt in it (R8); what was missed, voided or cancelled is not counted.

    After a pass another series begins when its certificate is revoked, expired or superseded (`certificate_ended`);
    after the last failure D30's months later.
    """
    series = max((attempt.series for attempt in attempts), default=1)
    counted = [attempt for attempt in attempts if attempt.series == series and attempt.status not in UNCOUNTED]
    statuses = {attempt.status for attempt in counted}
    last_on = max((attempt.held_on for attempt in counted), default=date.min)
    begins_on = months_later(last_on, rules.new_series_months) if counted else last_on
    if CandidateState.PASSED in statuses:
        if not certificate_ended:
            raise CandidateHasPassed
        return series + 1, 1
    if statuses - {CandidateState.FAILED}:
        raise CandidateAlreadyAdmitted
    if len(counted) <= rules.resits_count:
        return series, len(counted) + 1
    if session.held_on < begins_on:
        raise ResitUsedUp(day=begins_on.isoformat())
    return series + 1, 1
