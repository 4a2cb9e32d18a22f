"""A service's database role puts an event of another service into its own outbox, so that the relay sends it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.messaging.topics import SERVICES
from shared.persistence.refusals import constraint_of
from tests.databases import Databases

INSERT = text(
    "INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope) VALUES (:of, 'x', 1, 0, '{}')"
)


@pytest.mark.parametrize("service", SERVICES)
async def test_an_outbox_takes_events_of_its_own_service_only(databases: Databases, service: str) -> None:
    foreign = [f"{other}.certificate" for other in SERVICES if other != service]
    async with databases.clone(service) as database:
        for role in (database.api, database.worker):
            for of in (*foreign, "", service, f"x{service}.certificate", f"{service}x.certificate")[: len(foreign) + 4]:
                if of == service:
                    continue
                with pytest.raises(DBAPIError) as caught:
                    async with role.engine.begin() as connection:
                        await connection.execute(INSERT, {"of": of})
                assert constraint_of(caught.value) == "ck_outbox_own_events"
        async with database.api.engine.begin() as connection:
            await connection.execute(INSERT, {"of": f"{service}.certificate"})


@pytest.mark.parametrize(
    ("id", "partition", "envelope"),
    [("x", 0, "x" * 262_145), ("x", 0, "证" * 87_382), ("x" * 201, 0, "{}"), ("x", 12, "{}"), ("x", -1, "{}")],
    ids=["large", "large in bytes", "long id", "no partition", "no partition below"],
)
async def test_an_outbox_takes_nothing_that_its_relay_could_not_carry(
    databases: Databases, id: str, partition: int, envelope: str
) -> None:
    """It would stay for ever, and all later events of its partition behind it."""
    insert = text(
        "INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)"
        " VALUES ('voucher.voucher', :id, 1, :partition, :envelope)"
    )
    async with databases.clone("voucher") as database:
        with pytest.raises(DBAPIError) as caught:
            async with database.api.engine.begin() as connection:
                await connection.execute(insert, {"id": id, "partition": partition, "envelope": envelope})
        assert constraint_of(caught.value) == "ck_outbox_carriable"
