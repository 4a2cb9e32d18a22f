"""What the database itself forbids, attacked by SQL as the owner, who may do anything else, or as a service's role."""

from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.voucher.batches.domain import QuotaExhausted
from services.voucher.vouchers.domain import VoucherAlreadyLive
from services.voucher.vouchers.models import Voucher
from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.payout import PayoutOpenedV1
from shared.kernel.ids import uuid7
from shared.persistence import Database, refusal_of
from shared.persistence.refusals import constraint_of
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.scenario import Scenario

COPY = """
    INSERT INTO vouchers (id, number, status, version, created_at, person_id, batch_id, programme, fund_source,
        rules_version, area, valid_until, skill_code, level, occasion, claimed_at, eligibility_decided_on)
    SELECT gen_random_uuid(), 'PDS26999999990', 'claimed', 1, created_at, {person}, batch_id, programme, fund_source,
        rules_version, area, valid_until, skill_code, level, occasion, claimed_at, eligibility_decided_on
    FROM vouchers WHERE id = '{voucher}'
"""


@dataclass(frozen=True)
class Scene:
    """A claimed voucher of a batch with two, one in use, one certified, and somebody else."""

    scenario: Scenario
    claimed: Voucher
    in_use: Voucher
    certified: Voucher
    stranger: str

    async def attack(self, database: Database, statement: str) -> DBAPIError:
        """Try a statement; what the database said against it."""
        names = {
            "voucher": self.claimed.id,
            "batch": self.claimed.batch_id,
            "holder": self.claimed.person_id,
            "in_use": self.in_use.id,
            "certified": self.certified.id,
            "stranger": self.stranger,
        }
        with pytest.raises(DBAPIError) as refused:
            async with database.engine.begin() as connection:
                await connection.execute(text(statement.format(**names)))
        return refused.value


@pytest.fixture
async def scene(scenario: Scenario) -> Scene:
    """Everything in place to be attacked."""
    claimed = await scenario.claimed(batch_id=await scenario.batch(quantity=1))
    in_use, _ = await scenario.bound()
    certified, enrolment = await scenario.bound()
    facts = scenario.signed(certified, enrolment)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    return Scene(scenario, claimed, in_use, certified, str(await scenario.person()))


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE vouchers SET person_id = '{stranger}' WHERE id = '{voucher}'", "im_vouchers"),
        ("UPDATE vouchers SET batch_id = gen_random_uuid() WHERE id = '{voucher}'", "im_vouchers"),
        ("UPDATE vouchers SET level = 3 WHERE id = '{voucher}'", "im_vouchers_claim"),
        ("UPDATE vouchers SET occasion = 'review:2030-01-01' WHERE id = '{voucher}'", "im_vouchers_claim"),
        ("UPDATE vouchers SET skill_code = '4-03-02-02' WHERE id = '{voucher}'", "im_vouchers_claim"),
        ("UPDATE vouchers SET status = 'redeemed', version = version + 1 WHERE id = '{voucher}'", "lc_vouchers"),
        ("UPDATE vouchers SET status = 'expired' WHERE id = '{voucher}'", "lc_vouchers"),
        ("UPDATE vouchers SET version = version + 2 WHERE id = '{voucher}'", "lc_vouchers"),
        (
            "UPDATE vouchers SET status = 'certified', version = version + 1 WHERE id = '{in_use}'",
            "ck_vouchers_certified",
        ),
        (
            "UPDATE vouchers SET status = 'certified', version = version + 1, certified_on = '2026-01-01', "
            "certificate_id = (SELECT certificate_id FROM voucher_certificates LIMIT 1) WHERE id = '{in_use}'",
            "fk_vouchers_certificate",
        ),
        (
            "UPDATE vouchers SET status = 'in_use', version = version + 1 WHERE id = '{certified}'",
            "ck_vouchers_certified",
        ),
        ("UPDATE vouchers SET failed_trainings = 1 WHERE id = '{in_use}'", "ck_vouchers_failures"),
        ("UPDATE vouchers SET certify_by = '2030-01-01' WHERE id = '{voucher}'", "ck_vouchers_certify_by"),
        ("UPDATE vouchers SET status = 'in_use', version = version + 1 WHERE id = '{voucher}'", "ck_vouchers_bound"),
        ("UPDATE vouchers SET institution = NULL WHERE id = '{in_use}'", "ck_vouchers_binding"),
        (
            "UPDATE vouchers SET status = 'settling', version = version + 1 WHERE id = '{certified}'",
            "ck_vouchers_payout",
        ),
        ("UPDATE vouchers SET open_holds = 1, held_since = now() WHERE id = '{voucher}'", "ck_vouchers_holds_counted"),
        (
            "UPDATE vouchers SET cancel_proposed_by = '{stranger}', cancel_reason_code = 'x', "
            "cancellation_lapses_at = now(), "
            "cancelled_by = '{stranger}', status = 'cancelled', version = version + 1 WHERE id = '{voucher}'",
            "ck_vouchers_two_officers",
        ),
        ("UPDATE vouchers SET payee_id = '91410400007000011N' WHERE id = '{in_use}'", "fk_vouchers_mandate"),
        ("UPDATE vouchers SET mandate_id = gen_random_uuid() WHERE id = '{in_use}'", "fk_vouchers_mandate"),
        ("UPDATE vouchers SET mandate_id = NULL WHERE id = '{in_use}'", "ck_vouchers_mandate"),
        ("UPDATE vouchers SET mandate_id = gen_random_uuid() WHERE id = '{voucher}'", "ck_vouchers_mandate"),
        (
            "UPDATE vouchers SET payee_kind = 'worker', payee_id = '{stranger}', mandate_id = NULL "
            "WHERE id = '{in_use}'",
            "ck_vouchers_worker_paid",
        ),
        ("UPDATE mandates SET payee_id = '91410400007000011N'", "ao_mandates"),
        ("UPDATE batches SET quantity = 1000 WHERE id = '{batch}'", "im_batches"),
        ("UPDATE batches SET claimed = 2 WHERE id = '{batch}'", "ck_batches_quota"),
        ("UPDATE batches SET decided_by = proposed_by WHERE id = '{batch}'", "ck_batches_two_officers"),
        ("UPDATE eligibility_verdicts SET verdict = 'unknown'", "ao_eligibility_verdicts"),
        ("DELETE FROM eligibility_verdicts", "ao_eligibility_verdicts"),
        ("UPDATE register_extracts SET pension = 'not_drawn'", "ao_register_extracts"),
        ("DELETE FROM voucher_certificates", "ao_voucher_certificates"),
        ("INSERT INTO batch_skills VALUES ('{batch}', '4-03-02-01', 9)", "ck_batch_skills_level"),
        ("UPDATE workers SET id_number_index = sha256('x') WHERE id = '{stranger}'", "im_workers"),
        (
            "UPDATE workers SET status = 'superseded', version = version + 1 WHERE id = '{stranger}'",
            "ck_workers_superseded_names_survivor",
        ),
        (
            "UPDATE workers SET status = 'superseded', survivor_id = '{holder}', version = version + 1 "
            "WHERE id = '{stranger}'",
            "ck_workers_merger",
        ),
        ("UPDATE workers SET phone_encrypted = '\\x00' WHERE id = '{stranger}'", "ck_workers_history"),
        ("UPDATE workers SET area = '410421' WHERE id = '{stranger}'", "ck_workers_history"),
        ("UPDATE workers SET name_encrypted = '\\x00' WHERE id = '{stranger}'", "ck_workers_history"),
        ("UPDATE workers SET subject_digest = repeat('0', 64) WHERE id = '{stranger}'", "ck_workers_history"),
        (
            "INSERT INTO worker_changes SELECT id, version, 'name', name_encrypted, NULL, subject_digest, NULL, id, id,"
            " now() FROM workers WHERE id = '{stranger}'",
            "ck_worker_changes_name_was_proposed",
        ),
        (
            "INSERT INTO workers SELECT gen_random_uuid(), 'registered', 1, 0, created_at, id_number_index, "
            "id_number_encrypted, name_encrypted, phone_encrypted, salt_encrypted, subject_digest, area, "
            "real_name_method, real_name_level, real_name_verified_at, NULL FROM workers WHERE id = '{stranger}'",
            "uq_workers_id_number_index",
        ),
        (
            "INSERT INTO dated_rules VALUES ('min_age_years', '2026-01-01', NULL, 14, 'nobody')",
            "ex_dated_rules_days",
        ),
    ],
)
async def test_even_the_owner_is_refused(scene: Scene, statement: str, constraint: str) -> None:
    refused = await scene.attack(scene.scenario.database.owner, statement)
    assert constraint_of(refused) == constraint


async def test_a_second_live_voucher_and_one_too_many(scene: Scene) -> None:
    owner = scene.scenario.database.owner
    second = await scene.attack(owner, COPY.format(person="person_id", voucher="{certified}"))
    assert isinstance(refusal_of(second), VoucherAlreadyLive)
    one_too_many = await scene.attack(owner, COPY.format(person="'{stranger}'", voucher="{voucher}"))
    assert isinstance(refusal_of(one_too_many), QuotaExhausted)


async def test_no_claim_without_a_verdict(scene: Scene) -> None:
    """Quota and holder are right; the verdict is missing, or no plain yes, or for another level."""
    owner = scene.scenario.database.owner
    copied = COPY.format(person="'{stranger}'", voucher="{in_use}")
    assert constraint_of(await scene.attack(owner, copied)) == "ck_vouchers_verdict"
    for level, said, reasons, constraint in (
        ("level", "unknown", "ARRAY['pension_unknown']", "ck_eligibility_verdicts_unknown_never_passes"),
        ("level", "eligible", "ARRAY['pension_unknown']", "ck_eligibility_verdicts_reasons_given"),
        ("3::smallint", "eligible", "ARRAY[]::text[]", "fk_eligibility_verdicts_batch_skill"),
    ):
        given = f"""
            INSERT INTO eligibility_verdicts
            SELECT id, 'claim', batch_id, skill_code, {level}, '{said}', {reasons}, to_jsonb(1), 'x',
                '2026-01-01', gen_random_uuid()
            FROM created
        """
        statement = f"WITH created AS ({copied} RETURNING id, batch_id, skill_code, level) {given}"
        assert constraint_of(await scene.attack(owner, statement)) == constraint


async def test_a_certificate_serves_its_own_voucher_once(scene: Scene) -> None:
    owner = scene.scenario.database.owner
    for certificate, person, occasion, constraint in (
        ("gen_random_uuid()", "'{stranger}'", "occasion", "ck_voucher_certificates_match"),
        ("gen_random_uuid()", "person_id", "'review:2030-01-01'", "ck_voucher_certificates_match"),
        ("(SELECT certificate_id FROM voucher_certificates)", "person_id", "occasion", "pk_voucher_certificates"),
    ):
        statement = f"""
            INSERT INTO voucher_certificates
            SELECT {certificate}, id, {person}, skill_code, level, ends_on, ends_on, ends_on, {occasion} FROM vouchers
        """
        refused = await scene.attack(owner, statement + " WHERE id = '{in_use}'")
        assert constraint_of(refused) == constraint


MERGER = """
    INSERT INTO mergers (id, status, version, created_at, person_id, survivor_id, reason_code, evidence_encrypted,
        proposed_by)
    VALUES (gen_random_uuid(), 'proposed', 1, now(), '{stranger}', '{holder}', 'same_person', '', %s)
"""
APART = """
    UPDATE mergers SET status = 'separation_proposed', version = version + 1, separation_proposed_by = %s,
        separation_reason_code = 'x', separation_evidence_encrypted = ''
"""
PARTED = "UPDATE mergers SET status = 'separated', version = version + 1, separated_by = %s"


@pytest.mark.parametrize(
    ("statements", "constraint"),
    [
        ((MERGER % "'{holder}'",), "ck_mergers_two_officers"),
        ((MERGER % "'{stranger}'",), "ck_mergers_two_officers"),
        (
            (
                MERGER % "'{clerk}'",
                "UPDATE mergers SET status = 'merged', version = 2, decided_by = '{alias}', merged_at = now() "
                "WHERE person_id = '{stranger}'",
            ),
            "ck_mergers_two_officers",
        ),
        (
            (
                MERGER % "'{clerk}'",
                "UPDATE mergers SET status = 'merged', version = 2, decided_by = '{other}', merged_at = now() "
                "WHERE person_id = '{stranger}'",
            ),
            "ck_workers_merger",
        ),
        ((APART % "'{alias}'",), "ck_mergers_two_officers"),
        ((APART % "'{other}'", PARTED % "'{other}'"), "ck_mergers_two_officers"),
        ((APART % "'{other}'", PARTED % "'{third}'"), "ck_workers_merger"),
        (
            ("UPDATE workers SET status = 'registered', survivor_id = NULL, version = version + 1 "
             "WHERE id = '{alias}'",),
            "ck_workers_merger",
        ),
        (
            ("UPDATE workers SET survivor_id = '{holder}' WHERE id = '{alias}'",),
            "ck_workers_merger",
        ),
        (("UPDATE mergers SET decided_by = gen_random_uuid()",), "im_mergers"),
        (("UPDATE mergers SET survivor_id = '{holder}'",), "im_mergers"),
        ((APART % "'{other}'", "UPDATE mergers SET separation_proposed_by = '{third}' WHERE person_id = '{alias}'"),
         "im_mergers"),
        (("DELETE FROM mergers",), "ao_mergers"),
    ],
)  # fmt: skip
async def test_records_are_merged_and_parted_by_two_for_the_owner_too(
    scene: Scene, statements: tuple[str, ...], constraint: str
) -> None:
    """`alias` is another record of `clerk`, merged by two others."""
    scenario = scene.scenario
    clerk, alias, other, third = [await scenario.person() for _ in range(4)]
    await scenario.merge(alias, clerk)
    named = {"clerk": clerk, "alias": alias, "other": other, "third": third, "holder": scene.claimed.person_id}
    with pytest.raises(DBAPIError) as refused:
        async with scenario.database.owner.engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement.format(**named, stranger=scene.stranger)))
    assert constraint_of(refused.value) == constraint


async def test_what_money_rested_on_is_not_undone_by_the_owner(scene: Scene) -> None:
    scenario, voucher = scene.scenario, scene.certified
    survivor = await scenario.person()
    await scenario.merge(voucher.person_id, survivor)
    await scenario.receive(payout_event(PayoutOpenedV1, voucher, uuid7(), 1))
    with pytest.raises(DBAPIError) as refused:
        async with scenario.database.owner.engine.begin() as connection:
            await connection.execute(text(APART % f"'{uuid7()}'"))
            await connection.execute(text(PARTED % f"'{uuid7()}'"))
    assert constraint_of(refused.value) == "ck_mergers_unused"


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("api", "UPDATE batches SET claimed = 0"),
        ("api", "UPDATE workers SET id_number_encrypted = ''"),
        ("api", "DELETE FROM vouchers"),
        ("api", "DELETE FROM workers"),
        ("api", "DELETE FROM mergers"),
        ("api", "UPDATE mergers SET proposed_by = gen_random_uuid()"),
        ("api", "UPDATE payout_facts SET moved_at = '2000-01-01'"),
        ("worker", "UPDATE mergers SET merged_at = now()"),
        ("worker", "INSERT INTO mergers SELECT * FROM mergers"),
        ("api", "INSERT INTO voucher_certificates SELECT * FROM voucher_certificates"),
        ("api", "UPDATE payout_facts SET stage = 'paid'"),
        ("api", "UPDATE dated_rules SET value = 0"),
        ("api", "UPDATE voucher_holds SET reason_code = 'x'"),
        ("api", "ALTER TABLE vouchers DISABLE TRIGGER immutable"),
        ("worker", COPY.format(person="person_id", voucher="{voucher}")),
        ("worker", "INSERT INTO workers SELECT * FROM workers"),
        ("worker", "INSERT INTO mandates SELECT * FROM mandates"),
        ("worker", "UPDATE batches SET quantity = 9"),
        ("worker", "UPDATE dated_rules SET value = 0"),
        ("worker", "DELETE FROM eligibility_verdicts"),
    ],
)
async def test_the_roles_may_only_what_they_need(scene: Scene, role: str, statement: str) -> None:
    refused = await scene.attack(getattr(scene.scenario.database, role), statement)
    assert "permission denied" in str(refused.orig) or "must be owner" in str(refused.orig)
