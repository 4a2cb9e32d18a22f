"""From the certificate to the opened payout: p50 and p99 on the running system, beside the sum of its hops' floors.

python -m tests.bench.latency [certificates] [certificates a second]

Measured from the recorded time of `certificate.issued` to that of `payout.opened`, as the audit's log has them. On the
way are two hops, evaluation to voucher and voucher to payout: in each a commit, the relay's wake-up, and Kafka. (A
recorded time is the beginning of its unit of work, so the first commit is in it and the last is not.)
"""

import asyncio
import math
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock_time

import asyncpg
from rich.table import Table

from deploy.local.demo import cast_for, open_client
from deploy.local.demo.cast import Skill
from deploy.local.demo.client import side_by_side
from deploy.local.demo.season import CERTIFIED_PER_CENT, TRAINED_PER_CENT, Season, Step
from deploy.local.demo.staff import seed
from deploy.local.demo.steps import Trainee
from deploy.local.environment import LocalEnvironment, Process
from shared.kernel.clock import SHANGHAI, business_date
from tests.bench.figures import conclude, console, percentile
from tests.bench.floors import Floors, measure_floors
from tests.loop.system import running_system

CERTIFICATES = 100
A_SECOND = 5.0
SEED = 20_261_123
HOPS = 2
CHAIN = ("certificate.issued", "voucher.certified", "payout.opened")

LOG = """
    SELECT said ->> 'type' AS type, (said ->> 'time')::timestamptz AS at,
           coalesce(said -> 'data' ->> 'voucher_id', aggregate_id) AS voucher_id
    FROM (SELECT aggregate_id, convert_from(envelope, 'UTF8')::jsonb AS said FROM log_entries) AS entries
    WHERE said ->> 'type' = ANY($1)
"""
TYPES = {
    f"cn.skillvoucher.{service}.{name}.v1": name
    for service, name in zip(("evaluation", "voucher", "payout"), CHAIN, strict=True)
}


class OneByOne(Season):
    """A season whose certificates are issued one after the other, at a rate."""

    a_second: float = A_SECOND

    async def assess(self) -> None:
        """An assessment for each worker; all are scored before the first is confirmed."""
        client = self.client
        held_on = business_date(await client.clock.now()) + timedelta(days=1)
        await client.clock.advance(datetime.combine(held_on, clock_time(8), SHANGHAI))
        passing = [(course.skill, trainee) for course in self.courses for trainee in course.trainees if trainee.passes]
        scored = await side_by_side([self._score(*trainee, held_on) for trainee in passing])
        await client.clock.wait_until_quiet()
        async with asyncio.TaskGroup() as group:
            started = time.monotonic()
            for number, path in enumerate(scored):
                await asyncio.sleep(max(0.0, started + number / self.a_second - time.monotonic()))
                group.create_task(client.post(self.staff.body.supervisor, "evaluation", f"{path}/confirmations"))
        await client.clock.wait_until_quiet()

    async def _score(self, skill: Skill, trainee: Trainee, held_on: date) -> str:
        """The path of an assessment session that only waits for its supervisor."""
        client, body = self.client, self.staff.body
        first, second = body.assessors[:2]
        plan = {"skill_code": skill.code, "level": skill.level, "act": "first", "held_on": str(held_on)}
        plan |= {"place": "1 考场", "site_code": "000001", "assessor_ids": [first.person, second.person]}
        plan |= {"supervisor_id": body.supervisor.person}
        session = await client.post(body.actor, "evaluation", "/v1/assessment-sessions", plan)
        path = f"/v1/assessment-sessions/{session['id']}"
        rows = [{"enrolment_id": trainee.enrolment_id}]
        (candidate,) = await client.bulk(body.actor, "evaluation", f"{path}/candidates", rows)
        await client.post(body.actor, "evaluation", f"{path}/openings")
        scores = {"practice": 82} if skill.level == 0 else {"theory": 78, "practice": 82}
        for assessor in (first, second):
            await client.bulk(assessor, "evaluation", f"{path}/scores", [{"candidate_id": candidate["id"], **scores}])
        return path


async def issue(environment: LocalEnvironment, certificates: int, a_second: float) -> None:
    """Live through a season until its payouts are opened."""
    loops = math.ceil(certificates / (TRAINED_PER_CENT * CERTIFIED_PER_CENT / 10_000))
    async with open_client(environment) as client:
        casting = await cast_for(client, SEED)
        season = OneByOne(client, await seed(client, casting, loops), casting, loops, show_step)
        season.a_second = a_second
        for phase in (season.claim, season.enrol, season.train, season.assess):
            await phase()


async def read_chains(environment: LocalEnvironment) -> list[tuple[float, float]]:
    """Of each voucher: seconds from its certificate to `voucher.certified`, and from there to `payout.opened`."""
    dsn = environment.database_url("audit", Process.MIGRATE).replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(LOG, list(TYPES))
    await connection.close()
    times: dict[str, dict[str, datetime]] = defaultdict(dict)
    for row in rows:
        times[row["voucher_id"]][TYPES[row["type"]]] = row["at"]
    chains = [[at[name] for name in CHAIN] for at in times.values() if len(at) == len(CHAIN)]
    return [((then - issued).total_seconds(), (opened - then).total_seconds()) for issued, then, opened in chains]


def show_step(step: Step) -> None:
    """One line for each phase that is done."""
    if step.done == step.of:
        console.print(f"{step.what}: {step.of} {step.unit}")


def show(chains: Sequence[tuple[float, float]], floors: Floors, a_second: float) -> None:
    """The figures in milliseconds, and what they are of the floors."""
    rows = {
        "floor: commit": floors.commit_s,
        "floor: notify": floors.notify_s,
        "floor: produce → consume": floors.kafka_s,
        "certificate.issued → voucher.certified": [first for first, _ in chains],
        "voucher.certified → payout.opened": [second for _, second in chains],
        "certificate.issued → payout.opened": [first + second for first, second in chains],
    }
    table = Table("what", "p50 ms", "p99 ms", title=f"Certificate to payout, {len(chains)} at {a_second:g}/s")
    for what, values in rows.items():
        table.add_row(what, *(f"{percentile(values, at) * 1000:.1f}" for at in (50, 99)))
    floor_s = HOPS * floors.hop_s(50)
    table.add_row("limit: the floors of two hops", f"{floor_s * 1000:.1f}", f"{HOPS * floors.hop_s(99) * 1000:.1f}")
    console.print(table)
    whole = [first + second for first, second in chains]
    p50, p99 = percentile(whole, 50), percentile(whole, 99)
    conclude(
        f"latency: certificate → payout opened p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms at {a_second:g}/s; "
        f"the floors of {HOPS} hops sum to {floor_s * 1000:.1f} ms: {p50 / floor_s:.1f} and {p99 / floor_s:.1f} times"
    )


async def main(environment: LocalEnvironment, certificates: int, a_second: float) -> None:
    """Measure the floors on the idle system, then the chain."""
    floors = await measure_floors(environment)
    await issue(environment, certificates, a_second)
    chains = await read_chains(environment)
    if len(chains) < certificates:
        raise RuntimeError(f"{len(chains)} of {certificates} payouts were opened")
    show(chains, floors, a_second)


if __name__ == "__main__":
    given = [float(argument) for argument in sys.argv[1:]]
    with running_system() as system:
        asyncio.run(
            main(system.environment, int(given[0]) if given else CERTIFICATES, given[1] if given[1:] else A_SECOND)
        )
