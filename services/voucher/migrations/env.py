"""Alembic's entry: what the voucher service's tables should be."""

from services.voucher.batches import models as batches
from services.voucher.certificate_facts import models as certificate_facts
from services.voucher.certifications import models as certifications
from services.voucher.counter_claims import models as counter_claims
from services.voucher.eligibility import models as eligibility
from services.voucher.holds import models as holds
from services.voucher.mandates import models as mandates
from services.voucher.models import Base
from services.voucher.payout_facts import models as payout_facts
from services.voucher.vouchers import models as vouchers
from services.voucher.workers import models as workers
from shared.persistence import migrations

ROOMS = (
    workers,
    eligibility,
    batches,
    vouchers,
    certifications,
    holds,
    mandates,
    counter_claims,
    payout_facts,
    certificate_facts,
)
"""Imported so that their tables hang on the metadata."""

migrations.run(Base.metadata)
