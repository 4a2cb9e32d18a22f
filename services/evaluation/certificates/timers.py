"""What the clock moves: permits that were not reviewed in time, or whose validity is over."""

from services.evaluation.certificates import queries
from services.evaluation.certificates.domain import CertificateAction
from services.evaluation.certificates.models import Certificate
from shared.messaging import Timer
from shared.persistence import UnitOfWork


async def expire_certificates(uow: UnitOfWork, limit: int) -> int:
    """Permits expire when a review is due and missed, and after their last day (R7); a review gives a new one."""
    due = await queries.lock_due_to_expire(uow, limit)
    each = {
        certificate_id: {"since": uow.today, "reason_code": "validity_over" if over else "review_missed"}
        for certificate_id, over in due.items()
    }
    return len(await uow.move_all(Certificate, CertificateAction.EXPIRE, due, each=each))


TIMERS = [Timer("evaluation.expire_certificates", expire_certificates)]
