"""Amendments of approved classes."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.training import ClassAmendedV1
from tests.api_client import done, refused
from tests.training.scenario import Course, Scenario


def moved(course: Course, session: int, **change: Any) -> dict[str, Any]:
    """A change of one session, as an amendment says it."""
    planned = course.sessions[session]
    said = {
        "class_session_id": planned["id"],
        **{name: planned[name] for name in ("starts_at", "ends_at", "trainer_id", "room")},
    }
    return {**said, **change}


async def test_an_amendment_has_its_own_approval_and_hash(scenario: Scenario) -> None:
    course, stand_in = await scenario.course(), await scenario.person()
    path = f"/v1/classes/{course.id}"
    before = done(await scenario.get(course.account, path))
    body = {"changes": [moved(course, 1, trainer_id=str(stand_in), room="二号")]}
    proposed = done(await scenario.post(course.account, f"{path}/amendments", body), 201)
    assert proposed["edition"] == 2
    assert done(await scenario.get(course.account, path)) == before
    assert done(await scenario.get(scenario.officer, f"{path}/amendments/2")) == proposed
    assert [change["room"] for change in proposed["changes"]] == ["二号"]
    assert refused(await scenario.get(scenario.officer, f"{path}/amendments/3")) == (404, "class_amendment_not_found")
    third = f"{path}/amendments/3/approvals"
    assert refused(await scenario.post(scenario.officer, third)) == (404, "class_amendment_not_found")
    after = done(await scenario.post(scenario.officer, f"{path}/amendments/2/approvals"))
    assert (after["status"], after["edition"]) == ("approved", 2)
    assert after["content_digest"] == proposed["content_digest"] != before["content_digest"]
    assert after["sessions"][1]["trainer_id"] == str(stand_in)
    assert set(after["trainer_ids"]) == {str(course.trainer), str(stand_in)}
    assert len(await scenario.emitted(ClassAmendedV1)) == 1
    again = await scenario.post(scenario.officer, f"{path}/amendments/2/approvals")
    assert refused(again) == (404, "class_amendment_not_found")


async def test_two_sessions_change_places(scenario: Scenario) -> None:
    course = await scenario.course()
    first, second = course.sessions[1], course.sessions[2]
    times = [{name: other[name] for name in ("starts_at", "ends_at")} for other in (second, first)]
    body = {"changes": [moved(course, 1, **times[0]), moved(course, 2, **times[1])]}
    path = f"/v1/classes/{course.id}"
    done(await scenario.post(course.account, f"{path}/amendments", body), 201)
    after = done(await scenario.post(scenario.officer, f"{path}/amendments/2/approvals"))
    assert [session["id"] for session in after["sessions"][1:3]] == [second["id"], first["id"]]


@pytest.mark.parametrize("wrong", ["outside", "shorter", "over", "foreign"])
async def test_what_no_amendment_does(scenario: Scenario, wrong: str) -> None:
    course = await scenario.course()
    last = course.time(-1, "starts_at")
    change = moved(course, 1)
    if wrong == "outside":
        change |= {"starts_at": (last + timedelta(days=1)).isoformat()}
        change |= {"ends_at": (last + timedelta(days=1, hours=1)).isoformat()}
    elif wrong == "shorter":
        change |= {"ends_at": (course.time(1, "starts_at") + timedelta(minutes=60)).isoformat()}
    elif wrong == "over":
        await scenario.after(course, 1)
    else:
        change |= {"class_session_id": str(uuid4())}
    answer = await scenario.post(course.account, f"/v1/classes/{course.id}/amendments", {"changes": [change]})
    status, code = (409, "class_hours_too_few") if wrong == "shorter" else (422, "class_amendment_invalid")
    assert refused(answer) == (status, code)
