"""A scenario that calls every operation of audit: the examples of its OpenAPI document."""

from collections.abc import Callable

from tests.api_client import Account, ApiClient, done
from tests.audit.accounts import AUDITOR, OPERATOR
from tests.audit.publisher import Life, Publisher, publish
from tests.databases import ServiceDatabase
from tests.examples import NOON, Recorder


async def test_examples(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient, record_examples: Callable[..., Recorder]
) -> None:
    await audit.set_business_time(NOON)
    recorder = record_examples("audit")
    life = Life(publisher).whole()
    await publish(audit, publisher.drain())
    recorder.listen(client.client)
    done(await client.get(AUDITOR, "/v1/log", aggregate_id=life.voucher_id, limit=2))
    done(await client.get(AUDITOR, "/v1/log/head"))
    done(await client.get(AUDITOR, "/v1/log/entries/5/inclusion-proof", tree_size=20))
    done(await client.get(AUDITOR, "/v1/log/consistency-proof", first=9, second=20))
    head = done(await client.post(OPERATOR, "/v1/log-verifications"))
    recorder.forget("verifyLog")
    noted = {"entries": head["entries"], "head": head["head"]}
    done(await client.post(OPERATOR, "/v1/log-verifications", {"noted": noted}))
    worker = Account("worker", life.person_id)
    done(await client.get(worker, f"/v1/dossiers/{life.person_id}"))
    done(await client.get(worker, f"/v1/vouchers/{life.voucher_id}/trail"))
    officer = Account("officer", areas=("410402",))
    done(await client.get(officer, "/v1/funnel", area="410402", since="2026-11-01", until="2026-11-30"))
    recorder.check()
