"""Judging a list of payouts one by one, pure: what passes and what it writes, what is refused and why."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from services.payout.certificate_facts.domain import Certificate, CertificateMissing, CertificateUnverified
from services.payout.payouts.domain import PayoutFacts, PayoutNotFound
from shared.kernel.errors import DomainError

T = TypeVar("T", bound=Hashable)

Rule: TypeAlias = Callable[[PayoutFacts], Mapping[str, Any]]
"""Raises the refusal, or answers the columns that the step writes."""


@dataclass(frozen=True, slots=True)
class Docket:
    """Payouts as they are under lock, with their certificates read under lock before them."""

    payouts: Mapping[UUID, PayoutFacts]
    certificates: Mapping[UUID, Certificate]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """By payout: what it writes if it passed, why not if it did not."""

    writes: Mapping[UUID, Mapping[str, Any]]
    refusals: Mapping[UUID, DomainError]

    def only(self, ids: Collection[UUID]) -> "Verdicts":
        """The same verdicts, with only `ids` of those that passed."""
        return Verdicts({one: self.writes[one] for one in ids}, self.refusals)

    def unverified(self) -> list[UUID]:
        """Payouts whose stored certificate did not verify: somebody forged a row."""
        return [one for one, refusal in self.refusals.items() if isinstance(refusal, CertificateUnverified)]


def judge(docket: Docket, ids: Sequence[UUID], rule: Rule) -> Verdicts:
    """Judge each of `ids` by `rule`, and its certificate: valid now, its stored signature verified just now.

    The rule comes first: a refusal that the officer can mend is told before one that he cannot.
    """
    writes: dict[UUID, Mapping[str, Any]] = {}
    refusals: dict[UUID, DomainError] = {}
    for payout_id in ids:
        try:
            payout = docket.payouts.get(payout_id)
            if payout is None:
                raise PayoutNotFound
            written = rule(payout)
            certificate = docket.certificates.get(payout.certificate_id)
            if certificate is None or not certificate.fits(payout.person_id, payout.skill_code, payout.level):
                raise CertificateMissing
            certificate.demand_valid()
            writes[payout_id] = written
        except DomainError as refusal:
            refusals[payout_id] = refusal
    return Verdicts(writes, refusals)


def rounds(items: Sequence[T]) -> list[list[int]]:
    """Places of `items` in rounds: round k holds the k-th time that each item is named."""
    named: dict[T, int] = {}
    cut: list[list[int]] = []
    for place, item in enumerate(items):
        turn = named.get(item, 0)
        named[item] = turn + 1
        if turn == len(cut):
            cut.append([])
        cut[turn].append(place)
    return cut
