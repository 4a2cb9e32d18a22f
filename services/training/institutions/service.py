"""Entering institutions' applications and putting them on the catalogue (§二(二)5); `supervision` does the rest."""

from dataclasses import dataclass

from services.training.institutions.domain import (
    InstitutionAction,
    InstitutionNotFound,
    ScopeLine,
    canonical_scope,
    check_second_officer,
)
from services.training.institutions.models import Institution, InstitutionScope
from services.training.institutions.queries import lock_institution
from shared.persistence import UnitOfWork
from shared.persons import keep_merges_out, natural_persons
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
    """An officer enters an institution's application (A9); until it is listed, it may be entered anew."""
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
    return row


async def put_on_catalogue(uow: UnitOfWork, credit_code: str, officer: Principal) -> Institution:
    """A second officer puts the institution on the catalogue (A9, two natural persons)."""
    row = await lock_institution(uow, credit_code, officer)
    await keep_merges_out(uow)
    natural = await natural_persons(uow, [row.applied_by, officer.person])
    check_second_officer(natural[row.applied_by], natural[officer.person])
    row.listed_by = officer.person
    uow.move(row, InstitutionAction.LIST)
    return row


def _describe(row: Institution, application: Application, officer: Principal) -> None:
    row.name, row.area, row.kind = application.name, application.area, application.kind
    row.applied_by = officer.person


def _lines(application: Application) -> list[InstitutionScope]:
    return [
        InstitutionScope(
            institution=application.credit_code,
            skill_code=line.skill_code,
            level=line.level,
            valid_from=line.valid_from,
            valid_to=line.valid_to,
        )
        for line in canonical_scope(application.scope)
    ]
