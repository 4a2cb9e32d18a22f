"""Everybody at once: no deadlock, no seat lost, no event without its edge."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import httpx

from shared.contracts.training import ClassFinishedV1, EnrolmentCompletedV1
from tests.api_client import done
from tests.training.scenario import Scenario


def unexpected(answers: Sequence[httpx.Response]) -> list[str]:
    """Answers that neither say yes nor that the rule says no."""
    return [answer.text for answer in answers if answer.status_code not in {200, 404, 409}]


async def seats_agree(scenario: Scenario) -> None:
    """Every class's counter is the number of enrolments that hold a seat."""
    rows = await scenario.rows(
        """
        SELECT s.class_id, s.taken, count(e.id) FILTER (WHERE e.status NOT IN ('refused', 'withdrawn')) AS held
        FROM class_seats s LEFT JOIN enrolments e ON e.class_id = s.class_id GROUP BY s.class_id, s.taken
        """
    )
    assert all(row.taken == row.held for row in rows), rows


async def test_enrolments_answers_withdrawals_and_a_suspension_at_once(scenario: Scenario) -> None:
    seed = random.randrange(10**6)
    order = random.Random(seed)
    account = await scenario.institution()
    courses = [await scenario.course(account) for _ in range(3)]
    acts: list[Any] = []
    for course in courses:
        for enrolment, holder in zip(
            await scenario.enrol(course, *(scenario.holder() for _ in range(6))), course.holders, strict=True
        ):
            received = order.choice(
                [scenario.bound(course, holder, enrolment), scenario.bind_refused(course, holder, enrolment, "held")]
            )
            acts.append(scenario.receive(received))
            path = f"/v1/enrolments/{enrolment}/withdrawals"
            acts.append(scenario.post(holder.account, path, {"reason_code": "changed_mind"}))
        rows = [{"presence_code": await scenario.code(scenario.holder(), account.institution)} for _ in range(4)]
        acts += [scenario.present(course, [row]) for row in rows]
    acts.append(
        scenario.post(scenario.officer, f"/v1/institutions/{account.institution}/removals", {"reason_code": "x"})
    )
    order.shuffle(acts)
    answers = [answer for answer in await asyncio.gather(*acts) if answer is not None]
    assert unexpected(answers) == [], f"seed {seed}"
    await seats_agree(scenario)
    live = await scenario.rows("SELECT id FROM enrolments WHERE status IN ('requested', 'registered')")
    assert live == [], f"seed {seed}"
    assert {row.status for row in await scenario.rows("SELECT status FROM classes")} == {"cancelled"}


async def test_rosters_withdrawals_and_the_clock_at_once(scenario: Scenario) -> None:
    seed = random.randrange(10**6)
    order = random.Random(seed)
    courses = [await scenario.course() for _ in range(3)]
    for course in courses:
        await scenario.register(course, 6)
    await scenario.after(courses[0], 0)
    acts: list[Any] = [scenario.run_timers() for _ in range(3)]
    for course in courses:
        acts.append(scenario.roster(course, 0, course.enrolments))
        for enrolment in course.enrolments[:3]:
            path = f"/v1/enrolments/{enrolment}/withdrawals"
            acts.append(scenario.post(course.account, path, {"reason_code": "changed_mind"}))
    order.shuffle(acts)
    answers = [answer for answer in await asyncio.gather(*acts) if not isinstance(answer, int)]
    assert unexpected(answers) == [], f"seed {seed}"
    await seats_agree(scenario)
    contradictions = await scenario.rows(
        """
        SELECT e.id FROM enrolments e JOIN standing_attendance a ON a.enrolment_id = e.id
        WHERE a.minutes > 0 AND e.status IN ('registered', 'requested')
          AND EXISTS (SELECT 1 FROM class_sessions s WHERE s.id = a.class_session_id AND s.status = 'closed')
        """
    )
    assert contradictions == [], f"seed {seed}"


async def test_officers_and_the_clock_end_one_class(scenario: Scenario) -> None:
    course = await scenario.course()
    await scenario.register(course, 3)
    await scenario.attend_all(course, course.enrolments)
    finish = f"/v1/classes/{course.id}/finishes"
    scores = dict.fromkeys(course.enrolments, 90)
    answers: list[Any] = await asyncio.gather(
        *(scenario.run_timers() for _ in range(2)),
        *(scenario.post(course.account, finish) for _ in range(2)),
        *(scenario.test(course, scores) for _ in range(2)),
    )
    assert unexpected([answer for answer in answers if not isinstance(answer, int)]) == []
    assert len(await scenario.emitted(ClassFinishedV1)) == 1
    done(await scenario.post(scenario.officer, f"/v1/classes/{course.id}/verifications"))
    assert len(await scenario.emitted(EnrolmentCompletedV1)) == 3
