"""What the clock moves: permits whose validity is over."""

from services.evaluation.certificates import queries
from services.evaluation.certificates.domain import CertificateAction
from services.evaluation.certificates.models import Certificate
from shared.messaging import Timer
from shared.persistence import UnitOfWork


async def expire_certificates(uow: UnitOfWork, limit: int) -> int:
    """Permits run out after their last day (DOMAIN §2); a review gives a new one."""
    due = await queries.lock_due_to_expire(uow, limit)
    values = {"since": uow.today, "reason_code": "validity_over"}
    return len(await uow.move_all(Certificate, CertificateAction.EXPIRE, due, values=values))


TIMERS = [Timer("evaluation.expire_certificates", expire_certificates)]
