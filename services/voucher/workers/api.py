"""People over HTTP."""

from uuid import UUID

from services.voucher.workers import queries, service
from services.voucher.workers.domain import (
    NameContradicts,
    NameProposalNotFound,
    NameProposalSelfApproval,
    OwnRecord,
    PersonNotFound,
    PhoneInvalid,
)
from services.voucher.workers.schemas import (
    ChangePhoneRequest,
    MoveWorkerRequest,
    NameProposalView,
    PersonChangeListView,
    PersonChangeView,
    PersonView,
    ProposeNameRequest,
    RegisteredPersonView,
    RegisterWorkerRequest,
    UnmaskedPersonView,
    UnmaskWorkerRequest,
)
from shared.http import Allow, Caller, Creates, Refuses, Role, Uow, api_router, idempotent_by_nature, the_one
from shared.kernel.citizen_id import CitizenIdInvalid
from shared.kernel.lifecycle import WrongState
from shared.kernel.text import NameInvalid, NamePrivateUse
from shared.reference.areas import AreaUnknown, WholeCityNoArea

router = api_router(
    "/v1/workers", tag="workers", description="People, each registered once under their real name (实名制), §二(二)6."
)
REGISTRATION = Refuses(
    CitizenIdInvalid, PhoneInvalid, NameInvalid, NamePrivateUse, AreaUnknown, WholeCityNoArea, NameContradicts
)


@router.post("", dependencies=[Allow(Role.PORTAL), Creates("/v1/workers/{person_id}"), REGISTRATION])
async def register_worker(body: RegisterWorkerRequest, uow: Uow) -> RegisteredPersonView:
    """Register a person under their real name (实名制). Whoever is registered already is answered as they are."""
    return RegisteredPersonView.of(the_one(await service.register_people(uow, [body.registration()])), uow.keys.fields)


@router.get("/{person_id}", dependencies=[Allow(Role.WORKER, Role.OFFICER), Refuses(PersonNotFound)])
async def get_worker(person_id: UUID, uow: Uow, caller: Caller) -> PersonView:
    """Get a person's record, masked. Workers get their own, officers those of their areas."""
    return PersonView.of(await service.see_person(uow, caller, person_id), uow.keys.fields)


@router.post(
    "/{person_id}/unmaskings", dependencies=[Allow(Role.OFFICER), idempotent_by_nature, Refuses(PersonNotFound)]
)
async def unmask_worker(person_id: UUID, body: UnmaskWorkerRequest, uow: Uow, caller: Caller) -> UnmaskedPersonView:
    """Look at personal data in the clear, with a reason. Every look is recorded.

    It takes no idempotency key: the answer would be stored with it, and this one may lie nowhere.
    """
    person = await service.see_person(uow, caller, person_id)
    shown = await service.unmask(uow, person, caller, body.reason_code, sorted(set(body.fields)))
    return UnmaskedPersonView.model_validate({"person_id": person_id, **shown})


@router.get("/{person_id}/changes", dependencies=[Allow(Role.WORKER, Role.OFFICER), Refuses(PersonNotFound)])
async def list_worker_changes(person_id: UUID, uow: Uow, caller: Caller) -> PersonChangeListView:
    """List what a person's record said before, masked, and who changed it."""
    await service.see_person(uow, caller, person_id)
    changes = await queries.changes_of(uow, person_id)
    return PersonChangeListView(data=[PersonChangeView.of(change, uow.keys.fields) for change in changes])


@router.post(
    "/{person_id}/phone-changes",
    dependencies=[Allow(Role.WORKER, Role.OFFICER), Refuses(PersonNotFound, PhoneInvalid, WrongState)],
)
async def change_worker_phone(person_id: UUID, body: ChangePhoneRequest, uow: Uow, caller: Caller) -> PersonView:
    """Change a person's telephone number: workers their own, officers at the counter. The former one is kept."""
    await service.see_person(uow, caller, person_id)
    return PersonView.of(await service.change_phone(uow, person_id, body.phone, caller.person), uow.keys.fields)


@router.post(
    "/{person_id}/area-changes",
    dependencies=[
        Allow(Role.OFFICER),
        Refuses(PersonNotFound, OwnRecord, AreaUnknown, WholeCityNoArea, WrongState),
    ],
)
async def move_worker(person_id: UUID, body: MoveWorkerRequest, uow: Uow, caller: Caller) -> PersonView:
    """State that a person lives in another of the twelve areas. Vouchers keep the area that they were claimed for."""
    await service.see_somebody_else(uow, caller, person_id)
    return PersonView.of(await service.move_person(uow, person_id, body.area, caller.person), uow.keys.fields)


@router.post(
    "/{person_id}/name-proposals",
    dependencies=[
        Allow(Role.OFFICER),
        Creates("/v1/workers/{person_id}"),
        Refuses(PersonNotFound, OwnRecord, NameInvalid, NamePrivateUse, WrongState),
    ],
)
async def propose_worker_name(person_id: UUID, body: ProposeNameRequest, uow: Uow, caller: Caller) -> NameProposalView:
    """Propose the name that a person has by law now, with the evidence. It takes the place of an earlier proposal."""
    await service.see_somebody_else(uow, caller, person_id)
    proposal = await service.propose_name(uow, person_id, body.name, body.reason_code, body.evidence, caller.person)
    return NameProposalView.of(proposal, body.name)


@router.post(
    "/{person_id}/name-proposals/{proposal_id}/approvals",
    dependencies=[
        Allow(Role.OFFICER),
        Refuses(PersonNotFound, OwnRecord, NameProposalNotFound, NameProposalSelfApproval, WrongState),
    ],
)
async def approve_worker_name(person_id: UUID, proposal_id: UUID, uow: Uow, caller: Caller) -> PersonView:
    """Approve a change of name, as another officer. Certificates issued before stay true to their time."""
    await service.see_somebody_else(uow, caller, person_id)
    return PersonView.of(await service.approve_name(uow, person_id, proposal_id, caller.person), uow.keys.fields)
