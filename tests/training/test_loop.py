"""From the catalogue to completed enrolments, as the whole loop needs it."""

from tests.training.town import DAYS, Town, codes, done


async def test_a_class_from_filing_to_completion(town: Town) -> None:
    course = await town.course()
    first, second, third = await town.register(course, 3)
    await town.tick()
    for session in range(DAYS):
        await town.after(course, session)
        there = [first, second] if session else [first, second, third]
        assert set(codes(await town.roster(course, session, there))) == {"ok"}
        await town.tick()
    answer = await town.test(course, {first: 90, second: 40, third: 100})
    results = [one["result"]["status"] for one in done(answer, 200)["results"]]
    assert results == ["completed", "failed_test", "failed_attendance"]
    (completed,) = await town.told("enrolment.completed")
    assert completed.id == first
    assert completed.class_hours == 64  # type: ignore[attr-defined]  # of its class
    assert completed.trainer_ids == (course.trainer,)  # type: ignore[attr-defined]  # of its class
    recorded = await town.told("attendance.recorded")
    assert [event.attendance_count for event in recorded] == [3] + [2] * (DAYS - 1)  # type: ignore[attr-defined]  # of its class
    assert len(await town.told("enrolment.attending")) == 3
    for name, times in {"class.drafted": 1, "class.filed": 1, "class.approved": 1, "class.started": 1}.items():
        assert len(await town.told(name)) == times
    assert len(await town.told("class.finished")) == 1
    verified = done(await town.door.post(town.officer, f"/v1/classes/{course.id}/verifications"))
    assert verified["status"] == "verified"
    assert await town.tick() == 0
