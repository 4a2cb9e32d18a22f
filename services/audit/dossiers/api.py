"""The worker's dossier over HTTP."""

from uuid import UUID

from services.audit.dossiers.schemas import DossierView
from services.audit.dossiers.service import read_dossier
from shared.http import Allow, Caller, Role, Uow, api_router

router = api_router("/v1/dossiers", tag="dossiers")


@router.get("/{person_id}", dependencies=[Allow(Role.WORKER, Role.OFFICER, Role.AUDITOR)])
async def read(person_id: UUID, uow: Uow, caller: Caller) -> DossierView:
    """A worker's lifelong dossier of training and assessment (§二(二)6). Each reading is recorded."""
    return DossierView.of(await read_dossier(uow, caller, person_id))
