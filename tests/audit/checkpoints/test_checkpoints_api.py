"""Checkpoints over HTTP: fetched by witnesses, who bring what they say of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.audit.checkpoints import service
from services.audit.main import ROUTERS
from shared.security import read_note
from tests.api_client import Account, ApiClient, done, open_client, refused
from tests.audit.accounts import AUDITOR, CITY, OPERATOR
from tests.audit.long_log import head_over, small_entries, write_entries
from tests.databases import Databases, ServiceDatabase
from tests.keys import all_keys, service_settings
from tests.shared.security.witness import Witness

ENTRIES = small_entries(40)


@pytest.fixture
def witness() -> Witness:
    """A witness that the log lists."""
    return Witness()


@pytest.fixture
async def audit(databases: Databases, witness: Witness, tmp_path: Path) -> AsyncIterator[ServiceDatabase]:
    """A log of 40 entries; heads of 10, 25 and 40 were signed."""
    settings = service_settings(all_keys(), "audit")
    listed = settings.model_copy(update={"witness_key_file": witness.write_key(tmp_path)})
    async with databases.clone("audit", listed) as database:
        for begin, end in ((0, 10), (10, 25), (25, 40)):
            await write_entries(database, ENTRIES[begin:end])
            async with database.worker.unit_of_work() as uow:
                await service.sign_head(uow)
        yield database


@pytest.fixture
async def client(audit: ServiceDatabase) -> AsyncIterator[ApiClient]:
    """The HTTP interface over that database."""
    async with open_client(audit, ROUTERS) as opened:
        yield opened


async def test_heads_are_listed_by_pages(client: ApiClient) -> None:
    first = done(await client.get(AUDITOR, "/v1/log/checkpoints", limit=2))
    rest = done(await client.get(OPERATOR, "/v1/log/checkpoints", limit=2, cursor=first["next_cursor"]))
    listed = [*first["data"], *rest["data"]]
    assert [(head["tree_size"], head["root"]) for head in listed] == [
        (size, head_over(ENTRIES[:size]).root.hex()) for size in (10, 25, 40)
    ]
    assert done(await client.get(AUDITOR, "/v1/log/latest-checkpoint")) == listed[2]
    assert done(await client.get(AUDITOR, "/v1/log/checkpoints/25")) == listed[1]
    assert refused(await client.get(AUDITOR, "/v1/log/checkpoints/26")) == (404, "checkpoint_not_found")


async def test_a_witness_cosigns(client: ApiClient, witness: Witness) -> None:
    note = done(await client.get(OPERATOR, "/v1/log/checkpoints/25"))["note"]
    text, _ = read_note(note)
    line = witness.cosign(text)
    path = "/v1/log/checkpoints/25/cosignatures"
    cosigned = done(await client.post(OPERATOR, path, {"line": line}))
    assert (cosigned["note"], cosigned["witnesses"]) == (f"{note}{line}\n", [witness.name])
    again = done(await client.post(OPERATOR, path, {"line": witness.cosign(text, seconds=1_764_000_999)}))
    assert again == cosigned, "the first is kept"
    assert done(await client.get(AUDITOR, "/v1/log/latest-checkpoint"))["witnesses"] == []


async def test_what_is_no_cosignature_of_this_head(client: ApiClient, witness: Witness) -> None:
    text, _ = read_note(done(await client.get(OPERATOR, "/v1/log/checkpoints/25"))["note"])
    path = "/v1/log/checkpoints/25/cosignatures"

    async def bring(line: str, path: str = path) -> tuple[int, str]:
        return refused(await client.post(OPERATOR, path, {"line": line}))

    assert await bring(Witness().cosign(text)) == (409, "witness_not_registered")
    assert await bring(witness.cosign(text.replace("25", "26"))) == (422, "signed_note_invalid")
    assert await bring(witness.cosign(text, seconds=2**64 - 1)) == (422, "signed_note_invalid")
    assert await bring("— nonsense and more of it") == (422, "signed_note_invalid")
    assert await bring(witness.cosign(text), path.replace("25", "24")) == (404, "checkpoint_not_found")


@pytest.mark.parametrize("path", ["checkpoints", "latest-checkpoint", "checkpoints/25"])
async def test_who_may_not(client: ApiClient, path: str) -> None:
    for role in ("officer", "worker"):
        account = Account(role, areas=(CITY,))
        assert refused(await client.get(account, f"/v1/log/{path}")) == (403, "role_not_allowed")
