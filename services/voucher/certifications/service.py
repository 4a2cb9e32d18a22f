"""Certify vouchers by the certificates that name them, and end or undo what no certificate stands for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.voucher.certifications import domain
from services.voucher.certifications.domain import CertificationRules, CertifyRequest
from services.voucher.certifications.models import VoucherCertificate
from services.voucher.eligibility.domain import VerdictStep
from services.voucher.eligibility.service import GivenVerdict, judge_vouchers, keep_verdicts
from services.voucher.vouchers.domain import VoucherAction
from services.voucher.vouchers.queries import (
    lock_certified_by,
    lock_due_to_void,
    lock_with_holders,
    with_another_live,
)
from services.voucher.vouchers.service import move_vouchers, uncertify_vouchers
from services.voucher.workers.queries import People, find_people
from shared.kernel.errors import DomainError
from shared.kernel.rounds import in_rounds
from shared.persistence import UnitOfWork, rules_on
from shared.security import KeySet, verify_certificate

SIGNED = (
    "certificate_id",
    "person_id",
    "skill_code",
    "level",
    "act",
    "occasion",
    "voucher_id",
    "enrolment_id",
    "assessed_on",
    "completed_on",
    "issued_on",
)
"""What the event says and the signature must confirm: voucher trusts the signature, not the topic."""
CARRIED = ("certificate_id", "jws", "assessed_on", "completed_on")
"""What of the certificate travels on in `voucher.certified`."""


async def certify_vouchers(uow: UnitOfWork, requests: Sequence[CertifyRequest]) -> list[DomainError | None]:
    """以证换券 (§二(二)7): a valid certificate of the same person, skill and level makes the voucher payable, once.

    What does not fit is answered by `voucher.certify_refused`. The event carries a fresh eligibility verdict, on which
    payout decides: the training and the certificate are facts whatever it says.
    """
    keys = uow.keys.certificates
    return await in_rounds(requests, lambda request: request.voucher_id, lambda turn: _certify_round(uow, turn, keys))


async def _certify_round(uow: UnitOfWork, requests: Sequence[CertifyRequest], keys: KeySet) -> list[DomainError | None]:
    by_voucher = {request.voucher_id: request for request in requests}
    vouchers = await lock_with_holders(
        uow, by_voucher, against="another certificate for the voucher, a cancellation or the end of its time"
    )
    facts = {voucher_id: voucher.facts() for voucher_id, voucher in vouchers.items()}
    elsewhere = await with_another_live(uow, vouchers.values())
    rules = await rules_on(uow, CertificationRules, uow.today)
    refused: dict[UUID, DomainError] = {}
    for voucher_id, request in by_voucher.items():
        try:
            check_signed(request, keys)
            domain.check_certify(facts[voucher_id], request, rules, live_elsewhere=voucher_id in elsewhere)
        except DomainError as refusal:
            refused[voucher_id] = refusal
    fitting = [request for request in requests if request.voucher_id not in refused]
    consumed = await _consume_certificates(uow, fitting)
    refused |= {
        request.voucher_id: domain.CertificateUsed() for request in fitting if request.certificate_id not in consumed
    }
    accepted = {request.voucher_id: request for request in fitting if request.voucher_id not in refused}
    holders = await find_people(uow, [request.person_id for request in accepted.values()]) if accepted else {}
    verdicts = await judge_vouchers(uow, [facts[voucher_id] for voucher_id in accepted], holders)
    await _certify(uow, accepted, verdicts, holders)
    await move_vouchers(
        uow,
        VoucherAction.REFUSE_CERTIFY,
        refused,
        details=lambda voucher: {
            "certificate_id": by_voucher[voucher.id].certificate_id,
            "code": refused[voucher.id].code,
        },
    )
    return [refused.get(request.voucher_id) for request in requests]


def check_signed(request: CertifyRequest, keys: KeySet) -> None:
    """The certificate is authentic, and the signature says what the event says.

    `CertificateSignatureInvalid`, or `CertificateContradicts` with the first part that differs.
    """
    signed = verify_certificate(request.jws, keys)
    for part in SIGNED:
        if getattr(signed, part) != getattr(request, part):
            raise domain.CertificateContradicts(part=part)


async def _consume_certificates(uow: UnitOfWork, requests: Sequence[CertifyRequest]) -> set[UUID]:
    """Consume each certificate for its voucher (A5); answers those that no voucher had used before."""
    if not requests:
        return set()
    names = ("certificate_id", "voucher_id", "person_id", "skill_code", "level", "occasion", "assessed_on",
             "completed_on", "issued_on")  # fmt: skip
    rows = [{name: getattr(request, name) for name in names} for request in requests]
    statement = insert(VoucherCertificate).values(rows).on_conflict_do_nothing()
    return set(await uow.session.scalars(statement.returning(VoucherCertificate.certificate_id)))


async def _certify(
    uow: UnitOfWork,
    accepted: Mapping[UUID, CertifyRequest],
    verdicts: Mapping[UUID, GivenVerdict],
    holders: People,
) -> None:
    """Move the vouchers, each with its fresh verdict, which is kept and travels with the event.

    The holder's masked name travels too: payout publishes it, and learns no more of the name (D19).
    """
    masked = {person_id: person.masked_name(uow.keys.fields) for person_id, person in holders.items()}
    decided = {
        voucher_id: {
            "eligibility_decided_on": given.judgement.decided_on,
            "certificate_id": accepted[voucher_id].certificate_id,
            "certified_on": uow.today,
        }
        for voucher_id, given in verdicts.items()
    }
    await move_vouchers(
        uow,
        VoucherAction.CERTIFY,
        accepted,
        each=decided,
        details=lambda voucher: {
            **{name: getattr(accepted[voucher.id], name) for name in CARRIED},
            "eligibility": verdicts[voucher.id].judgement.verdict,
            "masked_name": masked[voucher.person_id],
        },
    )
    await keep_verdicts(uow, VerdictStep.CERTIFICATION, list(verdicts.values()))


async def uncertify_revoked(uow: UnitOfWork, certificate_ids: Collection[UUID]) -> None:
    """Uncertify what these certificates made payable (R3); a voucher that settles waits for what its payout says."""
    against = "a payout opening meanwhile"
    await uncertify_vouchers(uow, await lock_certified_by(uow, certificate_ids, against=against))


async def void_uncertified(uow: UnitOfWork, limit: int) -> int:
    """End vouchers whose class ended longer ago than D21 without a valid certificate; answers how many."""
    rules = await rules_on(uow, CertificationRules, uow.today)
    due = await lock_due_to_void(uow, uow.today - timedelta(days=rules.void_after_days), limit)
    return len(await move_vouchers(uow, VoucherAction.VOID, due, details=lambda _: {"code": "uncertified_in_time"}))
