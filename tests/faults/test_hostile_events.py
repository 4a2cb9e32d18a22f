"""An insider with voucher's and evaluation's passwords of Kafka works against a season: no wrong payout, none twice."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Collection, Coroutine
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from deploy.local.clock import PatientClock
from deploy.local.demo import cast_for, open_client
from deploy.local.demo.client import Actor, ApiClient, Json
from deploy.local.demo.report import verify_log
from deploy.local.demo.season import Season, Step
from deploy.local.demo.staff import AUDITOR, seed
from deploy.local.environment import LocalEnvironment, Process
from shared.kernel.ids import uuid7
from shared.messaging.parked import discard_parked, list_parked, replay_parked
from shared.messaging.topics import PARTITIONS, SERVICES, group_of, topic_of
from shared.persistence import Database, UnitOfWork
from shared.security import Role
from shared.settings import Settings
from tests.faults.harness import swallow
from tests.loop.system import running_system
from tests.shared.messaging.test_discard import person
from tests.worker_process import worker_of

pytestmark = pytest.mark.xdist_group("loop")

LOOPS = 8
SEED = 20_261_126
SETTLE_S = 60.0
PARKED_MOST = 10_000
FORGED = {"event_signature_invalid", "event_unreadable"}
"""Why what the insider sends is parked."""


@dataclass
class Insider:
    """Reads each of two topics by the other's password, and answers every real event with others by its own.

    An event of an attacked aggregate is copied under a new id for another payee, and again as the next version, and
    garbage is sent under its key: neither has a valid signature. Every other event is sent once more as it is.
    """

    environment: LocalEnvironment
    payee: str
    """The credit code of an organisation that nothing is due to."""
    attacked: set[str] = field(default_factory=set)
    """Ids of aggregates, and persons whose certificates are attacked as soon as they are issued."""
    sent: set[tuple[str, int, int]] = field(default_factory=set)
    last: dict[str, ConsumerRecord] = field(default_factory=dict)
    forged: set[bytes] = field(default_factory=set)

    async def run(self) -> None:
        """Go on until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._work("voucher", reader="evaluation"))
            group.create_task(self._work("evaluation", reader="voucher"))

    async def swallow(self, service: str, source: str) -> None:
        """Be a member of the service's group for a while: what comes is committed, and nothing is done with it."""
        await swallow(self.environment.broker_access(service), group_of(service), topic_of(source))

    async def _work(self, service: str, *, reader: str) -> None:
        topic = topic_of(service)
        reading, writing = (self.environment.broker_access(name).options() for name in (reader, service))
        async with (
            AIOKafkaConsumer(auto_offset_reset="earliest", **reading) as consumer,
            AIOKafkaProducer(acks="all", **writing) as producer,
        ):
            consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
            while True:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    for record in records:
                        if (topic, record.partition, record.offset) not in self.sent:
                            await self._see(producer, record)
                for record in [at for subject, at in self.last.items() if subject in self.attacked]:
                    if record.topic == topic and record.value not in self.forged:
                        self.forged.add(record.value)
                        for value in forgeries(record.value, self.payee):
                            await self._send(producer, record, value)

    async def _see(self, producer: AIOKafkaProducer, record: ConsumerRecord) -> None:
        event = json.loads(record.value)
        self.last[event["subject"]] = record
        if ".certificate.issued." in event["type"] and event["data"]["person_id"] in self.attacked:
            self.attacked.add(event["subject"])
        if event["subject"] not in self.attacked:
            await self._send(producer, record, record.value)

    async def _send(self, producer: AIOKafkaProducer, like: ConsumerRecord, value: bytes) -> None:
        at = await producer.send_and_wait(like.topic, value, like.key, partition=like.partition)
        self.sent.add((at.topic, at.partition, at.offset))


def forgeries(real: bytes, payee: str) -> list[bytes]:
    """A copy with other data, one that pre-empts the next version, and garbage."""
    event = json.loads(real)
    other = {"payee_id": payee, "person_id": str(uuid4())}
    data = event["data"] | {name: value for name, value in other.items() if name in event["data"]}
    copy = {**event, "id": str(uuid7()), "data": data}
    version = event["aggregateversion"] + 1
    ahead = {**event, "id": str(uuid7()), "aggregateversion": version, "data": {**data, "version": version}}
    return [*(json.dumps(forged, separators=(",", ":")).encode() for forged in (copy, ahead)), b"\x00 garbage"]


@dataclass(frozen=True)
class Scene:
    """A season on a running system, and the insider."""

    environment: LocalEnvironment
    client: ApiClient
    season: Season
    insider: Insider

    async def parked(self, ids: Collection[str]) -> dict[str, set[str]]:
        """Why payout has parked events of these aggregates, once it has received all that was forged of each."""
        async with asyncio.timeout(SETTLE_S):
            while True:
                found = await self._rows("payout", "SELECT aggregate_id, code FROM parked_events")
                codes = {about: {row["code"] for row in found if row["aggregate_id"] == about} for about in ids}
                if all("event_unreadable" in said for said in codes.values()):
                    return codes
                await asyncio.sleep(0.1)

    async def payouts(self) -> dict[str, Json]:
        """All payouts, by their vouchers; no voucher has two."""
        found = await self.client.pages(AUDITOR, "payout", "/v1/payouts")
        payouts = {payout["voucher_id"]: payout for payout in found}
        assert len(payouts) == len(found)
        return payouts

    async def decide(self, path: str, officer: Actor, voucher_ids: Collection[str]) -> dict[str, str | None]:
        """Have an officer decide on the payouts of these vouchers; by voucher the code of the refusal, or None."""
        payouts = await self.payouts()
        rows = [{"payout_id": payouts[voucher_id]["id"]} for voucher_id in voucher_ids]
        answer = await self.client.post(officer, "payout", path, {"rows": rows})
        codes = [row["error"]["code"] if row.get("error") else None for row in answer["results"]]
        return dict(zip(voucher_ids, codes, strict=True))

    async def check_books(self, paid: Collection[str]) -> None:
        """Payouts of these vouchers are paid, once each, and no others; bank, ledger and log say the same."""
        payouts = [payout for payout in (await self.payouts()).values() if payout["status"] == "paid"]
        assert sorted(payout["voucher_id"] for payout in payouts) == sorted(paid)
        assert {payout["payee_id"] for payout in payouts} <= {school.code for school in self.season.staff.institutions}
        async with httpx.AsyncClient(base_url=self.environment.url("bank")) as bank:
            book = (await bank.get("/book")).json()
        assert (book["instructions"], book["paid_fen"]) == (len(paid), sum(int(at["amount_fen"]) for at in payouts))
        ledger = await self.client.get(AUDITOR, "payout", "/v1/ledger")
        assert ledger["sum_fen"] == 0
        _, flaw = await verify_log(self.client)
        assert flaw is None

    async def discard_forged(self) -> None:
        """Two persons discard what was forged, in every service, and what waits behind it is replayed."""
        by = (person(Role.OPERATOR), person(Role.AUDITOR))
        for service in SERVICES:
            given = self.environment.settings(service, Process.WORKER)
            settings = Settings.model_validate({name.lower(): value for name, value in given.items()})
            database = Database(settings.need_text("database_url"), settings=settings, pool_size=1)
            consumer = worker_of(service).consumer(database)
            for event in await list_parked(database, limit=PARKED_MOST):
                if event.code in FORGED:
                    await discard_parked(database, consumer, event.id, by, "forged", registered)
            while behind := await list_parked(database, limit=1):
                await replay_parked(database, consumer, behind[0].id)
            await database.close()

    async def _rows(self, service: str, query: str) -> list[asyncpg.Record]:
        url = self.environment.database_url(service, Process.MIGRATE)
        connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
        try:
            return list(await connection.fetch(query))
        finally:
            await connection.close()


async def registered(_: UnitOfWork, person_id: UUID) -> UUID:
    """Two persons of the office, whom no register of the season knows."""
    return person_id


@contextlib.asynccontextmanager
async def hostile_season(environment: LocalEnvironment) -> AsyncIterator[Scene]:
    """A season before its first voucher, whose clock goes on whatever is parked, and an insider at work."""
    clock = PatientClock(environment, despite_parked=True)
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(open_client(environment))
        stack.push_async_callback(clock.close)
        client.clock = clock
        casting = await cast_for(client, SEED)
        season = Season(client, await seed(client, casting, LOOPS), casting, LOOPS, show_step)
        insider = Insider(environment, next(casting.listings()).credit_code)
        group = await stack.enter_async_context(asyncio.TaskGroup())
        work = group.create_task(insider.run())
        yield Scene(environment, client, season, insider)
        work.cancel()


def show_step(step: Step) -> None:
    """Progress, for the log of a failed test."""
    sys.stdout.write(f"{step.what} {step.done}/{step.of}\n")


async def beside(act: Coroutine[None, None, None], *others: Coroutine[None, None, None]) -> None:
    """Do it while others are done."""
    async with asyncio.TaskGroup() as group:
        for coroutine in (act, *others):
            group.create_task(coroutine)


async def test_money_that_is_attacked_waits_and_all_other_money_is_paid_once() -> None:
    with running_system() as system:
        async with hostile_season(system.environment) as scene:
            season, insider = scene.season, scene.insider
            await season.claim()
            await season.enrol()
            passing = [trainee for trainee in season.trainees if trainee.passes]
            vouchers = {trainee.voucher_id for trainee in passing[:2]}
            certified = {trainee.voucher_id: trainee.person_id for trainee in passing[2:3]}
            late = {trainee.voucher_id for trainee in passing[3:4]}
            honest = {trainee.voucher_id for trainee in passing[4:]}

            insider.attacked |= vouchers
            await beside(season.train(), insider.swallow("voucher", "training"))
            insider.attacked |= {*certified.values()}
            await beside(season.assess(), insider.swallow("evaluation", "training"))

            payouts = await scene.payouts()
            assert set(payouts) == {*certified, *late, *honest}, "certified is parked behind what was forged"
            assert set.union(*(await scene.parked(vouchers)).values()) == {*FORGED, "behind_parked"}
            certificates = {payouts[voucher_id]["certificate_id"] for voucher_id in certified}
            assert all(codes == FORGED for codes in (await scene.parked(certificates)).values())

            codes = await scene.decide("/v1/payout-reviews", season.staff.reviewer, {*certified, *late, *honest})
            assert {about for about, code in codes.items() if code is None} == {*late, *honest}
            # one that was opened after the forgery is not even checked, and so in the wrong state
            assert {codes[about] for about in certified} <= {"facts_incomplete", "wrong_state"}, (
                "some are not even checked"
            )
            certificates = {payouts[voucher_id]["certificate_id"] for voucher_id in late}
            insider.attacked |= certificates
            await scene.parked(certificates)
            codes = await scene.decide("/v1/payout-approvals", season.staff.approver, late)
            assert codes == dict.fromkeys(late, "facts_incomplete")

            season.payout_ids = [payouts[voucher_id]["id"] for voucher_id in honest]
            await season.pay()
            await scene.check_books(honest)

            insider.attacked.clear()
            await scene.client.clock.wait_until_quiet()
            await scene.discard_forged()
            await scene.client.clock.wait_until_quiet()
            await season.review()
            season.payout_ids += [payouts[voucher_id]["id"] for voucher_id in late]
            await season.pay()
            await scene.check_books(vouchers | certified.keys() | late | honest)
