"""The worker's dossier over HTTP."""

from uuid import UUID

from services.audit.dossiers.domain import DossierNotFound
from services.audit.dossiers.schemas import DossierView
from services.audit.dossiers.service import read_dossier
from shared.http import Allow, Caller, Refuses, Role, Uow, api_router

router = api_router(
    "/v1/dossiers", tag="dossiers", description="The lifelong dossier (电子档案) of a worker, §二(二)6."
)


@router.get("/{person_id}", dependencies=[Allow(Role.WORKER, Role.OFFICER, Role.AUDITOR), Refuses(DossierNotFound)])
async def get_dossier(person_id: UUID, uow: Uow, caller: Caller) -> DossierView:
    """Read a worker's lifelong dossier of training and assessment. Each reading is recorded (§二(二)6)."""
    return DossierView.of(await read_dossier(uow, caller, person_id))
