"""What the database itself forbids, whoever asks: each invariant attacked by SQL, by a role or the owner."""

from uuid import UUID

import asyncpg
import pytest

from tests.api_client import done
from tests.training.scenario import Course, Scenario


@pytest.fixture
async def course(scenario: Scenario) -> Course:
    """A running class whose first session is open, with two registered people, one of whom has a record."""
    made = await scenario.course()
    first, second = await scenario.register(made, 2)
    await scenario.after(made, 0)
    rows = [
        {"enrolment_id": str(first), **made.stay(0, 100)},
        {"enrolment_id": str(second), **made.stay(0, 100), "checked_out_at": "2020-01-01T00:00:00Z"},
    ]
    path = f"/v1/class-sessions/{made.sessions[0]['id']}/rosters"
    assert done(await scenario.post(made.account, path, {"rows": rows}))["accepted"] == 1
    return made


ONLY_INSERTED = {
    "attendance": "minutes",
    "check_ins": "step",
    "completion_tests": "score",
    "class_contents": "digest",
    "class_returns": "reason",
}


async def test_what_is_only_ever_inserted(scenario: Scenario, course: Course) -> None:
    for table, column in ONLY_INSERTED.items():
        changes = (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE", f"UPDATE {table} SET {column} = {column}")
        assert {await scenario.attack(change) for change in changes} == {f"ao_{table}"}
        for role in ("api", "worker"):
            assert {await scenario.attack(change, role=role) for change in changes} == {"InsufficientPrivilegeError"}


async def test_no_role_writes_what_stands(scenario: Scenario, course: Course) -> None:
    for statement in (
        "DELETE FROM standing_attendance",
        "UPDATE standing_attendance SET minutes = 999",
        "INSERT INTO standing_attendance SELECT * FROM standing_attendance",
    ):
        for role in ("api", "worker"):
            assert await scenario.attack(statement, role=role) == "InsufficientPrivilegeError"


INSERT = """
    INSERT INTO attendance (id, class_session_id, class_id, enrolment_id, person_id, kind, checked_in_at,
                            checked_out_at, minutes, supersedes, reason_code, entered_by, account, entered_at)
    SELECT gen_random_uuid(), class_session_id, class_id, {enrolment}, {person}, {kind}, {come}, {go}, {minutes},
           {supersedes}, {reason}, {by}, 'attacker', entered_at
    FROM attendance LIMIT 1
"""


GOOD = {
    "enrolment": "(SELECT id FROM enrolments ORDER BY id DESC LIMIT 1)",
    "person": "(SELECT person_id FROM enrolments ORDER BY id DESC LIMIT 1)",
    "kind": "'roster'",
    "come": "checked_in_at",
    "go": "checked_out_at",
    "minutes": "1",
    "supersedes": "NULL",
    "reason": "NULL",
    "by": "NULL",
}


RECORDS: list[tuple[dict[str, str], str]] = [
    ({"minutes": "101"}, "at_attendance_minutes"),
    ({"minutes": "-1"}, "ck_attendance_times"),
    ({"come": "checked_out_at", "minutes": "0"}, "ck_attendance_times"),
    ({"go": "entered_at + interval '1 minute'"}, "ck_attendance_times"),
    ({"come": "NULL", "go": "NULL", "minutes": "0"}, "ck_attendance_times"),
    ({"person": "gen_random_uuid()"}, "fk_attendance_enrolment_id_class_id_person_id"),
    ({"person": "person_id"}, "fk_attendance_enrolment_id_class_id_person_id"),
    ({"enrolment": "enrolment_id", "person": "person_id"}, "uq_attendance_first"),
    ({"supersedes": "id"}, "ck_attendance_supersedes"),
    ({"kind": "'correction'", "reason": "'x'", "by": "gen_random_uuid()"}, "at_attendance_session"),
    ({"kind": "'make_up'", "reason": "'x'", "by": "gen_random_uuid()"}, "at_attendance_session"),
    ({"kind": "'invented'"}, "at_attendance_session"),
    ({}, "nothing"),
]
"""What is changed of a good record, and what stops it; the good one goes last."""


async def test_attendance_records(scenario: Scenario, course: Course) -> None:
    stopped = [await scenario.attack(INSERT.format(**{**GOOD, **change}), role="api") for change, _ in RECORDS]
    assert stopped == [constraint for _, constraint in RECORDS]


async def test_nobody_is_in_two_places_at_once(scenario: Scenario, course: Course) -> None:
    """A second class of the same person, put there by force: the standing records do not overlap."""
    other = await scenario.course(lead=40)
    (elsewhere,) = await scenario.register(other, 1)
    session = other.sessions[0]["id"]
    force = (
        "ALTER TABLE enrolments DISABLE TRIGGER ALL",
        f"UPDATE enrolments SET person_id = (SELECT person_id FROM standing_attendance) WHERE id = '{elsewhere}'",
        "ALTER TABLE enrolments ENABLE TRIGGER ALL",
        "ALTER TABLE class_sessions DISABLE TRIGGER ALL",
        f"UPDATE class_sessions SET status = 'open' WHERE id = '{session}'",
        "ALTER TABLE class_sessions ENABLE TRIGGER ALL",
    )
    connection = await asyncpg.connect(scenario.database.dsn)
    for statement in force:
        await connection.execute(statement)
    await connection.close()
    insert = """
        INSERT INTO attendance (id, class_session_id, class_id, enrolment_id, person_id, kind, checked_in_at,
                                checked_out_at, minutes, account, entered_at)
        SELECT gen_random_uuid(), $1, $2, $3, person_id, 'roster', checked_in_at, checked_out_at, 0, 'attacker',
               entered_at
        FROM attendance LIMIT 1
    """
    assert (
        await scenario.attack(insert, UUID(session), other.id, elsewhere, role="api") == "ex_standing_attendance_person"
    )


NOT_ITS_COLUMN = "InsufficientPrivilegeError"
FORBIDDEN = [
        ("UPDATE enrolments SET person_id = gen_random_uuid()", NOT_ITS_COLUMN),
        ("UPDATE enrolments SET voucher_id = gen_random_uuid()", NOT_ITS_COLUMN),
        ("UPDATE enrolments SET payee_id = 'x'", NOT_ITS_COLUMN),
        ("UPDATE enrolments SET level = 1", NOT_ITS_COLUMN),
        ("UPDATE enrolments SET status = 'completed', version = version + 1", "lc_enrolments"),
        ("UPDATE enrolments SET status = 'attending'", "lc_enrolments"),
        ("UPDATE enrolments SET version = version + 2", "lc_enrolments"),
        ("UPDATE enrolments SET version = version - 1", "lc_enrolments"),
        ("UPDATE class_seats SET taken = seats + 1", "ck_class_seats_taken"),
        ("UPDATE class_seats SET taken = -1", "ck_class_seats_taken"),
        ("UPDATE class_seats SET seats = 1000", NOT_ITS_COLUMN),
        ("UPDATE classes SET seats = 1000", "im_classes"),
        ("UPDATE classes SET skill_code = 'x'", "im_classes"),
        ("UPDATE classes SET starts_on = starts_on - 1", "im_classes"),
        ("UPDATE classes SET content_digest = repeat('a', 64)", "im_classes"),
        ("UPDATE classes SET planned_minutes = 1", "im_classes"),
        ("UPDATE classes SET trainer_ids = '{}'", "im_classes"),
        ("UPDATE classes SET institution = 'x'", "im_classes"),
        ("UPDATE classes SET status = 'verified', version = version + 1", "lc_classes"),
        ("UPDATE classes SET filed_by = approved_by", "ck_classes_two_people"),
        ("UPDATE class_sessions SET status = 'closed', version = version + 1, attendance_count = 1",
         "ck_class_sessions_attendance"),
        ("UPDATE class_sessions SET class_id = gen_random_uuid()", "im_class_sessions"),
        ("UPDATE class_sessions SET code_key = code_key || code_key", "im_class_sessions"),
        ("UPDATE class_sessions SET status = 'closed', version = version + 1 WHERE status = 'open'",
         "ck_class_sessions_attendance"),
        ("UPDATE class_sessions SET starts_at = (SELECT min(starts_at) FROM class_sessions), room = id::text",
         "ck_class_sessions_times|ex_class_sessions_trainer"),
        ("UPDATE class_sessions SET trainer_id = gen_random_uuid(), room = 'X', starts_at = '2030-01-01',"
         " ends_at = '2030-01-02'", "ex_class_sessions_room"),
        ("UPDATE institutions SET listed_by = applied_by", "ck_institutions_two_officers"),
        ("UPDATE institutions SET status = 'applied', version = version + 1", "lc_institutions"),
        ("DELETE FROM institution_scopes", "im_institution_scopes"),
        ("UPDATE institution_scopes SET level = 1", "im_institution_scopes"),
        ("INSERT INTO institution_scopes SELECT id, '9-99', 1, '2026-01-01', NULL FROM institutions",
         "im_institution_scopes"),
]  # fmt: skip
"""Statements, and the constraint (or either of two) that stops each."""


async def test_what_the_api_may_not_change(scenario: Scenario, course: Course) -> None:
    for statement, constraint in FORBIDDEN:
        assert await scenario.attack(statement, role="api") in constraint.split("|"), statement
        if constraint == NOT_ITS_COLUMN:
            assert (await scenario.attack(statement, role="owner")).startswith("im_"), "no role at all"


CREATE = """
    INSERT INTO enrolments (id, voucher_id, person_id, class_id, institution, class_area, channel, payee_kind, payee_id,
        mandate_id, skill_code, level, act, starts_on, ends_on, jti, presented_at, status, version, created_at)
    SELECT gen_random_uuid(), {voucher}, {person}, class_id, institution, class_area, channel, {payee}, payee_id,
        mandate_id, {skill}, level, act, starts_on, ends_on, {jti}, presented_at, {status}, {version}, created_at
    FROM enrolments LIMIT 1
"""


NEW = {
    "voucher": "gen_random_uuid()",
    "person": "gen_random_uuid()",
    "payee": "payee_kind",
    "skill": "skill_code",
    "jti": "gen_random_uuid()",
    "status": "'requested'",
    "version": "1",
}


CREATIONS: list[tuple[dict[str, str], str]] = [
    ({"jti": "jti"}, "uq_enrolments_jti"),
    ({"voucher": "voucher_id"}, "uq_enrolments_voucher_id"),
    ({"person": "person_id"}, "ex_enrolments_person_days"),
    ({"skill": "'4-03-02-02'"}, "fk_enrolments_class_id_institution_skill_code_level"),
    ({"payee": "'worker'"}, "ck_enrolments_mandate"),
    ({"status": "'registered'"}, "lc_enrolments"),
    ({"version": "2"}, "lc_enrolments"),
    ({"skill": "NULL"}, "NotNullViolationError"),
    ({}, "nothing"),
]
"""What is changed of a good creation, and what stops it; the good one goes last."""


async def test_how_an_enrolment_is_created(scenario: Scenario, course: Course) -> None:
    stopped = [await scenario.attack(CREATE.format(**{**NEW, **change}), role="api") for change, _ in CREATIONS]
    assert stopped == [constraint for _, constraint in CREATIONS]


async def test_one_trainer_is_in_one_place(scenario: Scenario, course: Course) -> None:
    other = await scenario.course()
    statement = "UPDATE class_sessions SET trainer_id = $1 WHERE class_id = $2"
    assert await scenario.attack(statement, course.trainer, other.id, role="api") == "ex_class_sessions_trainer"
