"""Eligibility: a pure function of frozen facts (§二(二)7; DOMAIN A2, A13, A17, D7, D8, D16).

Three answers: what is not known is never guessed. At the claim only `eligible` passes; at certification, and at each
answer of a register after it, the fresh verdict travels with the event, and payout holds what is not eligible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.voucher.evidence.domain import Evidence, FiscalPayroll, Pension, Training
from services.voucher.vouchers.domain import VoucherFacts
from shared.kernel.clock import business_date
from shared.kernel.errors import Conflict
from shared.kernel.occasion import FIRST, due_on, review_days, review_of
from shared.security.principals import WHOLE_CITY


class Verdict(StrEnum):
    """Whether a person may have the voucher."""

    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    UNKNOWN = "unknown"


class VerdictStep(StrEnum):
    """At which step of a voucher a verdict was given."""

    CLAIM = "claim"
    CERTIFICATION = "certification"
    ANSWER = "answer"
    """A register answered after the certification."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the answer is not a plain yes: a stable code, the rule, and a sentence for a person."""

    code: str
    verdict: Verdict
    policy: str
    zh: str
    en: str


TOO_YOUNG = Reason("age_below_minimum", Verdict.INELIGIBLE, "D16", "未达到最低年龄", "Below the minimum age.")
PENSION_DRAWN = Reason("pension_drawn", Verdict.INELIGIBLE, "D16", "已领取养老金", "Draws a pension.")
PENSION_UNKNOWN = Reason(
    "pension_unknown", Verdict.UNKNOWN, "D16", "养老金领取情况待核实", "Not known whether a pension is drawn."
)
ON_FISCAL_PAYROLL = Reason("on_fiscal_payroll", Verdict.INELIGIBLE, "D16", "属于财政供养人员", "On the fiscal payroll.")
FISCAL_PAYROLL_UNKNOWN = Reason(
    "fiscal_payroll_unknown", Verdict.UNKNOWN, "D16", "财政供养情况待核实", "Not known whether on the fiscal payroll."
)
OUTSIDE_BENEFITS_UNKNOWN = Reason(
    "outside_benefits_unknown",
    Verdict.UNKNOWN,
    "§二(一)2",
    "其他培训类补贴享受情况待核实",
    "Not known whether another training benefit was taken.",
)
BENEFIT_TAKEN = Reason(
    "benefit_taken",
    Verdict.INELIGIBLE,
    "§二(二)5",
    "同一职业同一等级已享受培训补贴",
    "A training benefit for this skill and level was taken before.",
)
REVIEW_NOT_DUE = Reason(
    "review_not_due", Verdict.INELIGIBLE, "R7", "证书尚未到复审时间", "The permit held is not due for its review yet."
)
HIGHER_LEVEL_HELD = Reason(
    "higher_level_held", Verdict.INELIGIBLE, "D7", "已有同一职业更高等级", "Has a higher level in this skill already."
)
YEARLY_LIMIT = Reason(
    "yearly_limit_reached",
    Verdict.INELIGIBLE,
    "D8",
    "本年度享受补贴培训次数已满",
    "Has had this year's number of subsidised trainings.",
)
NOT_IN_AUDIENCE = Reason(
    "not_in_audience", Verdict.INELIGIBLE, "§二(一)4", "不属于本批次发放对象", "Not of the people this batch is for."
)
AREA_OUTSIDE = Reason(
    "area_outside_batch",
    Verdict.INELIGIBLE,
    "§三(一)",
    "所在县(市、区)不在发放范围",
    "The area is not among the batch's.",
)
SUPERSEDED = Reason(
    "person_superseded",
    Verdict.INELIGIBLE,
    "§二(二)6",
    "该人员档案已并入另一档案",
    "This record was superseded by another of the same person.",
)

DECEASED = Reason("holder_deceased", Verdict.INELIGIBLE, "R10", "登记信息显示已死亡", "Deceased, as the register says.")

REASONS = {
    reason.code: reason
    for reason in (
        SUPERSEDED,
        DECEASED,
        TOO_YOUNG,
        PENSION_DRAWN,
        PENSION_UNKNOWN,
        ON_FISCAL_PAYROLL,
        FISCAL_PAYROLL_UNKNOWN,
        OUTSIDE_BENEFITS_UNKNOWN,
        BENEFIT_TAKEN,
        REVIEW_NOT_DUE,
        HIGHER_LEVEL_HELD,
        YEARLY_LIMIT,
        NOT_IN_AUDIENCE,
        AREA_OUTSIDE,
    )
}
"""Every reason by its code."""


@dataclass(frozen=True, slots=True)
class EligibilityRules:
    """The dated rules of eligibility (DOMAIN §6)."""

    min_age_years: int
    max_age_years: int
    trainings_per_year: int
    extract_valid_days: int
    outside_benefits_asked: bool
    """Whether the unemployment-insurance office must have answered (A13)."""
    review_window_days: int
    """So long before and after the day on which it is due a permit may be reviewed (R7)."""


@dataclass(frozen=True, slots=True)
class EligibilityFacts:
    """What is known of a person on one business date."""

    person_id: UUID
    age_years: int
    area: str
    superseded: bool
    evidence: Evidence
    vouchers: tuple[VoucherFacts, ...] = ()
    """Those that are live or count as a training, under whichever record of the person."""
    levels_held: frozenset[tuple[str, int]] = frozenset()
    """Skill and level of every certificate that the person holds, however it came."""
    reviews_due: Mapping[str, date] = field(default_factory=dict)
    """By the skill of each permit that the person holds the day by which it is reviewed next."""

    def live_voucher(self, programme: str) -> VoucherFacts | None:
        """The live voucher of a programme: the record's own rather than one under another record of the person."""
        live = [voucher for voucher in self.vouchers if voucher.live and voucher.terms.programme == programme]
        return min(live, key=lambda voucher: voucher.person_id != self.person_id, default=None)

    @property
    def trainings(self) -> tuple[Training, ...]:
        """Every training benefit taken or being taken, whoever pays it."""
        own = (voucher.training for voucher in self.vouchers)
        return (*self.evidence.outside_benefits, *(training for training in own if training is not None))


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a batch is for: areas (`410400` is the whole city) and groups, none meaning everybody."""

    areas: frozenset[str]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: a training in a skill and level for an occasion, counted in the year of the claim.

    `audience` is asked at the claim alone. `voucher_id` is the voucher itself, which is no second benefit of its own.
    """

    skill_code: str
    level: int
    year: int
    occasion: str = FIRST
    audience: Audience | None = None
    voucher_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reasons and everything that it was taken from."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    inputs: dict[str, Any]
    decided_on: date

    @property
    def codes(self) -> list[str]:
        """The reasons' codes, in the order in which the rules are asked."""
        return [reason.code for reason in self.reasons]


class NotEligible(Conflict):
    """The rules say no; the reasons are named."""

    code = "not_eligible"
    policy = "§二(二)7"
    zh, en = "不符合领券条件:{reasons}", "Not eligible for this voucher: {reasons}."


class EligibilityUndecided(Conflict):
    """A register has not answered yet; unknown never passes."""

    code = "eligibility_undecided"
    policy = "§二(二)7"
    zh, en = "领券条件待核实:{reasons}", "Eligibility is not known yet: {reasons}."


def occasion_of(person: EligibilityFacts, skill_code: str, rules: EligibilityRules, today: date) -> str:
    """What a training in the skill is for: the review of the permit that the person holds, else a first certificate.

    A permit whose review was missed by more than the window has expired for good (R7).
    """
    due = person.reviews_due.get(skill_code)
    if due is None or today > review_days(due, rules.review_window_days)[1]:
        return FIRST
    return review_of(due)


def wish_of(
    person: EligibilityFacts, skill_code: str, level: int, audience: Audience, rules: EligibilityRules, today: date
) -> Wish:
    """What `person` asks of a batch for this audience, for a skill and level of it, today."""
    return Wish(skill_code, level, today.year, occasion_of(person, skill_code, rules, today), audience)


def judge(person: EligibilityFacts, wish: Wish, rules: EligibilityRules, today: date) -> Judgement:
    """Whether `person` may have the training of `wish` on the business date `today`, with all the reasons why not."""
    reasons = (
        *_of_the_claim(person, wish.audience),
        *_of_the_person(person, rules, today),
        *_of_the_benefits(person, wish, rules),
        *_of_the_review(wish, rules, today),
    )
    return _judgement(person, wish, rules, reasons, today)


def judge_answer(person: EligibilityFacts, wish: Wish, rules: EligibilityRules, today: date) -> Judgement:
    """What a register's answer after the certification says of a voucher (R10): nothing but what registers know.

    What its holder did since, another claim or a higher certificate, does not take back what they have earned.
    """
    paid_elsewhere = tuple(training for training in person.trainings if training.voucher_id is None)
    taken = {(training.skill_code, training.level, training.occasion) for training in paid_elsewhere}
    reasons = _of_the_person(person, rules, today)
    if (wish.skill_code, wish.level, wish.occasion) in taken:
        reasons.append(BENEFIT_TAKEN)
    return _judgement(person, wish, rules, reasons, today)


def _judgement(
    person: EligibilityFacts, wish: Wish, rules: EligibilityRules, reasons: Sequence[Reason], today: date
) -> Judgement:
    verdicts = {reason.verdict for reason in reasons}
    if Verdict.INELIGIBLE in verdicts:
        verdict = Verdict.INELIGIBLE
    else:
        verdict = Verdict.UNKNOWN if verdicts else Verdict.ELIGIBLE
    return Judgement(verdict, tuple(reasons), _inputs(person, wish, rules), today)


def check_eligible(judgement: Judgement) -> None:
    """Let only a plain yes through (A2): `NotEligible` or `EligibilityUndecided` otherwise."""
    if judgement.verdict is Verdict.INELIGIBLE:
        raise NotEligible(reasons=", ".join(judgement.codes))
    if judgement.verdict is Verdict.UNKNOWN:
        raise EligibilityUndecided(reasons=", ".join(judgement.codes))


def wish_of_voucher(voucher: VoucherFacts) -> Wish:
    """What a claimed voucher stands for, counted in the year of its claim."""
    if voucher.skill_code is None or voucher.level is None or voucher.occasion is None or voucher.claimed_at is None:
        raise ValueError("a voucher that is judged again was claimed")
    year = business_date(voucher.claimed_at).year
    return Wish(voucher.skill_code, voucher.level, year, voucher.occasion, voucher_id=voucher.voucher_id)


def says_anew(judgement: Judgement) -> bool:
    """Whether an answer after the certification makes another verdict: who does not know takes nothing back (R10)."""
    return judgement.verdict is not Verdict.UNKNOWN


def _of_the_person(person: EligibilityFacts, rules: EligibilityRules, today: date) -> list[Reason]:
    """D16: 16 to 59, or over if not drawing a pension; not on the fiscal payroll. An old extract says nothing."""
    reasons: list[Reason] = []
    said = person.evidence
    fresh = said.extract_as_of is not None and today <= said.extract_as_of + timedelta(rules.extract_valid_days)
    pension = said.pension if fresh else Pension.UNKNOWN
    payroll = said.fiscal_payroll if fresh else FiscalPayroll.UNKNOWN
    if person.age_years < rules.min_age_years:
        reasons.append(TOO_YOUNG)
    if person.age_years > rules.max_age_years and pension is not Pension.NOT_DRAWN:
        reasons.append(PENSION_DRAWN if pension is Pension.DRAWN else PENSION_UNKNOWN)
    if payroll is not FiscalPayroll.OFF:
        reasons.append(ON_FISCAL_PAYROLL if payroll is FiscalPayroll.ON else FISCAL_PAYROLL_UNKNOWN)
    if rules.outside_benefits_asked and not (fresh and said.outside_benefits_known):
        reasons.append(OUTSIDE_BENEFITS_UNKNOWN)
    return reasons


def _of_the_benefits(person: EligibilityFacts, wish: Wish, rules: EligibilityRules) -> list[Reason]:
    """A13 once per person, skill, level and occasion; D7 no lower level after a higher; D8 so many trainings a year."""
    others = [
        training for training in person.trainings if wish.voucher_id is None or training.voucher_id != wish.voucher_id
    ]
    had = {(training.skill_code, training.level) for training in others}
    taken = {(training.skill_code, training.level, training.occasion) for training in others}
    reasons = [BENEFIT_TAKEN] if (wish.skill_code, wish.level, wish.occasion) in taken else []
    if any(skill == wish.skill_code and 0 < level < wish.level for skill, level in had | person.levels_held):
        reasons.append(HIGHER_LEVEL_HELD)
    if sum(training.year == wish.year for training in others) >= rules.trainings_per_year:
        reasons.append(YEARLY_LIMIT)
    return reasons


def _of_the_review(wish: Wish, rules: EligibilityRules, today: date) -> list[Reason]:
    """R7: a permit is reviewed within the days before it is due."""
    due = due_on(wish.occasion)
    return [REVIEW_NOT_DUE] if due is not None and today < review_days(due, rules.review_window_days)[0] else []


def _of_the_claim(person: EligibilityFacts, audience: Audience | None) -> list[Reason]:
    """A17: the batch's groups, by recorded evidence; A23: its areas; a superseded record, or a dead holder's, takes
    nothing new. What was certified in their life is held and decided by people, never refused for it (R10).
    """
    if audience is None:
        return []
    reasons = [SUPERSEDED] if person.superseded else []
    if person.evidence.deceased:
        reasons.append(DECEASED)
    if audience.groups and not audience.groups & person.evidence.groups:
        reasons.append(NOT_IN_AUDIENCE)
    if person.area not in audience.areas and WHOLE_CITY not in audience.areas:
        reasons.append(AREA_OUTSIDE)
    return reasons


def _inputs(person: EligibilityFacts, wish: Wish, rules: EligibilityRules) -> dict[str, Any]:
    """What is stored beside the verdict. Groups are named by their evidence only, never by what they are."""
    said = person.evidence
    return {
        "age_years": person.age_years,
        "area": person.area,
        "pension": said.pension,
        "fiscal_payroll": said.fiscal_payroll,
        "outside_benefits_known": said.outside_benefits_known,
        "extract_id": str(said.extract_id) if said.extract_id else None,
        "extract_as_of": said.extract_as_of.isoformat() if said.extract_as_of else None,
        "group_evidence": [str(evidence) for evidence in said.group_evidence],
        "trainings": [
            [training.skill_code, training.level, training.year, training.occasion] for training in person.trainings
        ],
        "levels_held": sorted([skill, level] for skill, level in person.levels_held),
        "wish": [wish.skill_code, wish.level, wish.year, wish.occasion],
        "rules": asdict(rules),
    }
