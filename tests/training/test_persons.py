"""Two records of one person are one person, whatever that person does in training."""

from dataclasses import replace
from uuid import UUID, uuid4

from tests.api_client import Account, codes, done, refused
from tests.training.scenario import AREA, Holder, Scenario


async def test_two_records_of_an_officer_or_trainer_are_one_person(scenario: Scenario) -> None:
    """Nobody approves what they filed or entered, and no trainer sits in a class of theirs, under another record."""
    course = await scenario.course()
    alias, old = await scenario.person(), await scenario.person()
    await scenario.supersede(alias, course.trainer)
    row = {"presence_code": await scenario.code(Holder(alias, uuid4()), course.account.institution)}
    assert codes(done(await scenario.present(course, [row]))) == ["trainer_enrols"]
    officer, said = Account("officer", await scenario.person(), areas=(AREA,)), scenario.application()
    await scenario.supersede(old, UUID(str(officer.person)))
    done(await scenario.post(replace(officer, person=old), "/v1/institutions", said), 201)
    listing = await scenario.post(officer, f"/v1/institutions/{said['credit_code']}/listings")
    assert refused(listing) == (409, "institution_same_officer")
    filer = replace(course.account, person=old)
    class_id = await scenario.filed(filer, await scenario.person())
    assert refused(await scenario.post(officer, f"/v1/classes/{class_id}/approvals")) == (409, "class_same_person")


async def test_the_survivor_sees_and_attends_for_the_old_record_until_they_are_parted(scenario: Scenario) -> None:
    """The voucher stays with the record that claimed it; who stands there is the survivor (R16)."""
    course = await scenario.course()
    old, survivor = await scenario.person(), await scenario.person()
    await scenario.supersede(old, survivor)
    (enrolled,) = await scenario.enrol(course, Holder(old, uuid4()))
    path = f"/v1/enrolments/{enrolled}"
    account = Account("worker", survivor)
    assert done(await scenario.get(account, path))["person_id"] == str(old)
    assert [row["id"] for row in done(await scenario.get(account, "/v1/enrolments"))["data"]] == [str(enrolled)]
    assert done(await scenario.get(account, f"/v1/classes/{course.id}"))
    await scenario.separate(old, survivor)
    assert refused(await scenario.get(account, path)) == (404, "enrolment_not_found")
    assert done(await scenario.get(account, "/v1/enrolments"))["data"] == []
    assert done(await scenario.get(Account("worker", old), path))["id"] == str(enrolled)
