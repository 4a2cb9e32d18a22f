"""What officers do to the assessment catalogue (§二(二)5: listed, supervised, dynamically removed)."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.evaluation.bodies import domain, queries
from services.evaluation.bodies.domain import BodyAction, BodyKind, ScopeLine
from services.evaluation.bodies.models import Body, BodyScopeLine
from shared.persistence import UnitOfWork
from shared.reference.skills import check_skill_level
from shared.security import AreaOutsideScope, Principal


@dataclass(frozen=True, slots=True)
class Listing:
    """An organisation to put into the catalogue."""

    credit_code: str
    name: str
    area: str
    kind: BodyKind
    province_code: str
    scope: Sequence[ScopeLine]


async def add_body(uow: UnitOfWork, listing: Listing, officer: Principal) -> Body:
    """Put a body into the catalogue (§二(二)5): its kind and scope decide what it may assess, and whom.

    `BodyAlreadyListed`, `BodyProvinceCodeTaken` and `BodyScopeOverlaps` come from the database.
    """
    if not officer.covers(listing.area):
        raise AreaOutsideScope
    body = Body(
        id=listing.credit_code,
        name=listing.name,
        area=listing.area,
        kind=listing.kind.value,
        province_code=listing.province_code,
        listed_by=officer.person,
        scope=_lines(listing.kind, listing.scope),
    )
    return uow.create(body, BodyAction.LIST)


async def amend_scope(uow: UnitOfWork, body_id: str, lines: Sequence[ScopeLine], officer: Principal) -> Body:
    """Add lines to a body's scope; a line that starts on the same day as a listed one sets its last day."""
    body = await queries.lock_body_of_area(uow, body_id, officer, against="two amendments of one scope")
    listed = {(line.skill_code, line.level, line.valid_from): line for line in body.scope}
    for line in _lines(BodyKind(body.kind), lines):
        known = listed.get((line.skill_code, line.level, line.valid_from))
        if known is None:
            body.scope.append(line)
        else:
            known.valid_to = line.valid_to
    uow.move(body, BodyAction.AMEND_SCOPE)
    return body


async def suspend_body(uow: UnitOfWork, body_id: str, reason_code: str, officer: Principal) -> Body:
    """Suspend a body with problems: no new assessment and no confirmation until it is reinstated."""
    body = await queries.lock_body_of_area(uow, body_id, officer, against="an assessment scheduled meanwhile")
    body.reason_code = reason_code
    uow.move(body, BodyAction.SUSPEND)
    return body


async def reinstate_body(uow: UnitOfWork, body_id: str, officer: Principal) -> Body:
    """End a suspension."""
    body = await queries.lock_body_of_area(uow, body_id, officer, against="a removal meanwhile")
    body.reason_code = None
    uow.move(body, BodyAction.REINSTATE)
    return body


async def remove_body(uow: UnitOfWork, body_id: str, reason_code: str, officer: Principal) -> Body:
    """Remove a body for good (动态退出). Certificates that it issued keep their own life."""
    body = await queries.lock_body_of_area(uow, body_id, officer, against="an assessment scheduled meanwhile")
    body.reason_code = reason_code
    uow.move(body, BodyAction.REMOVE)
    return body


def _lines(kind: BodyKind, lines: Sequence[ScopeLine]) -> list[BodyScopeLine]:
    """Rows for `lines`, each skill under its canonical code."""
    skills = [check_skill_level(line.skill_code, line.level) for line in lines]
    domain.check_scope(kind, skills)
    return [
        BodyScopeLine(
            skill_code=skill.code,
            level=line.level,
            valid_from=line.valid_from,
            valid_to=line.valid_to,
            edition=line.edition,
        )
        for skill, line in zip(skills, lines, strict=True)
    ]
