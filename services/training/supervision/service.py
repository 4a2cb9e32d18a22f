"""Warning, suspending, reinstating and removing institutions (§二(二)5; A14)."""

from services.training.classes.queries import lock_classes, open_classes_of
from services.training.classes.service import cancel_classes, stop_classes
from services.training.enrolments.queries import unstarted_enrolments_at
from services.training.enrolments.service import withdraw_enrolments
from services.training.institutions.domain import InstitutionAction
from services.training.institutions.queries import InstitutionRow, lock_institution
from shared.persistence import UnitOfWork
from shared.security import Principal


async def supervise_institution(
    uow: UnitOfWork, credit_code: str, action: InstitutionAction, reason_code: str, officer: Principal
) -> InstitutionRow:
    """Warn, suspend, reinstate or remove (A14). Who is suspended or removed keeps no trainee that has not begun.

    A removed institution's classes that have not begun are cancelled, those that run are stopped, and their trainees
    have their vouchers back (R5); a suspended one's wait for its reinstatement.
    """
    removed = action is InstitutionAction.REMOVE
    unstarted, running = await open_classes_of(uow, credit_code) if removed else ([], [])
    await lock_classes(uow, [*unstarted, *running])  # before the institution, as everybody does who needs both
    row = await lock_institution(uow, credit_code, officer)
    row.reason_code = reason_code
    uow.move(row, action)
    await uow.session.flush()
    if removed:
        unstarted, running = await open_classes_of(uow, row.id)
        await cancel_classes(uow, unstarted, "institution_removed")
        await stop_classes(uow, running, "institution_removed")
    if removed or action is InstitutionAction.SUSPEND:
        reason = "institution_removed" if removed else "institution_suspended"
        await withdraw_enrolments(uow, dict.fromkeys(await unstarted_enrolments_at(uow, row.id), reason))
    return row
