"""What the database itself forbids, tried by SQL as the API's role and as the owner (DOMAIN §4: 9, 11, 13, 14)."""

from datetime import date, timedelta

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.persistence.refusals import constraint_of
from tests.api_client import done
from tests.databases import ServiceDatabase
from tests.evaluation.scenario import PERMIT, AssessingBody, Scenario

PASS = {"theory": 80, "practice": 80}
FAIL = {"theory": 10, "practice": 80}
CERTIFICATE_ROW = """
    INSERT INTO certificates (id, status, version, created_at, kind, basis, number, person_id, subject_digest,
        skill_code, level, act, body, area, channel, assessed_on, issued_on, jws)
    SELECT gen_random_uuid(), '{status}', 1, now(), 'skill_level', '{basis}', 'S1', person_id, repeat('0', 64),
        skill_code, {level}, act, body, '410402', 'social', held_on, held_on, 'a.b.c'
    FROM candidates LIMIT 1
"""
BASIS_ROW = """
    INSERT INTO assessed_certificates (certificate_id, candidate_id, session_id, person_id, skill_code, level, act)
    SELECT c.id, k.id, k.session_id, k.person_id, k.skill_code, {level}, k.act
    FROM certificates c, candidates k WHERE c.number = 'S1' LIMIT 1
"""


def certificate_row(status: str, basis: str, level: str = "level") -> str:
    """A statement that forges a certificate for the first candidate."""
    return CERTIFICATE_ROW.format(status=status, basis=basis, level=level)


async def refused_by(database: ServiceDatabase, *statements: str, as_owner: bool = True) -> str | None:
    """The constraint that refuses these statements in one transaction."""
    engine = database.owner.engine if as_owner else database.api.engine
    with pytest.raises(DBAPIError) as raised:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    return constraint_of(raised.value) or str(raised.value.orig)


@pytest.fixture
async def room(scenario: Scenario) -> tuple[Scenario, AssessingBody, str, list[str]]:
    """An open session of a public body with two candidates."""
    body = await scenario.body()
    session = await scenario.session(body)
    candidates = await scenario.admitted(body, session, await scenario.trainees(2))
    await scenario.open(body, session)
    return scenario, body, session, candidates


Room = tuple[Scenario, AssessingBody, str, list[str]]


async def test_no_certificate_without_a_basis(room: Room) -> None:
    database = room[0].database
    forged = certificate_row("valid", "assessment")
    for as_owner in (True, False):
        assert await refused_by(database, forged, as_owner=as_owner) == "fk_certificates_basis"


async def test_no_certificate_for_who_has_not_passed(room: Room) -> None:
    forged = certificate_row("valid", "assessment")
    for as_owner in (True, False):
        broken = await refused_by(room[0].database, forged, BASIS_ROW.format(level="k.level"), as_owner=as_owner)
        assert broken in {"fk_assessed_certificates_candidate", "fk_assessed_certificates_session"}
    statement = BASIS_ROW.replace("act)", "act, candidate_status)").replace("k.act\n", "k.act, k.status\n")
    assert await refused_by(room[0].database, forged, statement.format(level="k.level")) == (
        "ck_assessed_certificates_passed"
    )


async def test_no_certificate_of_another_level_than_the_assessment(room: Room) -> None:
    scenario, body, session, candidates = room
    await scenario.scored(body, session, dict.fromkeys(candidates, PASS))
    done(await scenario.confirm(body.supervisor, session))
    connection = await asyncpg.connect(scenario.database.dsn)
    try:  # passed candidates without their certificates, as only a superuser who switches the triggers off makes them
        await connection.execute(
            """
            SET session_replication_role = replica;
            DELETE FROM assessed_certificates;
            DELETE FROM certificates;
            """
        )
    finally:
        await connection.close()
    forged = certificate_row("valid", "assessment", level="1")
    assert (
        await refused_by(scenario.database, forged, BASIS_ROW.format(level="1")) == "fk_assessed_certificates_candidate"
    )
    broken = await refused_by(scenario.database, forged, BASIS_ROW.format(level="k.level"))
    assert broken == "fk_assessed_certificates_certificate"


async def test_no_certificate_for_another_occasion_than_the_assessment(room: Room) -> None:
    scenario, body, session, candidates = room
    await scenario.scored(body, session, dict.fromkeys(candidates, PASS))
    done(await scenario.confirm(body.supervisor, session))
    for table, constraint in (
        ("certificates", "ck_certificates_occasion"),
        ("candidates", "ck_candidates_occasion"),
        ("assessed_certificates", "ao_assessed_certificates"),
    ):
        forged = f"UPDATE {table} SET occasion = 'review:2030-01-01'"
        assert await refused_by(scenario.database, forged) in {constraint, f"im_{table}"}
    assert await refused_by(scenario.database, "UPDATE certificates SET review_due_on = now()") == "im_certificates"


async def test_a_certificate_and_its_assessment_are_for_one_occasion(scenario: Scenario) -> None:
    """Of a review that was passed, a certificate for the review of another day; its row at the one or at the other."""
    body = await scenario.body("government")
    (permit,) = await scenario.certified(body, **PERMIT)
    due = date.fromisoformat(permit["review_due_on"])
    await scenario.pass_days((due - timedelta(days=1) - await scenario.today()).days)
    training = await scenario.enrolment(permit["person_id"], **PERMIT, act="review")
    session = await scenario.session(body, **PERMIT, act="review")
    (candidate,) = await scenario.admitted(body, session, [training])
    await scenario.open(body, session)
    await scenario.scored(body, session, {candidate: PASS})
    done(await scenario.confirm(body.supervisor, session))
    connection = await asyncpg.connect(scenario.database.dsn)
    try:  # the passed candidate without a certificate, as only a superuser who switches the triggers off makes one
        await connection.execute(
            "SET session_replication_role = replica; DELETE FROM assessed_certificates; DELETE FROM certificates;"
        )
    finally:
        await connection.close()
    forged = certificate_row("valid", "assessment")
    for said, other in (
        ("act, body, area", "act, occasion, review_due_on, body, area"),
        ("act, body, '410402'", "act, 'review:2030-01-01', held_on, body, '410402'"),
        ("'skill_level'", "'special_operation'"),
        ("FROM candidates", f"FROM candidates WHERE id = '{candidate}'"),
    ):
        forged = forged.replace(said, other)
    for occasion, constraint in (
        ("'review:2030-01-01'", "fk_assessed_certificates_candidate_occasion"),
        ("k.occasion", "fk_assessed_certificates_certificate_occasion"),
    ):
        row = BASIS_ROW.format(level="k.level").replace("act)", "act, occasion)")
        row = row.replace("k.act\n", f"k.act, {occasion}\n").replace("'S1'", f"'S1' AND k.id = '{candidate}'")
        assert await refused_by(scenario.database, forged, row) == constraint


async def test_no_second_certificate_from_one_assessment(room: Room) -> None:
    scenario, body, session, candidates = room
    await scenario.scored(body, session, dict.fromkeys(candidates, PASS))
    done(await scenario.confirm(body.supervisor, session))
    forged = certificate_row("valid", "assessment")
    assert await refused_by(scenario.database, forged) == "uq_certificates_live"


async def test_an_import_is_not_valid_at_first_and_not_verified_alone(room: Room) -> None:
    database = room[0].database
    at_first = certificate_row("valid", "import")
    assert await refused_by(database, at_first) == "ck_certificates_first_status"
    imported = certificate_row("imported", "import")
    assert await refused_by(database, imported) == "fk_certificates_basis"
    basis = """
        INSERT INTO recognitions SELECT id, basis, person_id, skill_code, level, act, 'x', repeat('0', 64), now(),
            '00000000-0000-7000-8000-000000000001', now() FROM certificates WHERE number = 'S1'
    """
    verified = "UPDATE certificates SET status = 'valid', version = version + 1 WHERE number = 'S1'"
    check = """
        INSERT INTO recognition_checks SELECT gen_random_uuid(), certificate_id, 'verified', 'x', recorded_by, now()
        FROM recognitions
    """
    for statements in ((imported, basis, verified), (imported, basis, check, verified)):
        assert await refused_by(database, *statements) == "ck_certificates_recognition_checked"


async def test_nobody_is_revoked_by_one_officer(scenario: Scenario) -> None:
    await scenario.certified(await scenario.body())
    revoke = """
        UPDATE certificates SET status = 'revoked', version = version + 1, since = now(), reason_code = 'x',
            revocation_proposed_by = person_id, revoked_by = {approver}
    """
    for approver in ("person_id", "NULL"):
        assert await refused_by(scenario.database, revoke.format(approver=approver), as_owner=False) == (
            "ck_certificates_two_officers"
        )


@pytest.mark.parametrize(
    ("column", "value"),
    [("person_id", "(SELECT id FROM persons p WHERE p.id <> certificates.person_id LIMIT 1)"),
     ("level", "1"), ("jws", "'x.y.z'"), ("number", "'S2'"), ("voucher_id", "NULL"), ("issued_on", "'2020-01-01'")],
)  # fmt: skip
async def test_what_was_signed_never_changes(scenario: Scenario, column: str, value: str) -> None:
    await scenario.certified(await scenario.body())
    assert await refused_by(scenario.database, f"UPDATE certificates SET {column} = {value}") == "im_certificates"


async def test_a_session_has_three_people_and_its_supervisor_confirms(room: Room) -> None:
    database = room[0].database
    insert = """
        INSERT INTO assessment_sessions (id, status, version, created_at, body, body_kind, area, province_code,
            skill_code, level, act, held_on, place, site_code, assessor_1_id, assessor_2_id, supervisor_id)
        SELECT gen_random_uuid(), 'scheduled', 1, now(), body, {kind}, area, province_code, skill_code, level, act,
            held_on, place, site_code, assessor_1_id, {second}, {supervisor} FROM assessment_sessions
    """
    for kind, second, supervisor, broken in (
        ("body_kind", "assessor_1_id", "supervisor_id", "ck_assessment_sessions_panel"),
        ("body_kind", "assessor_2_id", "assessor_2_id", "ck_assessment_sessions_panel"),
        ("'government'", "assessor_2_id", "supervisor_id", "fk_assessment_sessions_body"),
    ):
        statement = insert.format(kind=kind, second=second, supervisor=supervisor)
        assert await refused_by(database, statement, as_owner=False) == broken
    scored = "UPDATE assessment_sessions SET status = 'scored', version = version + 1"
    confirmed = """
        UPDATE assessment_sessions SET status = 'confirmed', version = version + 1, confirmed_by = assessor_1_id,
            confirmed_from = 'bureau', confirmed_at = now(), confirmed_on = now()
    """
    assert await refused_by(database, scored, confirmed) == "ck_assessment_sessions_confirmed"
    swap = "UPDATE assessment_sessions SET assessor_2_id = supervisor_id, supervisor_id = assessor_2_id"
    assert await refused_by(database, swap) == "im_assessment_sessions"


async def test_scores_are_signed_by_both_assessors(room: Room) -> None:
    scenario = room[0]
    sheet = """
        INSERT INTO score_sheets (candidate_id, score_version, assessor_id, theory, practice, signed_at)
        SELECT id, {version}, {who}, {theory}, 80, now() FROM candidates LIMIT 1
    """
    stranger = sheet.format(version=1, who=f"'{(await scenario.body()).assessors[0].person}'", theory=80)
    assert await refused_by(scenario.database, stranger, as_owner=False) == "ck_score_sheets_signature"
    first, second = (sheet.format(version=1, who=who, theory=80) for who in ("assessor_1_id", "assessor_2_id"))
    differing = sheet.format(version=1, who="assessor_2_id", theory=81)
    assert await refused_by(scenario.database, first, differing, as_owner=False) == "ex_score_sheets_points"
    scored = """
        UPDATE candidates SET status = 'scored', version = version + 1, score_version = 1, theory = 80, practice = 80
        WHERE status = 'sat'
    """
    sit = "UPDATE candidates SET status = 'sat', version = version + 1"
    assert await refused_by(scenario.database, sit, first, scored, as_owner=False) == "ck_candidates_agreement"
    changed = scored.replace("theory = 80", "theory = 90")
    assert await refused_by(scenario.database, sit, first, second, changed, as_owner=False) == "ck_candidates_agreement"
    unsigned = "UPDATE candidates SET status = 'scored', version = version + 1 WHERE status = 'sat'"
    assert await refused_by(scenario.database, sit, unsigned) == "ck_candidates_score"


async def test_results_come_with_the_confirmation_only(room: Room) -> None:
    scenario, body, session, candidates = room
    await scenario.scored(body, session, dict.fromkeys(candidates, FAIL))
    passed = "UPDATE candidates SET status = 'passed', version = version + 1"
    assert await refused_by(scenario.database, passed, as_owner=False) == "ck_candidates_confirmed"
    better = "UPDATE candidates SET theory = 100"
    assert await refused_by(scenario.database, better, as_owner=False) == "ck_candidates_agreement"


async def test_sheets_are_only_added(room: Room) -> None:
    scenario, body, session, candidates = room
    await scenario.scored(body, session, {candidates[0]: PASS})
    for attack in ("UPDATE score_sheets SET theory = 100", "DELETE FROM score_sheets", "TRUNCATE score_sheets"):
        assert await refused_by(scenario.database, attack) == "ao_score_sheets"
        assert "permission denied" in (await refused_by(scenario.database, attack, as_owner=False) or "")
    late = """
        INSERT INTO score_sheets (candidate_id, score_version, assessor_id, theory, practice, signed_at)
        SELECT id, 9, assessor_1_id, 100, 100, now() FROM candidates WHERE status = 'scored'
    """
    assert await refused_by(scenario.database, late, as_owner=False) == "ck_score_sheets_signature"


async def test_independence_is_held_row_by_row(scenario: Scenario) -> None:
    """The API's role cannot admit whom the body trained, its own panel, or who belongs elsewhere, whatever it says."""
    social, employer = await scenario.body(), await scenario.body("employer")
    for body in (social, employer):
        await scenario.session(body)
    trained = await scenario.enrolment(await scenario.person(), institution=social.code)
    taught = await scenario.enrolment(
        await scenario.person(), employer=employer.code, trainer_ids=(employer.assessors[0].person,)
    )
    stranger = await scenario.enrolment(await scenario.person())
    on_panel = social.assessors[0].person
    for code, person, enrolment, broken in (
        (social.code, trained.person_id, trained.id, "ck_candidates_trained_by_the_body"),
        (social.code, trained.person_id, None, "ck_candidates_trained_by_the_body"),
        (social.code, on_panel, None, "ck_candidates_on_panel"),
        (employer.code, taught.person_id, taught.id, "ck_candidates_taught_by_an_assessor"),
        (employer.code, stranger.person_id, stranger.id, "ck_candidates_of_the_body"),
        (social.code, stranger.person_id, trained.id, "ck_candidates_enrolment"),
        (social.code, stranger.person_id, None, None),
    ):
        named = f"'{enrolment}'" if enrolment else "NULL"
        channel, completed = ("f.channel", "f.completed_on") if enrolment else ("'social'", "NULL")
        voucher = "f.voucher_id" if enrolment else "NULL"
        facts = f"LEFT JOIN enrolment_facts f ON f.id = {named}"
        statement = f"""
            INSERT INTO candidates (id, status, version, created_at, session_id, body, body_kind, skill_code, level,
                act, held_on, assessor_1_id, assessor_2_id, supervisor_id, person_id, enrolment_id, voucher_id, channel,
                completed_on, series_id, attempt, entry_basis, trained_by, belongs_to)
            SELECT gen_random_uuid(), 'admitted', 1, now(), s.id, s.body, s.body_kind, s.skill_code, s.level, s.act,
                s.held_on, s.assessor_1_id, s.assessor_2_id, s.supervisor_id, '{person}', {named}, {voucher}, {channel},
                {completed}, gen_random_uuid(), 1, 'open', '{{}}', s.body
            FROM assessment_sessions s {facts} WHERE s.body = '{code}'
        """
        if broken is not None:
            assert await refused_by(scenario.database, statement, as_owner=False) == broken
        else:
            async with scenario.database.api.engine.begin() as connection:
                await connection.execute(text(statement))
    third = "UPDATE candidates SET attempt = 2, series_id = gen_random_uuid()"
    assert await refused_by(scenario.database, third, as_owner=True) == "im_candidates"
    assert "permission denied" in str(await refused_by(scenario.database, third, as_owner=False))


async def test_nobody_joins_an_open_session(room: Room) -> None:
    statement = """
        INSERT INTO candidates (id, status, version, created_at, session_id, body, body_kind, skill_code, level, act,
            held_on, assessor_1_id, assessor_2_id, supervisor_id, person_id, channel, series_id, attempt, entry_basis)
        SELECT gen_random_uuid(), 'admitted', 1, now(), id, body, body_kind, skill_code, level, act, held_on,
            assessor_1_id, assessor_2_id, supervisor_id, (SELECT max(id::text)::uuid FROM persons),
            'social', gen_random_uuid(), 1, 'open' FROM assessment_sessions
    """
    assert await refused_by(room[0].database, statement, as_owner=False) == "ck_candidates_scheduled"


async def test_the_worker_only_consumes_and_lets_permits_expire(scenario: Scenario) -> None:
    await scenario.certified(await scenario.body())
    for attack in (
        "INSERT INTO certificates SELECT * FROM certificates",
        "INSERT INTO assessed_certificates SELECT * FROM assessed_certificates",
        "UPDATE candidates SET theory = 100",
        "UPDATE assessment_sessions SET held_on = held_on",
        "INSERT INTO score_sheets (candidate_id, score_version, assessor_id, signed_at) "
        "SELECT id, 9, assessor_1_id, now() FROM candidates",
        "UPDATE dated_rules SET value = 0",
        "DELETE FROM certificates",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with scenario.database.worker.engine.begin() as connection:
                await connection.execute(text(attack))


async def test_the_worker_cancels_and_gives_no_results(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scenario.session(body)
    await scenario.admitted(body, session, await scenario.trainees(1))
    for table, status in (("candidates", "sat"), ("assessment_sessions", "open")):
        with pytest.raises(DBAPIError) as caught:
            async with scenario.database.worker.engine.begin() as connection:
                await connection.execute(text(f"UPDATE {table} SET status = '{status}', version = version + 1"))
        assert constraint_of(caught.value) == f"wk_{table}"


async def test_the_api_cannot_invent_what_was_received(scenario: Scenario) -> None:
    await scenario.enrolment(await scenario.person())
    for attack in (
        "INSERT INTO persons SELECT gen_random_uuid(), 1, area, subject_digest, 3, now(), NULL FROM persons",
        "UPDATE enrolment_facts SET institution = 'x'",
        "UPDATE persons SET subject_digest = 'x'",
        "INSERT INTO dated_rules VALUES ('pass_mark_theory_points', '2020-01-01', '2020-01-02', 0, 'x')",
    ):
        assert "permission denied" in (await refused_by(scenario.database, attack, as_owner=False) or "")
