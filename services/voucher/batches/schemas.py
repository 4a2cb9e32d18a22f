"""What batches' routes take and show."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.voucher.batches.domain import BatchKind
from services.voucher.batches.models import Batch
from services.voucher.eligibility.domain import Judgement, Verdict
from services.voucher.workers.domain import Group
from shared.contracts.fields import AreaCode, Code, Level, RulesVersion, SkillCode
from shared.http import Body, View

Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MAX_HOLDERS = 5_000


class SkillChoice(Body):
    """A skill and level that holders may choose."""

    skill_code: SkillCode
    level: Level


class ProposeBody(Body):
    """A voucher batch as an officer proposes it. `validity_days` left out is D3's; `holders` are for targeted ones."""

    kind: BatchKind
    programme: Code
    title: Title
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    skills: Annotated[list[SkillChoice], Field(min_length=1, max_length=200)]
    areas: Annotated[list[AreaCode], Field(min_length=1, max_length=20)]
    audience_groups: Annotated[tuple[Group, ...], Field(max_length=20)] = ()
    claim_from: AwareDatetime
    claim_until: AwareDatetime
    validity_days: Annotated[int, Field(ge=1, le=366)] | None = None
    fund_source: Code
    rules_version: RulesVersion
    holders: Annotated[tuple[UUID, ...], Field(max_length=MAX_HOLDERS)] = ()


class RejectBody(Body):
    """Why a batch is refused."""

    reason: Title


class SkillView(View):
    """A skill and level of a batch."""

    skill_code: str
    level: int


class BatchView(View):
    """A voucher batch."""

    id: UUID
    status: str
    version: int
    kind: str
    programme: str
    title: str
    quantity: int
    claimed: int
    skills: list[SkillView]
    areas: list[str]
    audience_groups: list[str]
    claim_from: AwareDatetime
    claim_until: AwareDatetime
    validity_days: int
    fund_source: str
    rules_version: str
    proposed_by: UUID
    decided_by: UUID | None
    reject_reason: str | None

    @classmethod
    def of(cls, batch: Batch) -> "BatchView":
        """The view of a row."""
        return cls.model_validate(batch)


class ReasonView(View):
    """Why the answer is not a plain yes."""

    code: str
    verdict: Verdict
    policy: str
    detail: str


class EligibilityView(View):
    """Whether the caller may claim from a batch today. The claim itself is judged anew."""

    verdict: Verdict
    reasons: list[ReasonView]

    @classmethod
    def of(cls, judgement: Judgement, language: str) -> "EligibilityView":
        """The judgement in `zh` or `en`."""
        reasons = [
            ReasonView(
                code=one.code, verdict=one.verdict, policy=one.policy, detail=one.zh if language == "zh" else one.en
            )
            for one in judgement.reasons
        ]
        return cls(verdict=judgement.verdict, reasons=reasons)
