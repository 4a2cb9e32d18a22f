"""Finishing a class, entering completion tests, verifying (§二(二)6; D4, D17)."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import insert

from services.training.attendance.domain import NotPresentable
from services.training.attendance.queries import attended
from services.training.attendance.service import close
from services.training.class_sessions.domain import SessionNotOver
from services.training.class_sessions.queries import classes_with_unclosed, lock_unclosed
from services.training.classes.domain import ClassState
from services.training.classes.queries import ClassRow, lock_class, lock_classes, running_past
from services.training.classes.service import finish_classes, start_with_session, verify_class
from services.training.completions.domain import (
    ClassNotFinished,
    EnrolmentDecided,
    TestRow,
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
from services.training.rules.queries import rules_on
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork
from shared.security import Principal

TESTED_TWICE = "two results of one enrolment"


async def finish_class(uow: UnitOfWork, class_id: UUID, caller: Principal) -> ClassRow:
    """The institution says that its class is over: sessions still open close with what was recorded.

    A class that is finished already stays so; `SessionNotOver` before the last session's planned time has passed.
    """
    row = await lock_class(uow, class_id, caller)
    if row.status == ClassState.FINISHED:
        return row
    if uow.now < row.ends_at:
        raise SessionNotOver
    await start_with_session(uow, row)
    await close(uow, [session.id for session in await lock_unclosed(uow, [class_id])])
    if not await finish_classes(uow, [class_id]):
        raise ClassNotFinished
    return row


async def finish_due_classes(uow: UnitOfWork, limit: int) -> int:
    """The clock finishes classes whose last session is over and whose sessions are all closed; answers how many."""
    due = await running_past(uow, uow.now, limit)
    return len(await _finish_closed(uow, [row.id for row in await lock_classes(uow, due)]))


async def _finish_closed(uow: UnitOfWork, class_ids: Collection[UUID]) -> list[ClassRow]:
    waiting = await classes_with_unclosed(uow, class_ids)
    return await finish_classes(uow, [class_id for class_id in class_ids if class_id not in waiting])


async def record_tests(
    uow: UnitOfWork, class_id: UUID, rows: Sequence[TestRow], caller: Principal
) -> list[EnrolmentRow | DomainError]:
    """Enter completion tests (结业考核) of a finished class; each enrolment completes or fails (D4, D17)."""
    held = await lock_class(uow, class_id, caller)
    if held.status == ClassState.RUNNING and uow.now >= held.ends_at:
        await _finish_closed(uow, [class_id])
    if held.status != ClassState.FINISHED:
        raise ClassNotFinished
    enrolments = await lock_enrolments(uow, [row.enrolment_id for row in rows], against=TESTED_TWICE)
    verdicts: list[UUID | DomainError] = []
    scores: dict[UUID, int] = {}
    for row in rows:
        verdict = _refused(enrolments.get(row.enrolment_id), class_id, scores)
        verdicts.append(verdict or row.enrolment_id)
        if verdict is None:
            scores[row.enrolment_id] = row.score
    await _enter(uow, scores, caller)
    ended = await _end(uow, held, dict(scores))
    return [verdict if isinstance(verdict, DomainError) else ended[verdict] for verdict in verdicts]


def _refused(found: EnrolmentRow | None, class_id: UUID, scores: Mapping[UUID, int]) -> DomainError | None:
    if found is None or found.class_id != class_id:
        return EnrolmentNotFound()
    if found.status == EnrolmentState.REQUESTED:
        return NotPresentable()
    return EnrolmentDecided() if found.status not in PRESENT_STATES or found.id in scores else None


async def verify(uow: UnitOfWork, class_id: UUID, officer: Principal) -> ClassRow:
    """An officer verifies a finished class; enrolments without a result end with what their attendance says."""
    held = await lock_class(uow, class_id, officer)
    await verify_class(uow, held)
    unanswered = await enrolments_of_classes(uow, [class_id], [EnrolmentState.REQUESTED])
    await withdraw_enrolments(uow, dict.fromkeys(unanswered, "class_over"))
    left = await enrolments_of_classes(uow, [class_id], list(PRESENT_STATES))
    locked = await lock_enrolments(uow, left, against=TESTED_TWICE)
    await _end(uow, held, dict.fromkeys([row.id for row in locked.values() if row.status in PRESENT_STATES]))
    return held


async def _enter(uow: UnitOfWork, scores: Mapping[UUID, int], caller: Principal) -> None:
    if not scores:
        return
    entered = {"entered_by": caller.person_id, "account": caller.account, "entered_at": uow.now}
    rows = [{"enrolment_id": enrolment_id, "score": score, **entered} for enrolment_id, score in scores.items()]
    await uow.session.execute(insert(CompletionTest), rows)


async def _end(uow: UnitOfWork, held: ClassRow, scores: Mapping[UUID, int | None]) -> dict[UUID, EnrolmentRow]:
    """Let locked enrolments end, each by its attendance and its score, under the rules of the class's first day."""
    rules = await rules_on(uow, held.starts_on)
    minutes = await attended(uow, list(scores), rules)
    endings = {
        enrolment_id: decide_completion(
            score=score,
            counted_minutes=minutes[enrolment_id].counted_minutes,
            planned_minutes=held.planned_minutes,
            rules=rules,
        )
        for enrolment_id, score in scores.items()
    }
    completions = {
        enrolment_id: Completion(
            trainer_ids=tuple(held.trainer_ids),
            class_hours=rules.class_hours(minutes[enrolment_id].counted_minutes),
            completed_on=uow.today,
        )
        for enrolment_id, ending in endings.items()
        if ending is EnrolmentAction.COMPLETE
    }
    return await end_enrolments(uow, endings, completions)
