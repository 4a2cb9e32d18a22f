"""What the worker process consumes."""

from sqlalchemy import text

from services.evaluation.worker import worker
from shared.contracts import EVENT_TYPES
from tests.evaluation.scenario import Scenario
from tests.registered import PEOPLE
from tests.worker_process import handlers_of


def test_persons_and_completed_enrolments_are_consumed() -> None:
    consumed = handlers_of("evaluation")
    people = {"person.registered", "person.moved", "person.renamed", "person.superseded", "person.separated"}
    assert {event.name for event in consumed} == people | {"enrolment.completed"}
    assert set(consumed) <= set(EVENT_TYPES)
    assert worker().topics == ("skill-voucher.voucher", "skill-voucher.training")


async def test_many_at_once_are_kept(scenario: Scenario) -> None:
    people = [scenario.registration() for _ in range(50)]
    today = await scenario.today()
    await scenario.receive(*people, *[scenario.completion(person.id, today) for person in people])
    async with scenario.database.owner.engine.connect() as connection:
        for table, known in (("persons", len(PEOPLE)), ("enrolment_facts", 0)):
            counted = await connection.execute(text(f"SELECT count(*) FROM {table}"))
            assert counted.scalar_one() == known + 50
