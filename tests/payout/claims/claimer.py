"""A process that has payouts opened: by events that come again and again, and by institutions that claim.

    python -m tests.payout.claims.claimer

It reads {"api", "worker", "settings", "vouchers", "acts", "go"} as JSON; an act is "receive" or "claim" and numbers of
vouchers. It begins when the file `go` is there, and writes how often each outcome came.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

from services.payout.claims.service import claim_payout
from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.voucher import VoucherCertifiedV1
from shared.kernel.errors import DomainError
from shared.persistence import Database, refusal_of
from shared.settings import Settings
from tests.databases import TESTER
from tests.payout.scenario import school
from tests.worker_process import receive_in

AT_ONCE = 4


class Claimer:
    """Both roles of payout, and what the others have said of each voucher."""

    def __init__(self, given: dict[str, Any]) -> None:
        settings = Settings(**given["settings"])
        self.api = Database(given["api"], settings=settings, pool_size=AT_ONCE, actor=TESTER)
        self.worker = Database(given["worker"], settings=settings, pool_size=AT_ONCE, actor=TESTER)
        self.vouchers: list[dict[str, Any]] = given["vouchers"]

    async def act(self, what: str, numbers: list[int]) -> str:
        """What became of one act; what may be repeated is."""
        while True:
            try:
                outcome: str = await getattr(self, what)([self.vouchers[number] for number in numbers])
                return outcome
            except DomainError as refused:
                return refused.code
            except Exception as error:
                refusal = refusal_of(error)
                if refusal is None or not refusal.transient:
                    raise

    async def receive(self, vouchers: list[dict[str, Any]]) -> str:
        """The certificates' and the vouchers' events in one wave, once more."""
        issued = [CertificateIssuedV1.model_validate(voucher["issued"]) for voucher in vouchers]
        certified = [VoucherCertifiedV1.model_validate(voucher["certified"]) for voucher in vouchers]
        async with self.worker.unit_of_work() as uow:
            await receive_in(uow, "payout", *issued, *certified)
        return "received"

    async def claim(self, vouchers: list[dict[str, Any]]) -> str:
        """The institution's own claim of one voucher."""
        (voucher,) = vouchers
        async with self.api.unit_of_work() as uow:
            return (await claim_payout(uow, school(voucher["institution"]), UUID(voucher["id"]))).status

    async def close(self) -> None:
        """The connections."""
        await self.api.close()
        await self.worker.close()


async def main() -> None:
    """Act in the order of the list, some at once."""
    given = json.load(sys.stdin)
    claimer, left = Claimer(given), iter(given["acts"])
    outcomes: Counter[str] = Counter()

    async def work() -> None:
        for what, numbers in left:
            outcomes[await claimer.act(what, numbers)] += len(numbers)

    while not Path(given["go"]).exists():
        await asyncio.sleep(0.01)
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    await claimer.close()
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
