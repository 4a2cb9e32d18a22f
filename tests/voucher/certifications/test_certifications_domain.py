"""Certifying without a database."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from services.voucher.certifications.domain import (
    AssessedBeforeCompletion,
    CertificateContradicts,
    CertificationRules,
    CertifiedTooLate,
    CertifyRequest,
    CompletionMissing,
    check_certify,
)
from services.voucher.vouchers.domain import (
    NotTheHolder,
    SkillDiffers,
    VoucherAction,
    VoucherAlreadyLive,
    VoucherFacts,
    VoucherState,
)
from shared.kernel.errors import DomainError
from shared.kernel.lifecycle import WrongState
from tests.voucher.facts import CERTIFY, CLAIMED, IN_USE

S, A = VoucherState, VoucherAction
RULES = CertificationRules(void_after_days=180)


@pytest.mark.parametrize(
    ("voucher", "request_", "refusal"),
    [
        (CLAIMED, CERTIFY, WrongState),
        (IN_USE, replace(CERTIFY, person_id=uuid4()), NotTheHolder),
        (IN_USE, replace(CERTIFY, level=5), SkillDiffers),
        (IN_USE, replace(CERTIFY, occasion="review:2027-01-10"), CertificateContradicts),
        (IN_USE, replace(CERTIFY, enrolment_id=uuid4()), CertificateContradicts),
        (IN_USE, replace(CERTIFY, completed_on=None), CompletionMissing),
        (IN_USE, replace(CERTIFY, assessed_on=None), CompletionMissing),
        (IN_USE, replace(CERTIFY, assessed_on=date(2026, 12, 29)), AssessedBeforeCompletion),
        (IN_USE, replace(CERTIFY, issued_on=date(2027, 6, 29)), CertifiedTooLate),
    ],
)
def test_what_does_not_certify(voucher: VoucherFacts, request_: CertifyRequest, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        check_certify(voucher, request_, RULES)


def test_certifying_under_a_hold_and_after_the_void() -> None:
    """A certificate is a fact already true elsewhere; issued in time, it revives a voided voucher (D21)."""
    in_time = replace(CERTIFY, issued_on=date(2027, 6, 28))
    check_certify(replace(IN_USE, open_holds=2), in_time, RULES)
    check_certify(replace(IN_USE, status=S.VOID_UNCERTIFIED), in_time, RULES)
    with pytest.raises(VoucherAlreadyLive):
        check_certify(replace(IN_USE, status=S.VOID_UNCERTIFIED), in_time, RULES, live_elsewhere=True)
