"""Everybody at once: no deadlock, no seat lost, no event without its edge."""

import asyncio
import random
from typing import Any

from tests.training.town import Town, done


async def seats_agree(town: Town) -> None:
    """Every class's counter is the number of enrolments that hold a seat."""
    rows = await town.rows(
        """
        SELECT s.class_id, s.taken, count(e.id) FILTER (WHERE e.status NOT IN ('refused', 'withdrawn')) AS held
        FROM class_seats s LEFT JOIN enrolments e ON e.class_id = s.class_id GROUP BY s.class_id, s.taken
        """
    )
    assert all(row.taken == row.held for row in rows), rows


async def test_enrolments_answers_withdrawals_and_a_suspension_at_once(town: Town) -> None:
    seed = random.randrange(10**6)
    order = random.Random(seed)
    account = await town.institution()
    courses = [await town.course(account) for _ in range(3)]
    acts: list[Any] = []
    for course in courses:
        for enrolment, holder in zip(
            await town.enrol(course, *(town.holder() for _ in range(6))), course.holders, strict=True
        ):
            heard = order.choice(
                [town.bound(course, holder, enrolment), town.bind_refused(course, holder, enrolment, "held")]
            )
            acts.append(town.hear(heard))
            path = f"/v1/enrolments/{enrolment}/withdrawals"
            acts.append(town.door.post(holder.account, path, {"reason_code": "changed_mind"}))
        rows = [{"presence_code": await town.code(town.holder(), account.institution)} for _ in range(4)]
        acts += [town.present(course, [row]) for row in rows]
    acts.append(town.door.post(town.officer, f"/v1/institutions/{account.institution}/removals", {"reason_code": "x"}))
    order.shuffle(acts)
    answers = [one for one in await asyncio.gather(*acts) if one is not None]
    assert {answer.status_code for answer in answers} <= {200, 201, 404, 409}, f"seed {seed}"
    await seats_agree(town)
    live = await town.rows("SELECT id FROM enrolments WHERE status IN ('requested', 'registered')")
    assert live == [], f"seed {seed}"
    assert {row.status for row in await town.rows("SELECT status FROM classes")} == {"cancelled"}


async def test_rosters_withdrawals_and_the_clock_at_once(town: Town) -> None:
    seed = random.randrange(10**6)
    order = random.Random(seed)
    courses = [await town.course() for _ in range(3)]
    for course in courses:
        await town.register(course, 6)
    await town.after(courses[0], 0)
    acts: list[Any] = [town.tick() for _ in range(3)]
    for course in courses:
        acts.append(town.roster(course, 0, course.enrolments))
        for enrolment in course.enrolments[:3]:
            path = f"/v1/enrolments/{enrolment}/withdrawals"
            acts.append(town.door.post(course.account, path, {"reason_code": "changed_mind"}))
    order.shuffle(acts)
    answers = [one for one in await asyncio.gather(*acts) if not isinstance(one, int)]
    assert {answer.status_code for answer in answers} <= {200, 201, 409}, f"seed {seed}"
    await seats_agree(town)
    contradictions = await town.rows(
        """
        SELECT e.id FROM enrolments e JOIN standing_attendance a ON a.enrolment_id = e.id
        WHERE a.minutes > 0 AND e.status IN ('registered', 'requested')
          AND EXISTS (SELECT 1 FROM class_sessions s WHERE s.id = a.class_session_id AND s.status = 'closed')
        """
    )
    assert contradictions == [], f"seed {seed}"


async def test_officers_and_the_clock_end_one_class(town: Town) -> None:
    course = await town.course()
    await town.register(course, 3)
    await town.attend_all(course, course.enrolments)
    finish = f"/v1/classes/{course.id}/finishes"
    scores = dict.fromkeys(course.enrolments, 90)
    answers: list[Any] = await asyncio.gather(
        *(town.tick() for _ in range(2)),
        *(town.door.post(course.account, finish) for _ in range(2)),
        *(town.test(course, scores) for _ in range(2)),
    )
    assert {answer.status_code for answer in answers if not isinstance(answer, int)} <= {200, 201, 409}
    assert len(await town.told("class.finished")) == 1
    done(await town.door.post(town.officer, f"/v1/classes/{course.id}/verifications"))
    assert len(await town.told("enrolment.completed")) == 3
