"""Payout's own consumer, and the topics that it reads: what an insider puts there stands beside the real events."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts.envelope import Event
from shared.contracts.evaluation import CertificateRevokedV1
from shared.contracts.voucher import VoucherBoundV1, VoucherCertifiedV1, VoucherClaimedV1
from shared.kernel.ids import uuid7
from shared.messaging.parked import list_parked
from shared.messaging.records import Record
from shared.messaging.topics import topic_of
from shared.persistence.unit_of_work import partition_of
from tests.keys import event_signer, record_of
from tests.payout.scenario import Case, Scenario
from tests.worker_process import worker_of


def history(scenario: Scenario, case: Case) -> tuple[Event, Event, VoucherCertifiedV1]:
    """What voucher says of a case's voucher: claimed, bound, certified."""
    certified = VoucherCertifiedV1.model_validate(scenario.certified(case).model_copy(update={"version": 3}))
    said = certified.model_dump()
    return (
        VoucherClaimedV1.model_validate({**said, "version": 1}),
        VoucherBoundV1.model_validate({**said, "version": 2}),
        certified,
    )


def revoked(scenario: Scenario, case: Case) -> Event:
    """Evaluation revokes the certificate of a case."""
    return scenario.next_event(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 8), reason_code="fraud")


def forged(real: Record, *, by: str | None = None, **changes: Any) -> Record:
    """A copy of a real record with a new event id and other data, signed by the key of the service `by`, or by nobody.

    The outside follows the data where it must, so that only the signature can give it away.
    """
    document = {name: said for name, said in json.loads(real.value).items() if name != "signature"}
    data = {**document["data"], **{name: str(said) for name, said in changes.items()}}
    text = json.dumps({**document, "id": str(uuid7()), "subject": data["id"], "data": data}, separators=(",", ":"))
    value = (event_signer(by).sign(text) if by else text).encode()
    return replace(real, value=value, key=data["id"].encode(), partition=partition_of(data["id"]))


def unreadable(service: str, id: UUID | str, *, key: bytes | None = None) -> Record:
    """Nonsense on a service's topic, in the partition that carries an aggregate."""
    return Record(topic_of(service), partition_of(id), 0, b"\x00 nonsense", key=key)


class Stream:
    """The records that payout's consumer reads, each at an offset of its own."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.consumer = worker_of("payout").consumer(scenario.database.worker)
        self._next: Counter[tuple[str, int]] = Counter()

    async def bring(self, *records: Record | Event) -> None:
        """Let payout consume these, one after the other; an event is sent by its owner."""
        for record in records:
            sent = record_of(record) if isinstance(record, Event) else record
            place = (sent.topic, sent.partition)
            await self.consumer.apply([replace(sent, position=self._next[place])])
            self._next[place] += 1

    async def parked(self) -> list[str]:
        """Why events are parked, oldest first."""
        return [event.code for event in await list_parked(self.scenario.database.worker)]
