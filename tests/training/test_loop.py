"""From the catalogue to completed enrolments, as the whole loop needs it."""

from shared.contracts.training import (
    AttendanceRecordedV1,
    ClassApprovedV1,
    ClassDraftedV1,
    ClassFiledV1,
    ClassFinishedV1,
    ClassStartedV1,
    EnrolmentAttendingV1,
    EnrolmentCompletedV1,
)
from tests.api_client import codes, done
from tests.training.scenario import DAYS, Scenario


async def test_a_class_from_filing_to_completion(scenario: Scenario) -> None:
    course = await scenario.course()
    first, second, third = await scenario.register(course, 3)
    await scenario.run_timers()
    for session in range(DAYS):
        await scenario.after(course, session)
        there = [first, second] if session else [first, second, third]
        assert set(codes(done(await scenario.roster(course, session, there)))) == {None}
        await scenario.run_timers()
    answer = await scenario.test(course, {first: 90, second: 40, third: 100})
    results = [row["result"]["status"] for row in done(answer)["results"]]
    assert results == ["completed", "failed_test", "failed_attendance"]
    (completed,) = await scenario.emitted(EnrolmentCompletedV1)
    assert completed.id == first
    assert completed.class_hours == 64
    assert completed.trainer_ids == (course.trainer,)
    recorded = await scenario.emitted(AttendanceRecordedV1)
    assert [event.attendance_count for event in recorded] == [3] + [2] * (DAYS - 1)
    assert len(await scenario.emitted(EnrolmentAttendingV1)) == 3
    for event in (ClassDraftedV1, ClassFiledV1, ClassApprovedV1, ClassStartedV1, ClassFinishedV1):
        assert len(await scenario.emitted(event)) == 1
    verified = done(await scenario.post(scenario.officer, f"/v1/classes/{course.id}/verifications"))
    assert verified["status"] == "verified"
    assert await scenario.run_timers() == 0
