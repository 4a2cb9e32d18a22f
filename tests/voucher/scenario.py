"""A scenario: people, officers and batches, and what the other services would say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from deploy.local.keys import Keys, Signing
from services.voucher.batches.domain import BatchKind, Proposal
from services.voucher.batches.service import approve_batch, propose_batch
from services.voucher.bindings.domain import MandateFacts
from services.voucher.bindings.service import give_mandate
from services.voucher.claims.domain import ClaimRequest
from services.voucher.claims.service import claim_vouchers
from services.voucher.evidence.domain import ExtractStatement, FiscalPayroll, Pension
from services.voucher.evidence.service import record_extract
from services.voucher.mergers.service import approve_merger, propose_merger
from services.voucher.vouchers.models import Voucher
from services.voucher.workers.domain import RealNameMethod
from services.voucher.workers.service import Registration, register_people
from shared.contracts.envelope import Event
from shared.contracts.training import EnrolmentRequestedV1, EnrolmentWithdrawnV1
from shared.kernel.actor import Actor, ActorKind
from shared.kernel.citizen_id import make_citizen_id
from shared.kernel.clock import business_date
from shared.kernel.credit_code import make_credit_code
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.kernel.occasion import FIRST, act_of
from shared.security import CertificateFacts, Principal, Role, SigningKey, read_signing_key, sign_certificate
from shared.security.principals import WHOLE_CITY
from tests.databases import TESTER, ServiceDatabase
from tests.worker_process import receive, run_timers

SKILL = ("4-03-02-01", 4)
OTHER_SKILL = ("ZX-4104-001", 0)
AREA = "410402"
ELSEWHERE = "410421"
INSTITUTION = make_credit_code("410400", 1_701)
BODY = make_credit_code("410400", 2_501)


def request_of(person_id: UUID, batch_id: UUID, skill_code: str, level: int) -> ClaimRequest:
    """A claim as the person's own account makes it."""
    return ClaimRequest(
        person_id, batch_id, skill_code, level, Actor(ActorKind.ACCOUNT, f"worker-{person_id}", "worker", person_id)
    )


@dataclass
class Scenario:
    """Acts as everybody around the voucher service; each act is one unit of work."""

    database: ServiceDatabase
    keys: Keys
    serial: int = 0

    @property
    def certificate_key(self) -> SigningKey:
        """Evaluation's private key."""
        return read_signing_key(self.keys.private(Signing.CERTIFICATES))

    async def now(self) -> datetime:
        """Business time."""
        async with self.database.api.unit_of_work() as uow:
            return uow.now

    async def pass_days(self, days: int) -> None:
        """Let business time go on."""
        await self.database.set_business_time(await self.now() + timedelta(days=days))

    def citizen_id(self, birthday: date = date(1990, 5, 17)) -> str:
        """The ID number of somebody new."""
        self.serial += 1
        return make_citizen_id(AREA, birthday, self.serial)

    async def person(
        self, *, birthday: date = date(1990, 5, 17), area: str = AREA, extract: Mapping[str, str] | None = None
    ) -> UUID:
        """Somebody who is registered, with an extract that lets them claim unless said otherwise."""
        said = {"pension": "not_drawn", "fiscal_payroll": "off"} if extract is None else extract
        async with self.database.api.unit_of_work() as uow:
            registration = Registration(
                f"张{self.serial}", self.citizen_id(birthday), "13800000000", area, RealNameMethod.POLICE, 3, uow.now
            )
            (person,) = await register_people(uow, [registration])
            assert not isinstance(person, DomainError)
            if said:
                pension, payroll = Pension(said["pension"]), FiscalPayroll(said["fiscal_payroll"])
                statement = ExtractStatement(pension, payroll, "portal", uow.today, None)
                await record_extract(uow, person.id, statement, "portal")
        return person.id

    async def proposed(
        self,
        *,
        quantity: int = 10,
        kind: BatchKind = BatchKind.GENERAL,
        skills: Sequence[tuple[str, int]] = (SKILL, OTHER_SKILL),
        areas: Sequence[str] = ("410400",),
        groups: Sequence[str] = (),
        holders: Sequence[UUID] = (),
    ) -> UUID:
        """A batch that one officer proposed, to be open for thirty days."""
        async with self.database.api.unit_of_work() as uow:
            proposal = Proposal(
                kind=kind,
                programme="training_voucher",
                title="通用券",
                fund_source="employment_subsidy_fund",
                rules_version="2022-03",
                quantity=quantity,
                skills=skills,
                areas=areas,
                audience_groups=groups,
                claim_from=uow.now - timedelta(minutes=1),
                claim_until=uow.now + timedelta(days=30),
                validity_days=None,
                holders=holders,
            )
            return (await propose_batch(uow, proposal, uuid7())).id

    async def batch(self, **said: Any) -> UUID:
        """A batch that another officer approved as well."""
        batch_id = await self.proposed(**said)
        async with self.database.api.unit_of_work() as uow:
            await approve_batch(uow, batch_id, uuid7())
        return batch_id

    async def claim(self, batch_id: UUID, *people: UUID, skill: tuple[str, int] = SKILL) -> list[Voucher | DomainError]:
        """Claims in one unit of work, answered one by one."""
        async with self.database.api.unit_of_work() as uow:
            return await claim_vouchers(uow, [request_of(person, batch_id, *skill) for person in people])

    async def claimed(self, *, skill: tuple[str, int] = SKILL, batch_id: UUID | None = None) -> Voucher:
        """A claimed voucher of somebody new."""
        person = await self.person()
        (voucher,) = await self.claim(batch_id or await self.batch(), person, skill=skill)
        assert isinstance(voucher, Voucher), voucher
        return voucher

    async def merge(self, record: UUID, survivor: UUID) -> UUID:
        """Two officers find two records to be of one person; the id of the merger."""
        first, second = [
            Principal(f"officer-{n}", uuid7(), Role.OFFICER, None, frozenset({WHOLE_CITY})) for n in range(2)
        ]
        async with self.database.api.unit_of_work() as uow:
            merger = await propose_merger(uow, first, record, survivor, "same_person", "两份档案同一人")
        async with self.database.api.unit_of_work() as uow:
            await approve_merger(uow, second, merger.id)
        return merger.id

    async def run_timers(self) -> dict[str, int]:
        """Give each timer a turn; how many rows each moved."""
        return await run_timers(self.database)

    async def receive(self, *events: Event) -> None:
        """Apply events in their order."""
        await receive(self.database, *events)

    async def requested(self, voucher: Voucher, **said: Any) -> EnrolmentRequestedV1:
        """What training says when an institution presents the voucher: a class in ten days, of three weeks."""
        now = await self.now()
        usual = {
            "id": uuid7(),
            "version": 1,
            "business_at": now,
            "actor": TESTER,
            "voucher_id": voucher.id,
            "person_id": voucher.person_id,
            "class_id": uuid7(),
            "class_area": AREA,
            "channel": "social",
            "institution": INSTITUTION,
            "payee_kind": "institution",
            "payee_id": INSTITUTION,
            "mandate_id": None if "payee_kind" in said else await self.mandate(voucher),
            "skill_code": voucher.skill_code,
            "level": voucher.level,
            "act": act_of(voucher.occasion or FIRST),
            "starts_on": business_date(now) + timedelta(days=10),
            "ends_on": business_date(now) + timedelta(days=31),
            "presented_at": now,
        }
        return EnrolmentRequestedV1.model_validate(usual | said)

    async def mandate(self, voucher: Voucher, payee_id: str = INSTITUTION) -> UUID:
        """The holder's mandate, given as they present the voucher."""
        async with self.database.api.unit_of_work() as uow:
            facts = MandateFacts(voucher.id, voucher.person_id, INSTITUTION, payee_id)
            return give_mandate(uow, facts, "worker").id

    async def withdrawn(self, enrolment: EnrolmentRequestedV1) -> EnrolmentWithdrawnV1:
        """What training says when that enrolment ends before a session counted."""
        return EnrolmentWithdrawnV1(
            id=enrolment.id,
            version=2,
            business_at=await self.now(),
            actor=TESTER,
            voucher_id=enrolment.voucher_id,
            reason_code="class_cancelled",
        )

    async def bound(self) -> tuple[Voucher, EnrolmentRequestedV1]:
        """A voucher in use, and the enrolment that it serves."""
        voucher = await self.claimed()
        enrolment = await self.requested(voucher)
        await self.receive(enrolment)
        return await self.voucher(voucher.id), enrolment

    async def voucher(self, voucher_id: UUID) -> Voucher:
        """The voucher as it stands."""
        async with self.database.api.unit_of_work() as uow:
            return await uow.session.get_one(Voucher, voucher_id)

    async def emitted(self, aggregate_id: UUID) -> list[str]:
        """Names of the events of one aggregate that are on their way, in order."""
        query = text("SELECT envelope::json ->> 'type' FROM outbox WHERE aggregate_id = :id ORDER BY id")
        async with self.database.worker.engine.connect() as connection:
            types = await connection.scalars(query, {"id": str(aggregate_id)})
            return [type_.removeprefix("cn.skillvoucher.voucher.").removesuffix(".v1") for type_ in types]

    async def last_emitted(self, aggregate_id: UUID) -> dict[str, Any]:
        """The data of the last event of one aggregate."""
        query = text("SELECT envelope::json -> 'data' FROM outbox WHERE aggregate_id = :id ORDER BY id DESC LIMIT 1")
        async with self.database.worker.engine.connect() as connection:
            data: dict[str, Any] = (await connection.execute(query, {"id": str(aggregate_id)})).scalar_one()
            return data

    def signed(self, voucher: Voucher, enrolment: EnrolmentRequestedV1 | None, **said: Any) -> CertificateFacts:
        """What evaluation would sign for this voucher, some of it said otherwise."""
        assert voucher.ends_on is not None
        usual = {
            "certificate_id": uuid7(),
            "kind": "skill_level",
            "number": "S000141040001264000001",
            "person_id": voucher.person_id,
            "subject_digest": "0" * 64,
            "skill_code": voucher.skill_code,
            "level": voucher.level,
            "act": act_of(voucher.occasion or FIRST),
            "occasion": voucher.occasion,
            "body": BODY,
            "channel": "social",
            "assessed_on": voucher.ends_on + timedelta(days=5),
            "completed_on": voucher.ends_on,
            "issued_on": voucher.ends_on + timedelta(days=6),
            "voucher_id": voucher.id,
            "enrolment_id": enrolment.id if enrolment else None,
        }
        return CertificateFacts.model_validate(usual | said)

    def jws(self, facts: CertificateFacts) -> str:
        """Signed with evaluation's key."""
        return sign_certificate(facts, self.certificate_key)
