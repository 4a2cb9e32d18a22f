"""The pure decisions of training: rules, filings, codes, seats, attendance, completion."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.training.attendance.domain import (
    AttendanceInFuture,
    AttendanceOutsideSession,
    AttendanceOverlaps,
    AttendanceRecordedAlready,
    Attendee,
    NotPresentable,
    Room,
    Standing,
    attendance_digest,
)
from services.training.check_ins.domain import (
    SessionCodeInvalid,
    code_expires_at,
    code_step,
    session_code,
    step_of_code,
)
from services.training.class_sessions.domain import Interval, RoomBusy, SessionFacts, TrainerBusy
from services.training.completions.domain import decide_completion
from services.training.enrolments.domain import (
    ClassFacts,
    ClassFull,
    EnrolmentAction,
    EnrolmentNotFound,
    EnrolmentOverlaps,
    Mandate,
    MandateElsewhere,
    NotOwnStaff,
    Occupied,
    Payee,
    PresenceCodeElsewhere,
    PresenceCodeUsed,
    Presented,
    SkillDiffers,
    TrainerEnrols,
    VoucherPresented,
    check_presented,
    payee_of,
)
from services.training.filings.domain import (
    FORMS_ZH,
    AmendmentInvalid,
    ClassHoursTooFew,
    ClassPlan,
    FiledTooLate,
    PayeeInvalid,
    PlannedSession,
    SessionsOverlap,
    SessionTimesInvalid,
    TooManySeats,
    TrainerNotOfClass,
    amended,
    canonical_room,
    check_conflicts,
    check_filing,
    check_plan,
    plan_of,
)
from services.training.institutions.domain import (
    InstitutionFacts,
    InstitutionNotActive,
    ScopeInvalid,
    ScopeLine,
    SkillNotInScope,
    canonical_scope,
    check_listed,
)
from services.training.rules.domain import Rules
from shared.kernel.clock import SHANGHAI, business_date
from shared.reference.skills import SkillUnknown, canonical_skill

RULES = Rules(
    class_seats_most=50,
    class_hours_least=60,
    class_hours_least_specific_competence=40,
    filing_lead_days=7,
    minutes_per_class_hour=45,
    day_cap_minutes=540,
    attendance_ratio_percent=80,
    make_up_percent=10,
    completion_pass_mark=60,
    session_grace_minutes=30,
    roster_deadline_days=15,
)
NINE = datetime(2026, 12, 7, 9, tzinfo=SHANGHAI)
TRAINER, OTHER_TRAINER = uuid4(), uuid4()
HOME = "914104007000010000"


def session(day: int = 0, hours: int = 6, **other: object) -> PlannedSession:
    """A session of a day, from nine o'clock."""
    begins_at = NINE + timedelta(days=day)
    planned = PlannedSession(uuid4(), Interval(begins_at, begins_at + timedelta(hours=hours)), TRAINER, "A1")
    return replace(planned, **other)  # type: ignore[arg-type]  # names of its fields


def plan(**other: object) -> ClassPlan:
    """A class of eight days of eight class hours."""
    made = ClassPlan(
        institution=HOME, skill_code="4-03-02-01", level=4, area="410402", department="rsj", channel="social",
        form="menu", act="first", payee_kind="institution", payee_id=HOME, seats=50, room="A1",
        trainer_ids=(TRAINER,), sessions=tuple(session(day) for day in range(8)),
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]  # names of its fields


def test_a_class_hour_is_45_minutes_and_a_day_is_capped() -> None:
    assert RULES.class_hours(44) == 0
    assert RULES.class_hours(90) == 2
    assert RULES.countable_minutes({date(2026, 1, 1): 900, date(2026, 1, 2): 100}) == 640
    assert plan().planned_minutes(RULES) == 8 * 360
    assert plan(sessions=(session(hours=14),)).planned_minutes(RULES) == 540


def test_a_filing_keeps_d18() -> None:
    today = business_date(NINE) - timedelta(days=7)
    check_filing(plan(), RULES, today)
    with pytest.raises(FiledTooLate):
        check_filing(plan(), RULES, today + timedelta(days=1))
    with pytest.raises(TooManySeats):
        check_filing(plan(seats=51), RULES, today)
    with pytest.raises(ClassHoursTooFew):
        check_filing(plan(sessions=plan().sessions[:7]), RULES, today)


def test_a_specific_competence_needs_fewer_hours() -> None:
    assert RULES.least_class_hours(canonical_skill("ZX-4104-001")) == 40
    assert RULES.least_class_hours(canonical_skill("4-03-02-01")) == 60


def test_the_filing_day_is_shanghais() -> None:
    late = datetime(2026, 12, 6, 17, tzinfo=UTC)  # one o'clock of the 7th
    early = plan(sessions=(session(window=Interval(late, late + timedelta(hours=2))),))
    assert early.starts_on == date(2026, 12, 7)


@pytest.mark.parametrize(
    ("payee", "channel", "fits"),
    [
        (("institution", HOME), "social", True),
        (("institution", "914104007000020000"), "social", False),
        (("enterprise", "914104007000020000"), "enterprise", True),
        (("enterprise", "914104007000020000"), "social", False),
        (("enterprise", None), "enterprise", False),
        (("worker", None), "social", True),
        (("worker", HOME), "social", False),
    ],
)
def test_who_may_be_paid(payee: tuple[str, str | None], channel: str, fits: bool) -> None:  # noqa: FBT001  # a table
    made = plan(payee_kind=payee[0], payee_id=payee[1], channel=channel)
    if fits:
        check_plan(made)
    else:
        with pytest.raises(PayeeInvalid):
            check_plan(made)


def test_sessions_are_of_one_day_do_not_overlap_and_have_a_trainer_of_the_class() -> None:
    with pytest.raises(SessionTimesInvalid):
        check_plan(plan(sessions=(session(hours=0),)))
    with pytest.raises(SessionTimesInvalid):
        check_plan(plan(sessions=(session(hours=16),)))
    with pytest.raises(SessionsOverlap):
        check_plan(plan(sessions=(session(), session(hours=1))))
    with pytest.raises(TrainerNotOfClass):
        check_plan(plan(sessions=(session(trainer_id=OTHER_TRAINER),)))


def test_the_digest_is_of_the_content_and_the_content_can_be_read_again() -> None:
    made = plan()
    assert plan_of(made.content()) == made
    assert plan_of(made.content()).digest() == made.digest()
    assert replace(made, seats=49).digest() != made.digest()
    moved = replace(made, sessions=(*made.sessions[:-1], replace(made.sessions[-1], room="A2")))
    assert moved.digest() != made.digest()


def test_trainers_are_everywhere_one_and_rooms_the_institutions_own() -> None:
    window = plan().sessions[0].window
    check_conflicts(plan(), [(OTHER_TRAINER, "914104007000020000", "A1", window)])
    with pytest.raises(TrainerBusy):
        check_conflicts(plan(), [(TRAINER, "914104007000020000", "B", window)])
    with pytest.raises(RoomBusy):
        check_conflicts(plan(), [(OTHER_TRAINER, HOME, "A1", window)])
    after = Interval(window.ends_at, window.ends_at + timedelta(hours=1))
    check_conflicts(plan(), [(TRAINER, HOME, "A1", after)])


def test_rooms_and_forms_are_spelled_one_way() -> None:
    assert canonical_room(" a　１０１ ") == "A101"
    assert str(FORMS_ZH["菜单式"]) == "menu"
    assert len(FORMS_ZH) == 10


def test_an_amendment_moves_planned_sessions_within_the_filed_dates() -> None:
    made = plan()
    first, last = made.sessions[0], made.sessions[-1]
    movable = frozenset(one.id for one in made.sessions)
    now = NINE - timedelta(days=1)
    new = amended(made, [replace(first, trainer_id=OTHER_TRAINER)], movable, now)
    assert new.trainer_ids == (TRAINER, OTHER_TRAINER)
    assert new.sessions[0].trainer_id == OTHER_TRAINER
    swapped = amended(made, [replace(first, window=last.window), replace(last, window=first.window)], movable, now)
    assert swapped.sessions[0].id == last.id
    outside = Interval(NINE + timedelta(days=8), NINE + timedelta(days=8, hours=1))
    for wrong, when in (
        ([replace(first, window=outside)], now),
        ([replace(first, id=uuid4())], now),
        ([first, first], now),
        ([first], NINE),
    ):
        with pytest.raises(AmendmentInvalid):
            amended(made, wrong, movable, when)
    with pytest.raises(AmendmentInvalid):
        amended(made, [first], movable - {first.id}, now)


def test_a_code_is_taken_in_its_step_and_the_next() -> None:
    key, at = b"k" * 32, datetime(2026, 12, 7, 1, tzinfo=UTC)
    code = session_code(key, code_step(at))
    assert len(code) == 8
    for seconds in (0, 29, 30, 59):
        assert step_of_code(key, code, at + timedelta(seconds=seconds)) == code_step(at)
    for seconds in (-1, 60, 90):
        with pytest.raises(SessionCodeInvalid):
            step_of_code(key, code, at + timedelta(seconds=seconds))
    with pytest.raises(SessionCodeInvalid):
        step_of_code(b"x" * 32, code, at)
    assert code_expires_at(code_step(at)) == at + timedelta(seconds=60)


FACTS = ClassFacts(
    id=uuid4(), status="approved", institution=HOME, area="410402", channel="social", skill_code="4-03-02-01", level=4,
    act="first", payee_kind="institution", payee_id=HOME, trainer_ids=frozenset({TRAINER}),
    starts_at=NINE, starts_on=business_date(NINE), ends_on=business_date(NINE) + timedelta(days=7),
)  # fmt: skip


def shown(**other: object) -> Presented:
    """A voucher that fits."""
    made = Presented(
        voucher_id=uuid4(), person_id=uuid4(), skill_code="4-03-02-01", level=4, institution=HOME, jti=uuid4(),
        employer=None, school=None, mandate=None,
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]  # names of its fields


def test_code_and_class_fit() -> None:
    check_presented(FACTS, shown())
    with pytest.raises(PresenceCodeElsewhere):
        check_presented(FACTS, shown(institution="914104007000020000"))
    with pytest.raises(SkillDiffers):
        check_presented(FACTS, shown(level=3))
    with pytest.raises(SkillDiffers):
        check_presented(FACTS, shown(skill_code="4-03-02-02"))
    with pytest.raises(TrainerEnrols):
        check_presented(FACTS, shown(person_id=TRAINER))


def test_an_organisation_is_paid_under_a_mandate_otherwise_the_worker() -> None:
    mandate, one, plant_id = Mandate(uuid4(), HOME), shown(), "914104007000030000"
    assert payee_of(FACTS, one) == Payee("worker", str(one.person_id), None)
    assert payee_of(FACTS, replace(one, mandate=mandate)) == Payee("institution", HOME, mandate.id)
    plant = replace(FACTS, payee_kind="enterprise", payee_id=plant_id)
    with pytest.raises(MandateElsewhere):
        payee_of(plant, replace(one, mandate=mandate))
    for_plant = replace(one, mandate=Mandate(uuid4(), plant_id))
    assert {payee_of(plant, replace(for_plant, employer=own)).kind for own in (None, plant_id)} == {"enterprise"}
    with pytest.raises(NotOwnStaff):
        payee_of(plant, replace(for_plant, employer="914104007000020000"))
    assert payee_of(replace(FACTS, payee_kind="worker", payee_id=None), replace(one, mandate=mandate)).kind == "worker"


def test_seats_codes_vouchers_and_people_are_taken_once() -> None:
    occupied = Occupied(free_seats=2, codes=set(), vouchers=set(), people=set(), records={})
    first = shown()
    occupied.take(first)
    for again, refusal in (
        (first, PresenceCodeUsed),
        (replace(first, jti=uuid4()), VoucherPresented),
        (replace(first, jti=uuid4(), voucher_id=uuid4()), EnrolmentOverlaps),
    ):
        with pytest.raises(refusal):
            occupied.take(again)
    occupied.take(shown())
    with pytest.raises(ClassFull):
        occupied.take(shown())


def test_the_catalogue_lists_skill_level_and_days() -> None:
    line = ScopeLine("4-03-02-01", 4, date(2026, 1, 1), date(2026, 12, 31))
    facts = InstitutionFacts(HOME, "listed", (line,))
    check_listed(facts, "4-03-02-01", 4, date(2026, 1, 1), date(2026, 12, 31))
    for first, last in ((date(2025, 12, 31), date(2026, 1, 2)), (date(2026, 12, 1), date(2027, 1, 1))):
        with pytest.raises(SkillNotInScope):
            check_listed(facts, "4-03-02-01", 4, first, last)
    with pytest.raises(SkillNotInScope):
        check_listed(facts, "4-03-02-01", 3, date(2026, 2, 1), date(2026, 2, 1))
    check_listed(replace(facts, status="warned"), "4-03-02-01", 4, date(2026, 2, 1), date(2026, 2, 1))
    for status in ("applied", "suspended", "removed"):
        with pytest.raises(InstitutionNotActive):
            check_listed(replace(facts, status=status), "4-03-02-01", 4, date(2026, 2, 1), date(2026, 2, 1))


def test_a_scope_is_canonical_and_does_not_overlap() -> None:
    open_end = ScopeLine("４-10-08-01", 4, date(2026, 1, 1), None)
    assert canonical_scope([open_end])[0].skill_code == "4-10-08-01"
    with pytest.raises(ScopeInvalid):
        canonical_scope([open_end, ScopeLine("4-10-08-01", 4, date(2027, 1, 1), None)])
    with pytest.raises(ScopeInvalid):
        canonical_scope([replace(open_end, valid_to=date(2025, 1, 1))])
    with pytest.raises(SkillUnknown):
        canonical_scope([replace(open_end, skill_code="9-99-99-99")])


def hall(**other: object) -> tuple[Room, Attendee]:
    """A session of six hours that is over, with one attendee."""
    facts = SessionFacts(uuid4(), uuid4(), "open", Interval(NINE, NINE + timedelta(hours=6)))
    attendee = Attendee(uuid4(), facts.class_id, uuid4(), "registered")
    made = Room(facts, {attendee.enrolment_id: attendee}, NINE + timedelta(hours=7), timedelta(minutes=30))
    return replace(made, **other), attendee  # type: ignore[arg-type]  # names of its fields


def stay(from_minute: int, to_minute: int) -> Interval:
    """A stay by minutes from nine o'clock."""
    return Interval(NINE + timedelta(minutes=from_minute), NINE + timedelta(minutes=to_minute))


def test_only_time_within_the_session_counts() -> None:
    room, attendee = hall()
    assert room.first(attendee.enrolment_id, stay(-20, 370)).minutes == 360
    with pytest.raises(AttendanceRecordedAlready):
        room.first(attendee.enrolment_id, stay(0, 10))


def test_half_a_minute_is_no_minute() -> None:
    room, attendee = hall()
    late = Interval(NINE + timedelta(seconds=31), NINE + timedelta(minutes=10))
    assert room.first(attendee.enrolment_id, late).minutes == 9


@pytest.mark.parametrize(("begins", "ends"), [(-31, 100), (0, 391), (100, 100), (100, 50)])
def test_times_lie_in_the_sessions_window(begins: int, ends: int) -> None:
    room, attendee = hall()
    with pytest.raises(AttendanceOutsideSession):
        room.first(attendee.enrolment_id, stay(begins, ends))


def test_nobody_attends_the_future_or_two_places() -> None:
    room, attendee = hall(now=NINE + timedelta(hours=3))
    with pytest.raises(AttendanceInFuture):
        room.first(attendee.enrolment_id, stay(0, 181))
    room.stays[attendee.person_id].append(stay(60, 90))
    with pytest.raises(AttendanceOverlaps):
        room.first(attendee.enrolment_id, stay(0, 61))
    assert room.first(attendee.enrolment_id, stay(90, 120)).minutes == 30


def test_attendance_is_of_the_classs_own_registered_people() -> None:
    room, attendee = hall()
    with pytest.raises(EnrolmentNotFound):
        room.attendee(uuid4())
    for changed, refusal in (
        (replace(attendee, class_id=uuid4()), EnrolmentNotFound),
        (replace(attendee, status="requested"), NotPresentable),
        (replace(attendee, status="completed"), NotPresentable),
    ):
        room.attendees = {attendee.enrolment_id: changed}
        with pytest.raises(refusal):
            room.attendee(attendee.enrolment_id)


def test_the_digest_of_attendance_is_of_its_rows_in_any_order() -> None:
    rows = [Standing(uuid4(), uuid4(), uuid4(), uuid4(), stay(0, n), n, "roster") for n in (1, 2)]
    assert attendance_digest(rows) == attendance_digest(rows[::-1])
    assert attendance_digest([replace(rows[0], minutes=7), rows[1]]) != attendance_digest(rows)
    assert attendance_digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("score", "minutes", "ending"),
    [
        (60, 800, EnrolmentAction.COMPLETE),
        (100, 799, EnrolmentAction.FAIL_ATTENDANCE),
        (59, 1000, EnrolmentAction.FAIL_TEST),
        (0, 0, EnrolmentAction.FAIL_ATTENDANCE),
        (None, 1000, EnrolmentAction.FAIL_TEST),
    ],
)
def test_how_an_enrolment_ends(score: int | None, minutes: int, ending: EnrolmentAction) -> None:
    assert decide_completion(score=score, counted_minutes=minutes, planned_minutes=1000, rules=RULES) is ending
