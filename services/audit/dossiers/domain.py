"""Who may read a worker's dossier, and the record that each reading leaves."""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import NotFound
from shared.kernel.lifecycle import Edge, Lifecycle
from shared.security.principals import Principal, Role


class DossierReadingState(StrEnum):
    """A reading is recorded, and that is all that ever happens to it."""

    RECORDED = "recorded"


class DossierReadingAction(StrEnum):
    """A reading has one edge."""

    RECORD = "record"


DOSSIER_READING = Lifecycle(
    "audit.dossier_reading",
    {(None, DossierReadingAction.RECORD): Edge(DossierReadingState.RECORDED, emits="dossier_reading.recorded")},
)


class DossierNotFound(NotFound):
    """No such person, or one outside the caller's scope."""

    code = "dossier_not_found"
    policy = "§二(二)6"
    zh, en = "未找到该劳动者的电子档案", "There is no such dossier."


def may_read(caller: Principal, records: Collection[UUID], area: str) -> bool:
    """Whether `caller` may read what is kept of a person (§二(二)6; DOMAIN §4, 15).

    Workers read their own, under the id of any of their records; officers and auditors those of their areas.
    """
    if caller.role == Role.WORKER:
        return caller.person_id in records
    return caller.role in (Role.OFFICER, Role.AUDITOR) and caller.covers(area)
