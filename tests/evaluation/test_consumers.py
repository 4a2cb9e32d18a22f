"""What is heard: people and completed enrolments, through the real consumer, twice and in any order."""

from uuid import uuid4

from sqlalchemy import text

from services.evaluation.enrolment_facts.consumers import on_enrolment_completed
from services.evaluation.person_facts.consumers import on_person_registered, on_person_superseded
from services.evaluation.person_facts.queries import known_people
from services.evaluation.worker import worker
from shared.contracts import EVENT_TYPES
from shared.contracts.voucher import PersonSupersededV1
from shared.messaging.handlers import merge
from tests.clock import business_now
from tests.databases import TESTER
from tests.evaluation.town import Town, codes


async def test_both_rooms_hear(town: Town) -> None:
    heard = merge(worker().rooms)
    assert {event.name for event in heard} == {"person.registered", "person.superseded", "enrolment.completed"}
    assert set(heard) <= set(EVENT_TYPES)
    assert worker().topics == ("skill-voucher.voucher", "skill-voucher.training")


async def test_hearing_many_at_once_and_again_keeps_each_once(town: Town) -> None:
    people = [town.registration() for _ in range(50)]
    completions = [town.completion(one.id, await town.today()) for one in people]
    for _ in range(2):
        async with town.database.worker.unit_of_work() as uow:
            await on_enrolment_completed(uow, completions)
            await on_person_registered(uow, people)
    async with town.database.owner.engine.connect() as connection:
        for table in ("person_facts", "enrolment_facts"):
            counted = await connection.execute(text(f"SELECT count(*) FROM {table}"))
            assert counted.scalar_one() == 50


async def test_an_enrolment_may_be_heard_before_its_person(town: Town) -> None:
    body = await town.body()
    session = await town.session(body)
    person = town.registration()
    enrolment = town.completion(person.id, await town.today())
    row = {"enrolment_id": str(enrolment.id)}
    assert codes(await town.admit(body, session, [row])) == ["candidate_enrolment_not_completed"]
    await town.hear(enrolment)
    assert codes(await town.admit(body, session, [row])) == ["candidate_person_unknown"]
    await town.hear(person)
    assert codes(await town.admit(body, session, [row])) == [None]


async def test_two_records_count_as_one_person(town: Town) -> None:
    one, two, three = [await town.person() for _ in range(3)]
    unheard, now = uuid4(), business_now()
    events = [
        PersonSupersededV1(id=absorbed, version=2, business_at=now, actor=TESTER, survivor_id=survivor)
        for absorbed, survivor in ((one, two), (three, unheard))
    ]
    async with town.database.worker.unit_of_work() as uow:
        await on_person_superseded(uow, events)
    async with town.database.api.unit_of_work() as uow:
        people = await known_people(uow, [one, two, three, uuid4()])
    assert set(people) == {one, two, three}
    assert people[one].records == people[two].records == {one, two}
    assert people[three].records == {three, unheard}
