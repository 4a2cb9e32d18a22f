"""The people and services around payout: what they emit as events, what they do as callers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.payout.accounts.service import AccountProposal, confirm_account, propose_account
from services.payout.funds.domain import FundFacts
from services.payout.funds.service import approve_proposal, propose_fund
from services.payout.payouts.domain import PayoutFacts
from services.payout.payouts.queries import lock_payouts
from shared.contracts.envelope import Event
from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.training import ClassVerifiedV1, InstitutionListedV1
from shared.contracts.voucher import PersonRegisteredV1, PersonSeparatedV1, PersonSupersededV1, VoucherCertifiedV1
from shared.kernel.credit_code import make_credit_code
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.kernel.occasion import FIRST, review_of
from shared.security import CertificateFacts, Principal, Role, SigningKey, sign_certificate
from tests.databases import TESTER, ServiceDatabase
from tests.registered import PEOPLE, registered_person
from tests.worker_process import receive, run_timers

SCHOOL = make_credit_code("410402", 1)


OTHER_SCHOOL = make_credit_code("410403", 2)


BODY = make_credit_code("410402", 3)


ELECTRICIAN = "6-31-01-03"


FUND_SOURCE = "employment_subsidy_fund"


MONDAY = datetime(2033, 3, 7, 2, tzinfo=UTC)


"""Ten in the morning, years ahead: business time never goes back behind the machine's own."""


YEAR = 2033


DIGEST = "0" * 64


def officer(role: Role, *areas: str) -> Principal:
    """Somebody new in office."""
    return Principal(f"account-{uuid7()}", registered_person(), role, None, frozenset(areas or {"410400"}))


def school(code: str = SCHOOL) -> Principal:
    """The account of a training institution."""
    return Principal(f"school-{code}", registered_person(), Role.INSTITUTION, code, frozenset())


def worker(person_id: UUID) -> Principal:
    """A worker's own account."""
    return Principal(f"worker-{person_id}", person_id, Role.WORKER, None, frozenset())


@dataclass(frozen=True)
class Case:
    """One worker's case up to the certificate."""

    person_id: UUID = field(default_factory=uuid7)
    voucher_id: UUID = field(default_factory=uuid7)
    certificate_id: UUID = field(default_factory=uuid7)
    skill_code: str = ELECTRICIAN
    level: int = 4
    kind: str = "skill_level"
    act: str = "first"
    institution: str = SCHOOL
    area: str = "410402"
    payee_kind: str = "institution"
    payee_id: str = SCHOOL
    mandate_id: UUID | None = field(default_factory=uuid7)
    fund_source: str = FUND_SOURCE
    programme: str = "training_voucher"
    batch_id: UUID = field(default_factory=uuid7)
    enrolment_id: UUID = field(default_factory=uuid7)
    class_id: UUID = field(default_factory=uuid7)
    masked_name: str | None = "李*"
    assessed_on: date | None = date(2033, 3, 4)
    issued_on: date = date(2033, 3, 5)
    eligibility: str = "eligible"
    eligibility_decided_on: date = date(2033, 3, 5)
    due_on: date = date(2033, 3, 4)
    """Of a review: the day on which it was due."""

    @property
    def occasion(self) -> str:
        """What the benefit is taken for (R7)."""
        return review_of(self.due_on) if self.act == "review" else FIRST


class Scenario:
    """What happens around one payout database: people in office, other services, the clock."""

    def __init__(self, database: ServiceDatabase, certificate_key: SigningKey) -> None:
        self.database = database
        self.key = certificate_key
        self.versions: dict[str, int] = {}
        self.reviewer = officer(Role.OFFICER, "410402")
        self.approver = officer(Role.OFFICER)
        self.second = officer(Role.OFFICER)
        self.cashier = officer(Role.FINANCE)
        self.releaser = officer(Role.FINANCE)

    async def begin(self, *, budget_fen: int = 100_000_000, listed: bool = True) -> FundFacts:
        """Monday morning: a listed school with a usable account, and a fund of the city."""
        await self.database.set_business_time(MONDAY - timedelta(days=5))
        await self.account(SCHOOL)
        await self.database.set_business_time(MONDAY)
        if listed:
            await self.receive(self.next_event(InstitutionListedV1, SCHOOL, area="410402", scope=()))
        return await self.fund(budget_fen=budget_fen)

    async def fund(
        self, *, area: str = "410400", budget_fen: int = 100_000_000, source: str = FUND_SOURCE, year: int = YEAR
    ) -> FundFacts:
        """Finance proposes a fund, and somebody else in finance approves it."""
        async with self.database.api.unit_of_work() as uow:
            fund = await propose_fund(
                uow, self.cashier, fund_source=source, area=area, year=year, budget_fen=budget_fen
            )
        async with self.database.api.unit_of_work() as uow:
            return await approve_proposal(uow, self.releaser, fund.id)

    async def account(self, owner_id: str, *, kind: str = "institution", number: str = "6222020000000001") -> UUID:
        """A payee's account, proposed and confirmed twice; usable after its cool-off."""
        name = f"单位{owner_id[-4:]}"
        proposal = AccountProposal(kind, owner_id, "102100099996", number, name)
        async with self.database.api.unit_of_work() as uow:
            account_id = (await propose_account(uow, officer(Role.FINANCE), proposal)).account.id
        for confirmer in (officer(Role.FINANCE), officer(Role.FINANCE)):
            async with self.database.api.unit_of_work() as uow:
                await confirm_account(uow, confirmer, account_id, name)
        return account_id

    def next_event(self, event: type[Event], id: UUID | str, **more: Any) -> Event:
        """The next event of an aggregate, as its owner emits it."""
        version = self.versions[str(id)] = self.versions.get(str(id), 0) + 1
        return event(**{"id": id, "version": version, "business_at": MONDAY, "actor": TESTER, **more})

    async def receive(self, *events: Event) -> None:
        """Apply events in their order."""
        await receive(self.database, *events)

    def sign(self, case: Case, **changes: Any) -> str:
        """The certificate of a case, signed by evaluation's key; `changes` make it say something else."""
        said: dict[str, Any] = {
            "certificate_id": case.certificate_id, "kind": case.kind, "number": "S000141410402264000001",
            "person_id": case.person_id, "subject_digest": DIGEST, "skill_code": case.skill_code, "level": case.level,
            "act": case.act, "occasion": case.occasion, "body": BODY, "channel": "social",
            "assessed_on": case.assessed_on, "completed_on": date(2033, 3, 3),
            "issued_on": case.issued_on, "voucher_id": case.voucher_id,
        }  # fmt: skip
        return sign_certificate(CertificateFacts(**{**said, **changes}), self.key)

    def issued(self, case: Case, *, jws: str | None = None) -> Event:
        """Evaluation issued the certificate."""
        return self.next_event(
            CertificateIssuedV1, case.certificate_id, jws=jws or self.sign(case), kind=case.kind,
            number="S000141410402264000001", voucher_id=case.voucher_id, enrolment_id=None, person_id=case.person_id,
            skill_code=case.skill_code, level=case.level, act=case.act, occasion=case.occasion,
            assessed_on=case.assessed_on, completed_on=date(2033, 3, 3), issued_on=case.issued_on, body=BODY,
            channel="social",
        )  # fmt: skip

    def certified(self, case: Case, *, jws: str | None = None) -> Event:
        """The voucher is payable."""
        return self.next_event(
            VoucherCertifiedV1, case.voucher_id, person_id=case.person_id, batch_id=case.batch_id,
            programme=case.programme, fund_source=case.fund_source, area="410403",
            skill_code=case.skill_code, level=case.level, occasion=case.occasion,
            valid_until=MONDAY, rules_version="2026-1", eligibility_decided_on=case.eligibility_decided_on,
            enrolment_id=case.enrolment_id, class_id=case.class_id, class_area=case.area, channel="social",
            institution=case.institution, payee_kind=case.payee_kind, payee_id=case.payee_id,
            mandate_id=case.mandate_id, act=case.act, starts_on=date(2033, 2, 7), ends_on=date(2033, 3, 2),
            certificate_id=case.certificate_id, jws=jws or self.sign(case), assessed_on=case.assessed_on,
            completed_on=date(2033, 3, 3), eligibility=case.eligibility, masked_name=case.masked_name,
        )  # fmt: skip

    def verified(self, case: Case) -> Event:
        """An officer has verified the class."""
        return self.next_event(
            ClassVerifiedV1, case.class_id, institution=case.institution, skill_code=case.skill_code,
            level=case.level, area=case.area, channel="social", starts_on=date(2033, 2, 7), ends_on=date(2033, 3, 2),
            department="rsj",
        )  # fmt: skip

    async def open(self, case: Case | None = None) -> PayoutFacts:
        """A case comes to payout: class verified, certificate issued, voucher certified; answers its payout."""
        case = case or Case()
        if str(case.class_id) not in self.versions:
            await self.receive(self.verified(case))
        await self.receive(self.issued(case), self.certified(case))
        return await self.payout_of(case)

    async def register(self, *people: UUID) -> None:
        """Voucher registers people, each once."""
        registered = {"subject_digest": DIGEST, "area": "410402", "real_name_level": 3}
        new = [person for person in people if str(person) not in self.versions and person not in PEOPLE]
        await self.receive(*(self.next_event(PersonRegisteredV1, person, **registered) for person in new))

    async def merge(self, record: UUID, survivor: UUID) -> None:
        """Voucher finds that two records, both registered, are of one person."""
        await self.register(record, survivor)
        await self.receive(self.next_event(PersonSupersededV1, record, survivor_id=survivor))

    async def separate(self, record: UUID, survivor: UUID) -> None:
        """Voucher finds that they are of two after all."""
        await self.receive(self.parted(record, survivor))

    def parted(self, record: UUID, survivor: UUID) -> Event:
        """A merger was undone."""
        return self.next_event(PersonSeparatedV1, record, survivor_id=survivor)

    async def payouts_of(self, case: Case) -> list[PayoutFacts]:
        """Every payout of a case, oldest first."""
        statement = text("SELECT id FROM payouts WHERE voucher_id = :id ORDER BY id")
        async with self.database.worker.unit_of_work() as uow:
            ids = list(await uow.session.scalars(statement, {"id": case.voucher_id}))
            found = await lock_payouts(uow, ids, against="nothing, a test reads")
        return [found[payout_id] for payout_id in ids]

    async def payout_of(self, case: Case) -> PayoutFacts:
        """The only payout of a case."""
        (payout,) = await self.payouts_of(case)
        return payout

    async def now_of(self, payout: PayoutFacts | UUID) -> PayoutFacts:
        """A payout as it is now."""
        payout_id = payout if isinstance(payout, UUID) else payout.id
        async with self.database.worker.unit_of_work() as uow:
            return (await lock_payouts(uow, [payout_id], against="nothing, a test reads"))[payout_id]

    async def run_timers(self) -> None:
        """Give each timer a turn."""
        await run_timers(self.database)

    async def sql(self, role: str, statement: str, **values: Any) -> list[Any]:
        """Say something to the database as one of its roles: `api`, `worker`, `owner`."""
        async with getattr(self.database, role).engine.begin() as connection:
            answer = await connection.execute(text(statement), values)
            return list(answer) if answer.returns_rows else []

    async def force(self, table: str, statement: str, **values: Any) -> None:
        """Change `table` whatever its triggers say: as the owner, who switches them off."""
        async with self.database.owner.engine.begin() as connection:
            await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            await connection.execute(text(statement), values)
            await connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))

    async def events(self, name: str) -> list[dict[str, Any]]:
        """The data of every event of a name on its way, oldest first."""
        statement = (
            "SELECT envelope::json -> 'data' FROM outbox WHERE envelope::json ->> 'type' LIKE '%.' || :name || '.v1'"
            " ORDER BY id"
        )
        return [row[0] for row in await self.sql("worker", statement, name=name)]


def accepted(outcomes: Iterable[PayoutFacts | DomainError]) -> list[PayoutFacts]:
    """The payouts, if nothing was refused."""
    payouts: list[PayoutFacts] = []
    for outcome in outcomes:
        assert not isinstance(outcome, DomainError), outcome.code
        payouts.append(outcome)
    return payouts


def codes(outcomes: Iterable[PayoutFacts | DomainError]) -> list[str | None]:
    """The refusal's code of each outcome, None where there is none."""
    return [outcome.code if isinstance(outcome, DomainError) else None for outcome in outcomes]


async def decide(
    scenario: Scenario, decision: Any, caller: Principal, *payouts: PayoutFacts
) -> list[PayoutFacts | DomainError]:
    """An officer decides on payouts, each named once, through the API's role; what became of each."""
    async with scenario.database.api.unit_of_work(caller.actor) as uow:
        outcomes = await decision(uow, caller, [payout.id for payout in payouts])
    return [outcomes[payout.id] for payout in payouts]
