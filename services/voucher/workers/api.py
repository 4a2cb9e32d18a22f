"""People over HTTP."""

from uuid import UUID

from services.voucher.workers import service
from services.voucher.workers.domain import check_past
from services.voucher.workers.schemas import (
    ExtractBody,
    FactsView,
    GroupBody,
    PersonView,
    RegisterBody,
    RegisteredView,
    SupersedeBody,
    UnmaskBody,
    UnmaskedView,
)
from services.voucher.workers.service import OtherBenefit, Registration
from shared.http import Allow, Caller, Role, Uow, api_router, idempotent_by_nature, the_one
from shared.reference.areas import area
from shared.reference.skills import check_skill_level

router = api_router("/v1/workers", tag="workers")


@router.post("", status_code=201, dependencies=[Allow(Role.PORTAL)])
async def register(body: RegisterBody, uow: Uow) -> RegisteredView:
    """Register a person under his real name (实名制); whoever is registered already is answered as he is."""
    registration = Registration(
        name=body.name,
        id_number=body.id_number,
        phone=body.phone,
        area=area(body.area).code,
        method=body.real_name.method,
        level=body.real_name.level,
        verified_at=body.real_name.verified_at,
    )
    return RegisteredView.of(the_one(await service.register_people(uow, [registration])), uow.keys.fields)


@router.get("/{person_id}", dependencies=[Allow(Role.WORKER, Role.OFFICER)])
async def show(person_id: UUID, uow: Uow, caller: Caller) -> PersonView:
    """One's own record, or one of the officer's area, masked."""
    return PersonView.of(await service.see_person(uow, caller, person_id), uow.keys.fields)


@router.post("/{person_id}/unmaskings", status_code=201, dependencies=[Allow(Role.OFFICER), idempotent_by_nature])
async def unmask(person_id: UUID, body: UnmaskBody, uow: Uow, caller: Caller) -> UnmaskedView:
    """Look at personal data in the clear, with a reason; every look is recorded.

    It takes no idempotency key: the answer would be stored with it, and this one may lie nowhere.
    """
    person = await service.see_person(uow, caller, person_id)
    shown = await service.unmask(uow, person, caller, body.reason_code, sorted(set(body.fields)))
    return UnmaskedView.model_validate({"person_id": person_id, **shown})


@router.post("/{person_id}/groups", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def record_group(person_id: UUID, body: GroupBody, uow: Uow, caller: Caller) -> FactsView:
    """Record evidence of a priority group."""
    await service.see_somebody_else(uow, caller, person_id)
    check_past(body.as_of, uow.today)
    person = await service.record_group(
        uow,
        person_id,
        body.group,
        evidence=body.evidence,
        source=body.source,
        as_of=body.as_of,
        until=body.until,
        by=caller.account,
    )
    return FactsView(person_id=person.id, version=person.version)


@router.post("/{person_id}/register-extracts", status_code=201, dependencies=[Allow(Role.PORTAL, Role.OFFICER)])
async def record_extract(person_id: UUID, body: ExtractBody, uow: Uow, caller: Caller) -> FactsView:
    """Record what the pension, payroll and benefit registers say."""
    await service.see_somebody_else(uow, caller, person_id)
    check_past(body.as_of, uow.today)
    others = [
        OtherBenefit(
            one.programme,
            check_skill_level(one.skill_code, one.level).code,
            one.level,
            check_past(one.taken_on, uow.today),
        )
        for one in body.other_benefits or ()
    ]
    person = await service.record_extract(
        uow,
        person_id,
        body.pension,
        body.fiscal_payroll,
        other_benefits=None if body.other_benefits is None else others,
        source=body.source,
        as_of=body.as_of,
        by=caller.account,
    )
    return FactsView(person_id=person.id, version=person.version)


@router.post("/{person_id}/supersessions", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def supersede(person_id: UUID, body: SupersedeBody, uow: Uow, caller: Caller) -> PersonView:
    """State that two records are of one person, and which one stands."""
    await service.see_somebody_else(uow, caller, person_id)
    await service.see_somebody_else(uow, caller, body.survivor_id)
    return PersonView.of(await service.supersede(uow, person_id, body.survivor_id), uow.keys.fields)
