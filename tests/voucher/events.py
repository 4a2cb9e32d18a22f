"""What evaluation and payout say."""

from typing import Any
from uuid import UUID

from services.voucher.vouchers.models import Voucher
from shared.contracts.envelope import Event
from shared.contracts.payout import PayoutEvent
from shared.security import CertificateFacts
from tests.clock import business_now
from tests.databases import TESTER


def payout_event(cls: type[PayoutEvent], voucher: Voucher, payout_id: UUID, version: int, **said: Any) -> PayoutEvent:
    """An event of a payout of this voucher."""
    data = {
        "id": payout_id,
        "version": version,
        "business_at": business_now(),
        "actor": TESTER,
        "voucher_id": voucher.id,
        "person_id": voucher.person_id,
        "skill_code": voucher.skill_code,
        "level": voucher.level,
        "benefit": "training",
        "programme": voucher.programme,
        "fund_source": voucher.fund_source,
        "area": voucher.area,
        "institution": voucher.institution,
        "amount_fen": 160_000,
        "code": "rejected_by_review",
    }
    return cls.model_validate(data | said)


def certificate_event(cls: type[Event], facts: CertificateFacts, jws: str, **said: Any) -> Event:
    """The event that carries a signed certificate."""
    usual = {"id": facts.certificate_id, "version": 1, "business_at": business_now(), "actor": TESTER, "jws": jws}
    return cls.model_validate(facts.model_dump() | usual | said)
