"""What statements about people take and answer."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.voucher.evidence.domain import (
    ExtractStatement,
    FiscalPayroll,
    Group,
    GroupStatement,
    OutsideTraining,
    Pension,
    VitalStatus,
)
from shared.contracts.fields import Code, Level, SkillCode
from shared.http import Body, View
from shared.reference.skills import check_skill_level

Source = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class RecordGroupRequest(Body):
    """Evidence that a person belongs to a priority group (A17)."""

    group: Group
    evidence: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    source: Source
    as_of: date
    until: date | None = None
    """The last day on which it counts, not before `as_of`; null for lasting evidence."""

    @model_validator(mode="after")
    def _until_follows(self) -> "RecordGroupRequest":
        if self.until is not None and self.until < self.as_of:
            raise ValueError("until is not before as_of")
        return self

    def statement(self) -> GroupStatement:
        """What the command takes."""
        return GroupStatement(self.group, self.evidence, self.source, self.as_of, self.until)


class OutsideBenefitRequest(Body):
    """A training benefit that another office paid."""

    programme: Code
    skill_code: SkillCode
    level: Level
    taken_on: date


class RecordExtractRequest(Body):
    """What the registers say of a person on one day."""

    pension: Pension
    fiscal_payroll: FiscalPayroll
    source: Source
    as_of: date
    vital_status: VitalStatus = VitalStatus.UNKNOWN
    """What the register of deaths says; `unknown` where it was not asked, or did not answer."""
    other_benefits: Annotated[list[OutsideBenefitRequest], Field(max_length=100)] | None = None
    """Training benefits that other offices paid (A13); null if nobody was asked."""

    def statement(self) -> ExtractStatement:
        """The same for the command, with canonical skills; `SkillUnknown` or `SkillLevelInvalid` for others."""
        outside = self.other_benefits
        trainings = tuple(
            OutsideTraining(
                benefit.programme,
                check_skill_level(benefit.skill_code, benefit.level).code,
                benefit.level,
                benefit.taken_on,
            )
            for benefit in outside or ()
        )
        return ExtractStatement(
            self.pension,
            self.fiscal_payroll,
            self.source,
            self.as_of,
            None if outside is None else trainings,
            self.vital_status,
        )


class RecordedStatementView(View):
    """That a statement was recorded; what it says is not repeated."""

    person_id: UUID
    version: int
