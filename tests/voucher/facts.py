"""A voucher and what may be asked of it, for tests without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from services.voucher.bindings.domain import (
    BindRequest,
)
from services.voucher.certifications.domain import (
    CertifyRequest,
)
from services.voucher.claims.domain import valid_until
from services.voucher.vouchers.domain import VoucherFacts, VoucherState, VoucherTerms
from shared.kernel.clock import business_date

CLAIMED_AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
CLAIMED = VoucherFacts(
    voucher_id=uuid4(),
    person_id=uuid4(),
    terms=VoucherTerms(uuid4(), "training_voucher", "employment_subsidy_fund", "2022-03"),
    status=VoucherState.CLAIMED,
    open_holds=0,
    skill_code="4-03-02-01",
    level=4,
    occasion="first",
    claimed_at=CLAIMED_AT,
    valid_until=valid_until(business_date(CLAIMED_AT), 90),
    enrolment_id=None,
    class_id=None,
    ends_on=None,
    certify_by=None,
    failed_trainings=0,
    certificate_id=None,
    payout_id=None,
)
BIND = BindRequest(
    voucher_id=CLAIMED.voucher_id,
    person_id=CLAIMED.person_id,
    enrolment_id=uuid4(),
    class_id=uuid4(),
    class_area="410402",
    channel="social",
    institution="x" * 18,
    payee_kind="institution",
    payee_id="x" * 18,
    mandate_id=None,
    skill_code="4-03-02-01",
    level=4,
    act="first",
    starts_on=date(2026, 12, 10),
    ends_on=date(2026, 12, 30),
    presented_at=CLAIMED_AT + timedelta(days=3),
)
IN_USE = replace(CLAIMED, status=VoucherState.IN_USE, enrolment_id=BIND.enrolment_id, ends_on=BIND.ends_on)
CERTIFY = CertifyRequest(
    voucher_id=CLAIMED.voucher_id,
    certificate_id=uuid4(),
    person_id=CLAIMED.person_id,
    skill_code="4-03-02-01",
    level=4,
    act="first",
    occasion="first",
    enrolment_id=BIND.enrolment_id,
    assessed_on=date(2027, 1, 10),
    completed_on=date(2026, 12, 30),
    issued_on=date(2027, 1, 12),
    jws="a.b.c",
)
