"""One scenario that calls every operation of audit: the examples of its OpenAPI document."""

from collections.abc import Callable

from tests.audit.door import Door
from tests.audit.telling import Life, Teller, hear
from tests.databases import ServiceDatabase
from tests.examples import NOON, Recorder

CITY = ("410400",)


async def test_examples(
    audit: ServiceDatabase, teller: Teller, door: Door, record_examples: Callable[..., Recorder]
) -> None:
    await audit.set_business_time(NOON)
    recorder = record_examples("audit")
    life = Life(teller).whole()
    await hear(audit, teller.drain())
    recorder.listen(door.client)
    await door.get(f"/v1/log?aggregate_id={life.voucher_id}&limit=2", "auditor", areas=CITY)
    head = (await door.post("/v1/log-verifications", "operator", {}, areas=CITY)).json()
    recorder.forget("verifyLog")
    noted = {"entries": head["entries"], "head": head["head"]}
    await door.post("/v1/log-verifications", "operator", {"noted": noted}, areas=CITY)
    await door.get(f"/v1/dossiers/{life.person_id}", "worker", person=life.person_id)
    await door.get(f"/v1/vouchers/{life.voucher_id}/trail", "worker", person=life.person_id)
    await door.get("/v1/funnel?area=410402&since=2026-11-01&until=2026-11-30", "officer", areas=("410402",))
    recorder.check()
