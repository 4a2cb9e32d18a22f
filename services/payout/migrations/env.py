"""Alembic's entry: what the payout service's tables should be."""

from services.payout.accounts import models as accounts
from services.payout.certificate_facts import models as certificate_facts
from services.payout.funds import models as funds
from services.payout.holds import models as holds
from services.payout.institution_facts import models as institution_facts
from services.payout.instructions import models as instructions
from services.payout.ledger import models as ledger
from services.payout.models import Base
from services.payout.payment_batches import models as payment_batches
from services.payout.payouts import models as payouts
from services.payout.person_facts import models as person_facts
from services.payout.rates import models as rates
from services.payout.rules import models as rules
from services.payout.voucher_facts import models as voucher_facts
from shared.persistence import migrations

ROOMS = (
    rules,
    rates,
    funds,
    ledger,
    accounts,
    person_facts,
    institution_facts,
    certificate_facts,
    voucher_facts,
    payouts,
    holds,
    instructions,
    payment_batches,
)
"""Imported so that their tables hang on the metadata."""

migrations.run(Base.metadata)
