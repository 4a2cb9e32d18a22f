"""Judging payouts of a list one by one: what passes and what it writes, what is refused and why."""

from collections.abc import Collection, Iterator, Mapping, Set
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from services.payout.certificate_facts.domain import Certificate, CertificateMissing, CertificateUnverified
from services.payout.payouts.domain import FactsIncomplete, PayoutFacts, PayoutNotFound
from shared.kernel.errors import DomainError


class Decisions:
    """Payouts as they are under lock, their certificates read under lock before them, and what is decided of each.

    ```
    for payout in decisions.payouts:
        with decisions.on(payout):
            payout.decide(PayoutAction.REVIEW)
            decisions.accept(payout, reviewed_by=officer.person_id)
    ```
    """

    def __init__(
        self,
        ids: Collection[UUID],
        payouts: Mapping[UUID, PayoutFacts],
        certificates: Mapping[UUID, Certificate],
        incomplete: Set[UUID],
    ) -> None:
        self.payouts = list(payouts.values())
        self.accepted: dict[UUID, Mapping[str, Any]] = {}
        """By payout that passed, the columns that the step writes."""
        self.refused: dict[UUID, DomainError] = {
            payout_id: PayoutNotFound() for payout_id in ids if payout_id not in payouts
        }
        """By payout that did not pass, why."""
        self._certificates = certificates
        self._incomplete = incomplete

    @contextmanager
    def on(self, payout: PayoutFacts) -> Iterator[None]:
        """Decide on one payout inside the block: a refusal raised there is the decision."""
        try:
            yield
        except DomainError as refusal:
            self.refused[payout.id] = refusal

    def accept(self, payout: PayoutFacts, **columns: Any) -> None:
        """Let a payout pass if nothing about it is parked and its certificate is valid, its signature just verified.

        This comes last: a refusal that the officer can mend comes before one that they cannot.
        """
        if payout.id in self._incomplete:
            raise FactsIncomplete
        certificate = self._certificates.get(payout.certificate_id)
        if certificate is None or not certificate.fits(
            payout.person_id, payout.skill_code, payout.level, payout.occasion
        ):
            raise CertificateMissing
        certificate.check_valid()
        self.accepted[payout.id] = columns

    def unverified(self) -> list[UUID]:
        """Payouts whose stored certificate did not verify: somebody forged a row."""
        return [payout_id for payout_id, refusal in self.refused.items() if isinstance(refusal, CertificateUnverified)]
