"""What payout tells."""

from typing import Any
from uuid import UUID

from services.voucher.vouchers.models import Voucher
from shared.contracts.payout import PayoutEvent
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
