"""Marks: which parts a level has, what passes (D17), and how two assessors come to one version."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.evaluation.candidates.domain import SITTING, CandidateState
from services.evaluation.rules.domain import RuleName, Rules
from shared.kernel.errors import Conflict, Invalid
from shared.reference.skills import SkillKind


class Part(StrEnum):
    """A part of an assessment."""

    THEORY = "theory"
    PRACTICE = "practice"
    REVIEW = "review"


PASS_MARKS = {
    Part.THEORY: RuleName.LEAST_THEORY,
    Part.PRACTICE: RuleName.LEAST_PRACTICE,
    Part.REVIEW: RuleName.LEAST_REVIEW,
}
REVIEWED_LEVELS = frozenset({1, 2})
"""技师 and 高级技师 also pass a 综合评审."""


class MarksIncomplete(Invalid):
    """Every part of the assessment has a mark."""

    code = "marks_incomplete"
    policy = "§二(二)6"
    zh, en = "缺少 {part} 成绩", "The mark for {part} is missing."


class CandidateNotScorable(Conflict):
    """Only who is sitting, or appealed, is scored."""

    code = "candidate_not_scorable"
    policy = "§二(二)6"
    zh, en = "考生处于 {state} 状态,不能录入成绩", "The candidate is {state} and cannot be scored."


@dataclass(frozen=True, slots=True)
class Marks:
    """Points from 0 to 100 by part; a part that was not assessed has none."""

    theory: int | None
    practice: int | None
    review: int | None

    def of(self, part: Part) -> int | None:
        """The mark of one part."""
        return {Part.THEORY: self.theory, Part.PRACTICE: self.practice, Part.REVIEW: self.review}[part]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A signed sheet: a version of the marks under one assessor's name."""

    version: int
    marks: Marks
    assessor_id: UUID


@dataclass(frozen=True, slots=True)
class Signing:
    """What an assessor's post does: the version that he signs, whether he has not signed it yet, whether both agree."""

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


def check_complete(marks: Marks, parts: Sequence[Part]) -> None:
    """`MarksIncomplete` if a part that counts has no mark."""
    for part in parts:
        if marks.of(part) is None:
            raise MarksIncomplete(part=str(part))


def passes(marks: Marks, parts: Sequence[Part], rules: Rules) -> bool:
    """Whether every part that counts reaches its pass mark (D17)."""
    return all((marks.of(part) or 0) >= rules[PASS_MARKS[part]] for part in parts)


def decide_signing(state: str, agreed_version: int | None, sheets: Sequence[Sheet], marks: Marks, by: UUID) -> Signing:
    """What `by`'s marks do: agree with the other's version, or make a new one that the other has to sign.

    Sheets are never changed (DOMAIN §5: changed scores). `agreed_version` is the version before an appeal: an appeal is
    marked anew, even if with the same points.
    """
    if state not in SITTING and state != CandidateState.APPEALED:
        raise CandidateNotScorable(state=state)
    current = [sheet for sheet in sheets if sheet.version > (agreed_version or 0)]
    latest = max((sheet.version for sheet in sheets), default=0)
    signed = [sheet for sheet in current if sheet.version == latest]
    if not signed or signed[0].marks != marks:
        return Signing(latest + 1, new=True, agreed=False)
    signers = {sheet.assessor_id for sheet in signed}
    return Signing(latest, new=by not in signers, agreed=len(signers | {by}) == 2)
