"""Scores: which parts a level has, what passes (D17), and how two assessors come to one version."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.evaluation.candidates.domain import SITTING, CandidateState
from services.evaluation.rules.domain import Rules
from shared.kernel.errors import Conflict, Invalid
from shared.reference.skills import SkillKind


class Part(StrEnum):
    """What is scored by itself: theory 理论, practice 实操, review 综合评审."""

    THEORY = "theory"
    PRACTICE = "practice"
    REVIEW = "review"


REVIEWED_LEVELS = frozenset({1, 2})
"""技师 and 高级技师 also pass a 综合评审."""


class ScoresIncomplete(Invalid):
    """Every part of the assessment has a score."""

    code = "scores_incomplete"
    policy = "§二(二)6"
    zh, en = "缺少 {part} 成绩", "The score for {part} is missing."


class CandidateNotScorable(Conflict):
    """Only who is sitting, or appealed, is scored."""

    code = "candidate_not_scorable"
    policy = "§二(二)6"
    zh, en = "考生处于 {state} 状态,不能录入成绩", "The candidate is {state} and cannot be scored."


@dataclass(frozen=True, slots=True)
class Scores:
    """Points from 0 to 100 by part; a part that was not assessed has none."""

    theory: int | None
    practice: int | None
    review: int | None

    def of(self, part: Part) -> int | None:
        """The points of one part."""
        return {Part.THEORY: self.theory, Part.PRACTICE: self.practice, Part.REVIEW: self.review}[part]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A signed sheet: a version of the scores under one assessor's name."""

    version: int
    scores: Scores
    assessor_id: UUID


@dataclass(frozen=True, slots=True)
class Signing:
    """What an assessor's signature does: under which version it stands, whether it is new, whether both agree now."""

    version: int
    new: bool
    agreed: bool


def required_parts(kind: SkillKind, level: int) -> tuple[Part, ...]:
    """专项 practice only; otherwise theory and practice; levels 2 and 1 also 综合评审 (D17)."""
    if kind is SkillKind.SPECIFIC_COMPETENCE:
        return (Part.PRACTICE,)
    if level in REVIEWED_LEVELS:
        return (Part.THEORY, Part.PRACTICE, Part.REVIEW)
    return (Part.THEORY, Part.PRACTICE)


def check_complete(scores: Scores, parts: Sequence[Part]) -> None:
    """`ScoresIncomplete` if a part that counts has no points."""
    for part in parts:
        if scores.of(part) is None:
            raise ScoresIncomplete(part=str(part))


def pass_marks_of(kind: SkillKind, rules: Rules) -> Scores:
    """The points that each part takes at least: by kind of permit (R7), otherwise by part (D17)."""
    if kind is SkillKind.SPECIAL_OPERATION:
        return Scores(*[rules.pass_mark_special_operation_points] * len(Part))
    if kind is SkillKind.SPECIAL_EQUIPMENT:
        return Scores(*[rules.pass_mark_special_equipment_points] * len(Part))
    return Scores(rules.pass_mark_theory_points, rules.pass_mark_practice_points, rules.pass_mark_review_points)


def passes(scores: Scores, kind: SkillKind, level: int, rules: Rules) -> bool:
    """Whether every part that counts reaches its pass mark (D17, R7)."""
    pass_marks = pass_marks_of(kind, rules)
    return all((scores.of(part) or 0) >= (pass_marks.of(part) or 0) for part in required_parts(kind, level))


def decide_signing(
    state: str, agreed_version: int | None, sheets: Sequence[Sheet], scores: Scores, by: UUID
) -> Signing:
    """What `by`'s scores do: agree with the other's version, or make a new one that the other has to sign.

    Sheets are never changed (DOMAIN §5: changed scores). `agreed_version` is the version before an appeal: an appeal is
    scored anew, even if with the same points.
    """
    if state not in SITTING and state != CandidateState.APPEALED:
        raise CandidateNotScorable(state=state)
    current = [sheet for sheet in sheets if sheet.version > (agreed_version or 0)]
    latest = max((sheet.version for sheet in sheets), default=0)
    signed = [sheet for sheet in current if sheet.version == latest]
    if not signed or signed[0].scores != scores:
        return Signing(latest + 1, new=True, agreed=False)
    signers = {sheet.assessor_id for sheet in signed}
    return Signing(latest, new=by not in signers, agreed=len(signers | {by}) == 2)
