"""Nobody reads or writes outside their scope (DOMAIN §4, 15): a foreign id is not found, a foreign role is refused."""

from typing import Any
from uuid import uuid4

from shared.contracts.training import ClassDraftedV1
from tests.api_client import Account, done, refused
from tests.training.scenario import AREA, ELSEWHERE, Course, Scenario

OWN = ("institution", "officer", "city", "auditor")


async def actors(scenario: Scenario, course: Course) -> dict[str, Account]:
    """Everybody, near and far."""
    return {
        "institution": course.account,
        "foreign institution": await scenario.institution(),
        "officer": scenario.officer,
        "city": Account("officer", areas=("410400",)),
        "foreign officer": scenario.foreign_officer,
        "auditor": Account("auditor", uuid4(), areas=(AREA,)),
        "foreign auditor": Account("auditor", uuid4(), areas=(ELSEWHERE,)),
        "worker": course.holders[0].account,
        "foreign worker": Account("worker", uuid4()),
        "finance": Account("finance", areas=("410400",)),
    }


READS: list[tuple[str, tuple[str, ...], str]] = [
    ("/v1/classes/{class_id}", (*OWN, "worker", "foreign worker"), "class_not_found"),
    ("/v1/classes/{class_id}/enrolments", OWN, "class_not_found"),
    ("/v1/enrolments/{enrolment}", (*OWN, "worker"), "enrolment_not_found"),
    ("/v1/enrolments/{enrolment}/attendance", (*OWN, "worker"), "enrolment_not_found"),
    ("/v1/class-sessions/{session}", OWN, "class_session_not_found"),
    ("/v1/class-sessions/{session}/attendance", OWN, "class_session_not_found"),
]


async def test_reading_one(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    names = {"class_id": course.id, "enrolment": enrolment, "session": course.sessions[0]["id"]}
    nothing = dict.fromkeys(names, uuid4())
    people = await actors(scenario, course)
    for path, own, foreign_code in READS:
        for name, actor in people.items():
            answer = await scenario.get(actor, path.format(**names))
            if name in own:
                done(answer)
                assert refused(await scenario.get(actor, path.format(**nothing))) == (404, foreign_code)
            else:
                assert answer.json()["code"] in {"role_not_allowed", foreign_code}, (path, name)
                assert answer.status_code in {403, 404}
        assert (await scenario.get(None, path.format(**names))).status_code == 401


async def test_lists_hold_only_what_is_ones_own(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    drafted = await scenario.filed(course.account, course.trainer, lead=40)
    seen: dict[str, tuple[list[str], list[str]]] = {}
    for name, actor in (await actors(scenario, course)).items():
        if name == "finance":
            continue
        classes = done(await scenario.get(actor, "/v1/classes"))["data"]
        enrolments = done(await scenario.get(actor, "/v1/enrolments"))["data"]
        seen[name] = ([row["id"] for row in classes], [row["id"] for row in enrolments])
    both, enrolled = [str(course.id), drafted], [str(enrolment)]
    everything = (both, enrolled)
    assert seen == {
        "institution": everything, "officer": everything, "city": everything, "auditor": everything,
        "foreign institution": ([], []), "foreign officer": ([], []), "foreign auditor": ([], []),
        "worker": ([str(course.id)], enrolled), "foreign worker": ([str(course.id)], []),
    }  # fmt: skip
    approved = done(await scenario.get(course.account, "/v1/classes", status="approved"))["data"]
    assert [each["id"] for each in approved] == [str(course.id)]
    none = done(await scenario.get(course.account, "/v1/classes", skill_code="ZX-4104-001"))["data"]
    assert none == []


async def test_a_worker_does_not_see_what_is_not_approved(scenario: Scenario) -> None:
    account, trainer = await scenario.institution(), await scenario.person()
    class_id = await scenario.filed(account, trainer)
    assert refused(await scenario.get(Account("worker", uuid4()), f"/v1/classes/{class_id}")) == (
        404,
        "class_not_found",
    )


async def test_a_class_that_has_begun_is_only_its_own_peoples(scenario: Scenario) -> None:
    course = await scenario.course()
    await scenario.register(course, 1)
    await scenario.database.set_business_time(course.time(0, "starts_at"))
    await scenario.run_timers()
    path = f"/v1/classes/{course.id}"
    assert done(await scenario.get(course.holders[0].account, path))["status"] == "running"
    assert refused(await scenario.get(Account("worker", uuid4()), path)) == (404, "class_not_found")


CODE = {"reason_code": "because"}


WRITES: list[tuple[str, Any, tuple[str, ...], str]] = [
    ("/v1/classes/{class_id}/drafts", "draft", ("institution",), "class_not_found"),
    ("/v1/classes/{class_id}/filings", {}, ("institution",), "class_not_found"),
    ("/v1/classes/{class_id}/approvals", {}, ("officer", "city"), "class_not_found"),
    ("/v1/classes/{class_id}/returns", {"reason": "x"}, ("officer", "city"), "class_not_found"),
    ("/v1/classes/{class_id}/amendments", "changes", ("institution",), "class_not_found"),
    ("/v1/classes/{class_id}/amendments/2/approvals", {}, ("officer", "city"), "class_not_found"),
    ("/v1/classes/{class_id}/cancellations", CODE, ("institution", "officer", "city"), "class_not_found"),
    ("/v1/classes/{class_id}/stops", CODE, ("officer", "city"), "class_not_found"),
    ("/v1/classes/{class_id}/enrolments", {"rows": [{"presence_code": "x"}]}, ("institution",), "class_not_found"),
    ("/v1/classes/{class_id}/finishes", {}, ("institution",), "class_not_found"),
    (
        "/v1/classes/{class_id}/completion-tests",
        {"rows": [{"enrolment_id": str(uuid4()), "score": 1, "held_on": "2026-05-01"}]},
        ("institution",),
        "class_not_found",
    ),
    ("/v1/classes/{class_id}/verifications", {}, ("officer", "city"), "class_not_found"),
    (
        "/v1/enrolments/{enrolment}/withdrawals",
        CODE,
        ("institution", "officer", "city", "worker"),
        "enrolment_not_found",
    ),
    ("/v1/enrolments/{enrolment}/expulsions", {}, ("institution", "officer", "city"), "enrolment_not_found"),
    ("/v1/class-sessions/{session}/openings", {}, ("institution",), "class_session_not_found"),
    ("/v1/class-sessions/{session}/closings", {}, ("institution",), "class_session_not_found"),
    ("/v1/class-sessions/{session}/codes", {}, ("institution",), "class_session_not_found"),
    ("/v1/class-sessions/{session}/check-ins", {"code": "12345678"}, ("worker",), "class_session_not_found"),
    ("/v1/class-sessions/{session}/check-outs", {"code": "12345678"}, ("worker",), "class_session_not_found"),
    (
        "/v1/class-sessions/{session}/rosters",
        {
            "rows": [
                {
                    "enrolment_id": str(uuid4()),
                    "checked_in_at": "2026-01-01T00:00:00Z",
                    "checked_out_at": "2026-01-01T01:00:00Z",
                }
            ]
        },
        ("institution",),
        "class_session_not_found",
    ),
    (
        "/v1/class-sessions/{session}/corrections",
        {"rows": [{"enrolment_id": str(uuid4()), "kind": "correction", "reason_code": "x"}]},
        ("officer", "city"),
        "class_session_not_found",
    ),
]


VERSIONS = "SELECT id, version FROM classes UNION ALL SELECT id, version FROM enrolments ORDER BY id"


async def test_writing(scenario: Scenario) -> None:
    """First everybody who may not, which changes nothing; then who may: whatever is said, it is not "not found"."""
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    planned = course.sessions[0]
    said = {name: planned[name] for name in ("starts_at", "ends_at", "trainer_id", "room")}
    bodies = {
        "draft": await scenario.draft(course.account, course.trainer),
        "changes": {"changes": [{"class_session_id": planned["id"], **said}]},
    }
    names = {"class_id": course.id, "enrolment": enrolment, "session": planned["id"]}
    people, before = await actors(scenario, course), await scenario.rows(VERSIONS)
    for path, body, own, foreign_code in WRITES:
        for name in people.keys() - set(own):
            posted = bodies[body] if isinstance(body, str) else body
            answer = await scenario.post(people[name], path.format(**names), posted)
            assert answer.json()["code"] in {"role_not_allowed", foreign_code}, (path, name)
            assert answer.status_code in {403, 404}
    assert await scenario.rows(VERSIONS) == before
    for path, body, own, foreign_code in reversed(WRITES):  # cancellations and withdrawals go last
        for name in own:
            posted = bodies[body] if isinstance(body, str) else body
            answer = await scenario.post(people[name], path.format(**names), posted)
            assert answer.json().get("code") not in {"role_not_allowed", foreign_code}, (path, name)


async def test_an_institution_writes_only_its_own_classes(scenario: Scenario) -> None:
    account, other = await scenario.institution(), await scenario.institution()
    draft = await scenario.draft(account, await scenario.person())
    assert refused(await scenario.post(other, "/v1/classes", draft)) == (422, "class_payee_invalid")
    worker_paid = {**draft, "payee": {"kind": "worker"}}
    drafted = done(await scenario.post(other, "/v1/classes", worker_paid), 201)
    assert drafted["institution"] == other.institution


async def test_changes_need_a_key_and_are_answered_once(scenario: Scenario) -> None:
    account = await scenario.institution()
    draft = await scenario.draft(account, await scenario.person())
    headers = scenario.client.headers(account)
    del headers["idempotency-key"]
    answer = await scenario.client.client.post("/v1/classes", json=draft, headers=headers)
    assert answer.json()["code"] == "idempotency_key_missing"
    first, again = [await scenario.client.post(account, "/v1/classes", draft, key="once") for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert len(await scenario.emitted(ClassDraftedV1)) == 1
