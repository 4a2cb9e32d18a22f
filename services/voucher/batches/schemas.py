"""What batches' routes take and show."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.voucher.batches.domain import BatchKind, Proposal
from services.voucher.batches.models import Batch
from services.voucher.evidence.domain import Group
from shared.contracts.fields import Code, Level, RulesVersion, SkillCode
from shared.http import Body, KnownArea, View

Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MAX_HOLDERS = 5_000


class SkillChoice(Body):
    """A skill and level that holders may choose."""

    skill_code: SkillCode
    level: Level


class ProposeBatchRequest(Body):
    """A voucher batch as an officer proposes it."""

    kind: BatchKind
    """general: anybody eligible claims one; targeted: the `holders` are offered one each."""
    programme: Code
    title: Title
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    skills: Annotated[list[SkillChoice], Field(min_length=1, max_length=200)]
    """Among which whoever claims chooses."""
    areas: Annotated[list[KnownArea], Field(min_length=1, max_length=20)]
    """Whose people may claim: six digits each of GB/T 2260; 410400 is the whole city."""
    audience_groups: Annotated[tuple[Group, ...], Field(max_length=20)] = ()
    claim_from: AwareDatetime
    claim_until: AwareDatetime
    """Until when the batch may be claimed from; at that instant no more."""
    validity_days: Annotated[int, Field(ge=1, le=366)] | None = None
    """Days from the claim within which the voucher is presented; null for the rule in force (D3)."""
    fund_source: Code
    rules_version: RulesVersion
    holders: Annotated[tuple[UUID, ...], Field(max_length=MAX_HOLDERS)] = ()

    def proposal(self) -> Proposal:
        """What the command takes."""
        skills = [(choice.skill_code, choice.level) for choice in self.skills]
        return Proposal(**(dict(self) | {"skills": skills}))


class RejectBatchRequest(Body):
    """Why a batch is refused."""

    reason: Title


class BatchSkillView(View):
    """A skill and level of a batch."""

    skill_code: str
    level: int


class BatchView(View):
    """A voucher batch."""

    id: UUID
    status: str
    version: int
    kind: str
    """general: anybody eligible claims one; targeted: listed people are offered one each."""
    programme: str
    title: str
    quantity: int
    claimed: int
    """How many of its vouchers were claimed."""
    returned: int
    """How many of those came back to the batch: expired, cancelled or given back."""
    skills: list[BatchSkillView]
    """Among which whoever claims chooses."""
    areas: list[str]
    """Whose people may claim: six digits each of GB/T 2260; 410400 is the whole city."""
    audience_groups: list[str]
    claim_from: AwareDatetime
    claim_until: AwareDatetime
    """Until when the batch may be claimed from; at that instant no more."""
    validity_days: int
    """Days from the claim within which the voucher is presented (D3)."""
    fund_source: str
    rules_version: str
    proposed_by: UUID
    decided_by: UUID | None
    """Who approved or rejected it, by person, never who proposed it; null while nobody did."""
    reject_reason: str | None

    @classmethod
    def of(cls, batch: Batch) -> "BatchView":
        """The view of a row."""
        return cls.model_validate(batch)
