"""What training keeps of people: who is registered, and whose records are one person's, in any order heard."""

from dataclasses import replace
from itertools import permutations
from uuid import UUID, uuid4

from services.training.person_facts.queries import known_people, same_people
from tests.training.door import Account
from tests.training.town import AREA, Holder, Town, codes, done, refused


async def records(town: Town, *people: UUID) -> dict[UUID, UUID]:
    """All records of the people."""
    async with town.database.api.unit_of_work() as uow:
        return await same_people(uow, people)


async def test_a_chain_of_mergers_leads_to_the_last_survivor(town: Town) -> None:
    for order in permutations(range(2)):
        first, second, third = [await town.person() for _ in range(3)]
        mergers = [(first, second), (second, third)]
        for number in order:
            await town.supersede(*mergers[number])
        assert await records(town, third) == dict.fromkeys([first, second, third], third)
        assert await records(town, first) == dict.fromkeys([first, second, third], third)
        async with town.database.api.unit_of_work() as uow:
            assert await known_people(uow, [first, second, third]) == {third}


async def test_who_was_not_heard_of_is_himself(town: Town) -> None:
    stranger = uuid4()
    assert await records(town, stranger) == {stranger: stranger}


async def test_two_records_in_one_request_are_one_person(town: Town) -> None:
    course = await town.course()
    old, new = await town.person(), await town.person()
    await town.supersede(old, new)
    rows = [{"presence_code": await town.code(Holder(one, uuid4()), course.account.institution)} for one in (old, new)]
    assert codes(await town.present(course, rows)) == ["ok", "enrolment_overlaps"]


async def test_two_records_of_an_officer_or_trainer_are_one_person(town: Town) -> None:
    """Nobody approves what he filed or entered, and no trainer sits in his own class, under another record."""
    course = await town.course()
    alias, old = await town.person(), await town.person()
    await town.supersede(alias, course.trainer)
    row = {"presence_code": await town.code(Holder(alias, uuid4()), course.account.institution)}
    assert codes(await town.present(course, [row])) == ["trainer_enrols"]
    himself, said = Account("officer", await town.person(), areas=(AREA,)), town.application()
    await town.supersede(old, UUID(str(himself.person)))
    done(await town.door.post(replace(himself, person=old), "/v1/institutions", said))
    listing = await town.door.post(himself, f"/v1/institutions/{said['credit_code']}/listings")
    refused(listing, 409, "institution_same_officer")
    filer = replace(course.account, person=old)
    class_id = await town.filed(filer, await town.person())
    refused(await town.door.post(himself, f"/v1/classes/{class_id}/approvals"), 409, "class_same_person")
