"""A process that claims for a list of people, each claim in a transaction of its own, some of them at once.

    python -m tests.voucher.claims.claimer

It reads {"url", "field_key_file", "batch_id", "people", "go"} as JSON and writes how often each outcome came; it begins
when the file `go` is there.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

from services.voucher.claims.domain import ClaimRequest
from services.voucher.claims.service import claim_vouchers
from shared.kernel.errors import DomainError
from shared.persistence import Database, refusal_of
from shared.settings import Settings
from tests.voucher.scenario import SKILL, request_of

AT_ONCE = 4


async def claim(database: Database, request: ClaimRequest) -> str:
    """One claim: the voucher's status, or the code of the refusal; what may be repeated is."""
    while True:
        try:
            async with database.unit_of_work() as uow:
                (answer,) = await claim_vouchers(uow, [request])
                return answer.code if isinstance(answer, DomainError) else answer.status
        except Exception as error:
            refused = refusal_of(error)
            if refused is None:
                raise
            if not refused.transient:
                return refused.code


async def main() -> None:
    """Claim for everybody on the list."""
    given = json.load(sys.stdin)
    database = Database(given["url"], settings=Settings(**given["keys"]), pool_size=AT_ONCE)
    gate = asyncio.Semaphore(AT_ONCE)

    async def claim_for(person: str) -> str:
        async with gate:
            return await claim(database, request_of(UUID(person), UUID(given["batch_id"]), *SKILL))

    while not Path(given["go"]).exists():
        await asyncio.sleep(0.01)
    outcomes = Counter(await asyncio.gather(*(claim_for(person) for person in given["people"])))
    await database.close()
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
