"""One scenario that calls every operation of training: the examples of its OpenAPI document."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.api_client import codes, done
from tests.examples import NOON, Recorder
from tests.training.scenario import DAYS, Course, Scenario

REASON = {"reason_code": "hours_cut_short"}
FIXED = {"code": "20360519", "expires_at": "2036-05-26T01:11:00Z"}
"""A session's code lives by the real clock."""


async def test_examples(scenario: Scenario, record_examples: Callable[..., Recorder]) -> None:
    await scenario.database.set_business_time(NOON)
    recorder = record_examples("training", **FIXED)
    recorder.listen(scenario.client.client)
    await the_catalogue(scenario)
    course = await a_filed_class(scenario)
    await people_come(scenario, course)
    await the_class_is_held(scenario, course)
    await two_classes_that_are_not(scenario, course)
    recorder.check()


async def the_catalogue(scenario: Scenario) -> None:
    """Applications, listings, supervision."""
    account = await scenario.institution()
    path = f"/v1/institutions/{account.institution}"
    for act in ("warnings", "reinstatements", "suspensions", "removals"):
        done(await scenario.post(scenario.officer, f"{path}/{act}", REASON))
    done(await scenario.get(None, path))
    done(await scenario.get(None, "/v1/institutions", area="410402", limit=1))


async def a_filed_class(scenario: Scenario) -> Course:
    """A class that is returned once, written anew, approved and amended."""
    account, trainer = await scenario.institution(), await scenario.person()
    draft = await scenario.draft(account, trainer, room="教室 101")
    course = Course(UUID(done(await scenario.post(account, "/v1/classes", draft), 201)["id"]), account, trainer, [])
    path = f"/v1/classes/{course.id}"
    done(await scenario.post(account, f"{path}/filings"))
    done(await scenario.post(scenario.officer, f"{path}/returns", {"reason": "教室面积不足"}))
    draft = await scenario.draft(account, trainer, room="教室 202")
    done(await scenario.post(account, f"{path}/drafts", draft))
    done(await scenario.post(account, f"{path}/filings"))
    course.sessions = done(await scenario.post(scenario.officer, f"{path}/approvals"))["sessions"]
    kept = {name: course.sessions[1][name] for name in ("starts_at", "ends_at", "trainer_id")}
    changes = [{"class_session_id": course.sessions[1]["id"], **kept, "room": "教室 303"}]
    done(await scenario.post(account, f"{path}/amendments", {"changes": changes}), 201)
    done(await scenario.get(scenario.officer, f"{path}/amendments/3"))
    done(await scenario.post(scenario.officer, f"{path}/amendments/3/approvals"))
    done(await scenario.get(account, path))
    done(await scenario.get(account, "/v1/classes", limit=1))
    return course


async def people_come(scenario: Scenario, course: Course) -> None:
    """Four holders are enrolled, of whom two leave again."""
    _, _, third, fourth = await scenario.register(course, 4)
    done(await scenario.get(course.account, f"/v1/classes/{course.id}/enrolments", limit=1))
    done(await scenario.get(course.holders[0].account, "/v1/enrolments"))
    done(await scenario.get(course.account, f"/v1/enrolments/{third}"))
    done(await scenario.post(course.holders[2].account, f"/v1/enrolments/{third}/withdrawals", REASON))
    done(await scenario.post(course.account, f"/v1/enrolments/{fourth}/expulsions"))


async def the_class_is_held(scenario: Scenario, course: Course) -> None:
    """A session with check-ins, the others with rosters; a correction; tests and the verification."""
    first, second, *_ = course.enrolments
    starts_at = course.time(0, "starts_at")
    await scenario.database.set_business_time(starts_at + timedelta(minutes=10))
    done(await scenario.post(course.account, course.session_path(0, "openings")))
    done(await scenario.post(course.account, course.session_path(0, "codes")))
    await visit(scenario, course, "check-ins", steps=1)
    await scenario.database.set_business_time(starts_at + timedelta(minutes=340))
    await visit(scenario, course, "check-outs", steps=0)
    await scenario.after(course, 0)
    done(await scenario.post(course.account, course.session_path(0, "closings")))
    for session in range(1, DAYS):
        await scenario.after(course, session)
        assert set(codes(done(await scenario.roster(course, session, [first, second])))) == {None}
    done(await scenario.get(course.account, course.session_path(1)))
    done(await scenario.get(course.account, course.session_path(1, "attendance")))
    done(await scenario.get(course.holders[1].account, f"/v1/enrolments/{second}/attendance"))
    correction = {"enrolment_id": str(second), "kind": "correction", "reason_code": "device_error"}
    rows: list[dict[str, Any]] = [{**correction, **course.stay(1, 300)}]
    assert codes(
        done(await scenario.post(scenario.officer, course.session_path(1, "corrections"), {"rows": rows}))
    ) == [None]
    path = f"/v1/classes/{course.id}"
    done(await scenario.post(course.account, f"{path}/finishes"))
    assert codes(done(await scenario.test(course, {first: 85, second: 52}))) == [None, None]
    done(await scenario.post(scenario.officer, f"{path}/verifications"))


async def visit(scenario: Scenario, course: Course, act: str, *, steps: int) -> None:
    """The first holder comes or goes, by the code of `steps` before the present one."""
    body = {"code": await scenario.session_code(course, steps=steps)}
    done(await scenario.post(course.holders[0].account, course.session_path(0, act), body))


async def two_classes_that_are_not(scenario: Scenario, course: Course) -> None:
    """One is cancelled, one is stopped."""
    class_id = await scenario.filed(course.account, course.trainer, room="教室 404")
    done(await scenario.post(course.account, f"/v1/classes/{class_id}/cancellations", REASON))
    stopped = await scenario.course(course.account, course.trainer, room="教室 404")
    await scenario.database.set_business_time(stopped.time(0, "starts_at"))
    await scenario.run_timers()
    done(await scenario.post(scenario.officer, f"/v1/classes/{stopped.id}/stops", REASON))
