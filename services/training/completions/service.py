"""Finishing a class, entering completion tests, verifying (§二(二)6; D4, D17)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import insert

from services.training.attendance.domain import EnrolmentNotAttending
from services.training.attendance.queries import attended
from services.training.attendance.service import close
from services.training.class_sessions.domain import ClassSessionNotOver
from services.training.class_sessions.queries import classes_with_unclosed, lock_unclosed
from services.training.classes.domain import ClassAction, ClassState
from services.training.classes.queries import ClassRow, classes_to_finish, lock_class, lock_classes
from services.training.classes.service import finish_classes, start_with_session
from services.training.completions.domain import (
    ClassNotFinished,
    EnrolmentDecided,
    TestRow,
    check_test_day,
    decide_completion,
)
from services.training.completions.models import CompletionTest
from services.training.enrolments.domain import (
    PRESENT_STATES,
    EnrolmentAction,
    EnrolmentNotFound,
    EnrolmentState,
)
from services.training.enrolments.queries import EnrolmentRow, enrolments_of_classes, lock_enrolments
from services.training.enrolments.service import Completion, end_enrolments, withdraw_enrolments
from services.training.rules.domain import Rules
from shared.kernel.clock import business_date
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork
from shared.persistence.dated import rules_on
from shared.security import Principal

TESTED_TWICE = "two results of one enrolment"


async def finish_class(uow: UnitOfWork, class_id: UUID, caller: Principal) -> ClassRow:
    """The institution says that its class is over: sessions still open close with what was recorded.

    A class that is finished already stays so; `ClassSessionNotOver` before the last session's planned time has passed.
    """
    row = await lock_class(uow, class_id, caller)
    if row.status == ClassState.FINISHED:
        return row
    if uow.now < row.ends_at:
        raise ClassSessionNotOver
    await start_with_session(uow, row)
    await close(uow, [session.id for session in await lock_unclosed(uow, [class_id])])
    if not await finish_classes(uow, [class_id]):
        raise ClassNotFinished
    return row


async def finish_due_classes(uow: UnitOfWork, limit: int) -> int:
    """The clock finishes classes whose last session is over and whose sessions are all closed; answers how many."""
    due = await classes_to_finish(uow, limit)
    return len(await _finish_closed(uow, [row.id for row in await lock_classes(uow, due)]))


async def record_tests(
    uow: UnitOfWork, class_id: UUID, rows: Sequence[TestRow], caller: Principal
) -> list[EnrolmentRow | DomainError]:
    """Enter completion tests (结业考核) of a finished class; each enrolment completes or fails (D4, D17)."""
    training_class = await lock_class(uow, class_id, caller)
    if training_class.status == ClassState.RUNNING and uow.now >= training_class.ends_at:
        await _finish_closed(uow, [class_id])
    if training_class.status != ClassState.FINISHED:
        raise ClassNotFinished
    enrolments = await lock_enrolments(uow, [row.enrolment_id for row in rows], against=TESTED_TWICE)
    tests: dict[UUID, TestRow] = {}
    verdicts: list[UUID | DomainError] = []
    last_day = business_date(training_class.ends_at)
    for row in rows:
        refusal = _refusal(enrolments.get(row.enrolment_id), class_id, tests)
        if refusal is None:
            try:
                check_test_day(row.held_on, last_day, uow.today)
            except DomainError as wrong_day:
                refusal = wrong_day
        verdicts.append(refusal or row.enrolment_id)
        if refusal is None:
            tests[row.enrolment_id] = row
    await _keep_scores(uow, tests)
    ended = await _end(uow, training_class, tests)
    return [verdict if isinstance(verdict, DomainError) else ended[verdict] for verdict in verdicts]


async def verify_class(uow: UnitOfWork, class_id: UUID, officer: Principal) -> ClassRow:
    """An officer verifies a finished class; enrolments without a result end with what their attendance says."""
    training_class = await lock_class(uow, class_id, officer)
    uow.move(training_class, ClassAction.VERIFY)
    unanswered = await enrolments_of_classes(uow, [class_id], [EnrolmentState.REQUESTED])
    await withdraw_enrolments(uow, dict.fromkeys(unanswered, "class_over"))
    left = await enrolments_of_classes(uow, [class_id], PRESENT_STATES)
    locked = await lock_enrolments(uow, left, against=TESTED_TWICE)
    untested = [row.id for row in locked.values() if row.status in PRESENT_STATES]
    await _end(uow, training_class, dict.fromkeys(untested))
    return training_class


async def _finish_closed(uow: UnitOfWork, class_ids: Collection[UUID]) -> list[ClassRow]:
    waiting = await classes_with_unclosed(uow, class_ids)
    return await finish_classes(uow, [class_id for class_id in class_ids if class_id not in waiting])


def _refusal(found: EnrolmentRow | None, class_id: UUID, tests: Mapping[UUID, TestRow]) -> DomainError | None:
    """Why a row's score is not taken, if it is not; `tests` are those taken so far."""
    if found is None or found.class_id != class_id:
        return EnrolmentNotFound()
    if found.status == EnrolmentState.REQUESTED:
        return EnrolmentNotAttending()
    return EnrolmentDecided() if found.status not in PRESENT_STATES or found.id in tests else None


async def _keep_scores(uow: UnitOfWork, tests: Mapping[UUID, TestRow]) -> None:
    if not tests:
        return
    entered = {"entered_by": uow.acting.person_id, "account": uow.acting.id, "entered_at": uow.now}
    rows = [{**asdict(test), **entered} for test in tests.values()]
    await uow.session.execute(insert(CompletionTest), rows)


async def _end(
    uow: UnitOfWork, training_class: ClassRow, tests: Mapping[UUID, TestRow | None]
) -> dict[UUID, EnrolmentRow]:
    """Let locked enrolments end, each by its attendance and its test, under the rules of the class's first day."""
    rules = await rules_on(uow, Rules, training_class.starts_on)
    minutes = await attended(uow, list(tests), rules)
    endings = {
        enrolment_id: decide_completion(
            score=None if test is None else test.score,
            counted_minutes=minutes[enrolment_id].counted_minutes,
            planned_minutes=training_class.planned_minutes,
            rules=rules,
        )
        for enrolment_id, test in tests.items()
    }
    completions = {
        enrolment_id: Completion(
            trainer_ids=tuple(training_class.trainer_ids),
            class_hours=rules.class_hours(minutes[enrolment_id].counted_minutes),
            completed_on=test.held_on,
        )
        for enrolment_id, test in tests.items()
        if test is not None and endings[enrolment_id] is EnrolmentAction.COMPLETE
    }
    return await end_enrolments(uow, endings, completions)
