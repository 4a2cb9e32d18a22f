"""Record what is said of people. What was recorded stays; that something was, travels, and never what it says."""

from uuid import UUID

from services.voucher.evidence import domain, queries
from services.voucher.evidence.domain import ExtractStatement, GroupStatement
from services.voucher.evidence.models import GroupEvidence, OutsideBenefit, RegisterExtract
from services.voucher.workers.domain import PersonAction, PersonNotFound
from services.voucher.workers.queries import lock_people
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork


async def record_group(uow: UnitOfWork, person_id: UUID, said: GroupStatement, account: str) -> int:
    """Record that a person belongs to a priority group (A17); answers the version of the person's record."""
    domain.check_days(uow.today, said.as_of)
    version = await _recorded(uow, person_id, "groups")
    row_id = uuid7()
    evidence = uow.keys.fields.encrypt(said.evidence, table="group_evidence", column="evidence_encrypted", row=row_id)
    uow.session.add(
        GroupEvidence(
            id=row_id,
            person_id=person_id,
            group_code=said.group,
            evidence_encrypted=evidence,
            source=said.source,
            as_of=said.as_of,
            until=said.until,
            recorded_by=account,
            recorded_at=uow.recorded_at,
        )
    )
    return version


async def record_extract(uow: UnitOfWork, person_id: UUID, said: ExtractStatement, account: str) -> int:
    """Record what the registers say of a person (D16, A13); answers the version of the person's record."""
    outside = said.outside or ()
    domain.check_days(uow.today, said.as_of, *(benefit.taken_on for benefit in outside))
    version = await _recorded(uow, person_id, "pension", "fiscal_payroll")
    extract = RegisterExtract(
        id=uuid7(),
        person_id=person_id,
        pension=said.pension,
        fiscal_payroll=said.fiscal_payroll,
        outside_benefits_known=said.outside is not None,
        source=said.source,
        as_of=said.as_of,
        recorded_by=account,
        recorded_at=uow.recorded_at,
        vital_status=said.vital_status,
    )
    uow.session.add(extract)
    await uow.session.flush()
    benefits = {(benefit.programme, benefit.skill_code, benefit.level): benefit.taken_on for benefit in outside}
    known = await queries.known_outside_benefits(uow, person_id) if benefits else set()
    uow.session.add_all(
        OutsideBenefit(
            person_id=person_id,
            extract_id=extract.id,
            programme=programme,
            skill_code=skill_code,
            level=level,
            taken_on=taken_on,
        )
        for (programme, skill_code, level), taken_on in benefits.items()
        if (programme, skill_code, level) not in known
    )
    return version


async def _recorded(uow: UnitOfWork, person_id: UUID, *facts: str) -> int:
    people = await lock_people(uow, [person_id], against="two statements about one person at once")
    if person_id not in people:
        raise PersonNotFound
    person = people[person_id]
    uow.move(person, PersonAction.RECORD_FACTS, facts=facts)
    return person.version
