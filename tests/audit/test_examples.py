"""A scenario that calls every operation of audit: the examples of its OpenAPI document."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.audit.checkpoints.service import sign_head
from shared.security import read_note
from tests.api_client import Account, ApiClient, done
from tests.audit.accounts import AUDITOR, OPERATOR
from tests.audit.publisher import Life, Publisher, publish
from tests.databases import Databases, ServiceDatabase
from tests.examples import NOON, Recorder
from tests.keys import all_keys, service_settings
from tests.shared.security.witness import Witness

NOTE = """audit.example/log
24
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— audit.example/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIU
"""
"""Shown in place of what was signed: it differs from run to run."""
FILE_NAME = "log-24-6b86b273ff34fce1.zip"


@pytest.fixture
def witness() -> Witness:
    """A witness that the log lists."""
    return Witness()


@pytest.fixture
async def audit(databases: Databases, witness: Witness, tmp_path: Path) -> AsyncIterator[ServiceDatabase]:
    """A database of audit that lists it."""
    settings = service_settings(all_keys(), "audit")
    listed = settings.model_copy(update={"witness_key_file": witness.write_key(tmp_path)})
    async with databases.clone("audit", listed) as database:
        yield database


async def test_examples(
    audit: ServiceDatabase,
    publisher: Publisher,
    client: ApiClient,
    witness: Witness,
    record_examples: Callable[..., Recorder],
) -> None:
    await audit.set_business_time(NOON)
    recorder = record_examples("audit", note=NOTE, line=NOTE.split("\n")[-2], content="UEsDBBQ=", file_name=FILE_NAME)
    life = Life(publisher).whole()
    await publish(audit, publisher.drain())
    recorder.listen(client.client)
    done(await client.get(AUDITOR, "/v1/log", aggregate_id=life.voucher_id, limit=2))
    done(await client.get(AUDITOR, "/v1/log/head"))
    done(await client.get(AUDITOR, "/v1/log/entries/5/inclusion-proof", tree_size=20))
    done(await client.get(AUDITOR, "/v1/log/consistency-proof", first=9, second=20))
    async with audit.worker.unit_of_work() as uow:
        await sign_head(uow)
    done(await client.get(AUDITOR, "/v1/log/checkpoints"))
    note = done(await client.get(AUDITOR, "/v1/log/latest-checkpoint"))["note"]
    done(await client.get(AUDITOR, "/v1/log/checkpoints/24"))
    line = witness.cosign(read_note(note)[0])
    done(await client.post(OPERATOR, "/v1/log/checkpoints/24/cosignatures", {"line": line}))
    chosen = {"aggregate_id": str(life.voucher_id), "known_sizes": [9]}
    done(await client.post(AUDITOR, "/v1/log-packages", chosen))
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
