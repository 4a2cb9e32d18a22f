"""What claims take and show."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from services.voucher.eligibility.domain import Judgement, Verdict
from shared.contracts.fields import Digest, Level, SkillCode
from shared.http import Body, View


class ClaimVoucherRequest(Body):
    """Which batch, and which skill and level of it."""

    batch_id: UUID
    skill_code: SkillCode
    level: Level


class ClaimAtCounterRequest(Body):
    """The worker who stands at the counter, what they choose, and what was shown."""

    person_id: UUID
    batch_id: UUID
    skill_code: SkillCode
    level: Level
    second_officer_id: UUID
    card_read_at: AwareDatetime
    """When the worker's identity card was read for this claim."""
    photo_digest: Digest
    site: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CounterClaimView(View):
    """What was shown at the counter for one voucher, and whether it was drawn for a second look."""

    voucher_id: UUID
    officer_id: UUID
    second_officer_id: UUID
    card_read_at: AwareDatetime
    photo_digest: str
    site: str
    area: str
    sampled: bool
    claimed_at: AwareDatetime
    """When it was claimed."""


class EligibilityReasonView(View):
    """Why the answer is not a plain yes."""

    code: str
    """Stable; for programs."""
    verdict: Verdict
    """What this reason alone makes of it: ineligible, or unknown while a register has not answered."""
    policy: str
    detail: str


class EligibilityView(View):
    """Whether the caller may claim from a batch today. The claim itself is judged anew."""

    verdict: Verdict
    """Only eligible may claim; unknown waits for a register's answer."""
    reasons: list[EligibilityReasonView]
    """Every reason against it; empty if eligible."""

    @classmethod
    def of(cls, judgement: Judgement, language: str) -> "EligibilityView":
        """The judgement in `zh` or `en`."""
        reasons = [
            EligibilityReasonView(
                code=reason.code,
                verdict=reason.verdict,
                policy=reason.policy,
                detail=reason.zh if language == "zh" else reason.en,
            )
            for reason in judgement.reasons
        ]
        return cls(verdict=judgement.verdict, reasons=reasons)
