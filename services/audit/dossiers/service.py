"""Reading a dossier, which leaves its record in the same unit of work."""

from dataclasses import dataclass
from uuid import UUID

from services.audit.case_facts import queries as case_queries
from services.audit.case_facts.queries import CaseFacts
from services.audit.dossiers.domain import DossierNotFound, DossierReadingAction, may_read
from services.audit.dossiers.models import DossierReading
from shared.persistence import UnitOfWork
from shared.persons import Person, person_behind
from shared.security import Principal


@dataclass(frozen=True, slots=True)
class Dossier:
    """A worker's lifelong electronic dossier of training and assessment."""

    person: Person
    facts: CaseFacts


def record_reading(uow: UnitOfWork, person_id: UUID, account: str) -> None:
    """Record that `account` looked at what is kept of a person; the worker's own looks too."""
    uow.create(DossierReading(person_id=person_id, account=account), DossierReadingAction.RECORD)


async def read_dossier(uow: UnitOfWork, caller: Principal, person_id: UUID) -> Dossier:
    """A person's dossier, all records of the person together (§二(二)6).

    `DossierNotFound` if there is no such person or the caller may not know of it.
    """
    person = await person_behind(uow, person_id)
    if person is None or not may_read(caller, person.records, person.area):
        raise DossierNotFound
    record_reading(uow, person.natural_person, caller.account)
    return Dossier(person, await case_queries.of_person(uow, person.records))
