"""Entering, listing, warning, suspending, reinstating and removing institutions (§二(二)5)."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.training.classes.queries import lock_classes
from services.training.classes.queries import unstarted_of_institution as unstarted_classes
from services.training.classes.service import cancel_classes
from services.training.enrolments.queries import unstarted_of_institution as unstarted_enrolments
from services.training.enrolments.service import withdraw_enrolments
from services.training.institutions.domain import (
    InstitutionAction,
    InstitutionNotFound,
    ScopeLine,
    canonical_scope,
    check_second_officer,
)
from services.training.institutions.models import Institution, InstitutionAct, InstitutionScope
from services.training.institutions.queries import lock_institution
from services.training.person_facts.queries import same_people
from shared.persistence import UnitOfWork
from shared.security import Principal


@dataclass(frozen=True, slots=True)
class Application:
    """What an institution asks to be listed for; `credit_code` is canonical."""

    credit_code: str
    name: str
    area: str
    kind: str
    scope: tuple[ScopeLine, ...]


async def apply_institution(uow: UnitOfWork, application: Application, officer: Principal) -> Institution:
    """An officer enters an institution's application (A9); until it is listed, he or another may enter it anew."""
    if not officer.covers(application.area):
        raise InstitutionNotFound
    scope = _lines(application)
    rows = await uow.lock_rows(Institution, [application.credit_code], against="a listing while the scope changes")
    row = rows.get(application.credit_code)
    if row is None:
        row = Institution(id=application.credit_code, scope=scope)
        _describe(row, application, officer)
        uow.create(row, InstitutionAction.APPLY)
    else:
        if not officer.covers(row.area):
            raise InstitutionNotFound
        row.lifecycle.decide(row.status, InstitutionAction.APPLY)  # before its scope is touched
        row.scope = []
        await uow.session.flush()
        row.scope = scope
        _describe(row, application, officer)
        uow.move(row, InstitutionAction.APPLY)
    return await _remember(uow, row, InstitutionAction.APPLY, officer, "")


async def list_institution(uow: UnitOfWork, credit_code: str, officer: Principal) -> Institution:
    """A second officer puts the institution on the catalogue (A9, two natural persons)."""
    row = await lock_institution(uow, credit_code, officer)
    natural = await same_people(uow, [row.applied_by, officer.person])
    check_second_officer(natural[row.applied_by], natural[officer.person])
    row.listed_by = officer.person
    uow.move(row, InstitutionAction.LIST)
    return await _remember(uow, row, InstitutionAction.LIST, officer, "")


async def supervise_institution(
    uow: UnitOfWork, credit_code: str, action: InstitutionAction, reason_code: str, officer: Principal
) -> Institution:
    """Warn, suspend, reinstate or remove (A14). Who is suspended or removed keeps no trainee that has not begun.

    A removed institution's classes that have not begun are cancelled; a suspended one's wait for its reinstatement.
    """
    unstarted = await unstarted_classes(uow, credit_code) if action is InstitutionAction.REMOVE else []
    await lock_classes(uow, unstarted)  # before the institution, as everybody does who needs both
    row = await lock_institution(uow, credit_code, officer)
    uow.move(row, action)
    await _remember(uow, row, action, officer, reason_code)
    if action is InstitutionAction.REMOVE:
        await cancel_classes(uow, await unstarted_classes(uow, row.id), "institution_removed")
    if action in {InstitutionAction.SUSPEND, InstitutionAction.REMOVE}:
        reason = "institution_suspended" if action is InstitutionAction.SUSPEND else "institution_removed"
        await withdraw_enrolments(uow, dict.fromkeys(await unstarted_enrolments(uow, row.id), reason))
    return row


def _describe(row: Institution, application: Application, officer: Principal) -> None:
    row.applied_by = officer.person
    row.name, row.area, row.kind = application.name, application.area, application.kind


def _lines(application: Application) -> list[InstitutionScope]:
    lines: Iterable[ScopeLine] = canonical_scope(application.scope)
    return [
        InstitutionScope(
            institution=application.credit_code,
            skill_code=line.skill_code,
            level=line.level,
            valid_from=line.valid_from,
            valid_to=line.valid_to,
        )
        for line in lines
    ]


async def _remember(
    uow: UnitOfWork, row: Institution, action: InstitutionAction, officer: Principal, reason_code: str
) -> Institution:
    """Write down who did it and why."""
    await uow.session.flush()
    uow.session.add(
        InstitutionAct(
            institution=row.id,
            version=row.version,
            action=str(action),
            reason_code=reason_code,
            officer=officer.person,
            account=officer.account,
            acted_at=uow.now,
        )
    )
    return row
