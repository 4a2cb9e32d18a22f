"""The funnel: 人次 and 人, by area and together, each case once, restated by revocations."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts import evaluation, payout, voucher
from shared.kernel.ids import uuid7
from tests.api_client import Account, ApiClient, done, refused
from tests.audit.accounts import CITY, OFFICER
from tests.audit.publisher import MORNING, Life, Publisher, publish
from tests.databases import ServiceDatabase

STAGES = ("offered", "claimed", "bound", "completed", "certified", "opened", "paid")


async def funnel(client: ApiClient, account: Account = OFFICER, **query: str) -> dict[str, Any]:
    return done(await client.get(account, "/v1/funnel", **query))


def counts(row: Mapping[str, Any]) -> list[tuple[int, int]]:
    """人次 and 人 of each stage in order."""
    return [(row[stage]["times"], row[stage]["people"]) for stage in STAGES]


def of(found: Mapping[str, Any], area: str) -> Mapping[str, Any]:
    row: Mapping[str, Any] = next(row for row in found["areas"] if row["area"] == area)
    return row


async def test_cases_and_people_are_counted_apart(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    first = Life(publisher, area="410402").offer().whole()
    Life(publisher, area="410402", person_id=first.person_id).whole()
    Life(publisher, area="410481", person_id=first.person_id).claim().enrol()
    Life(publisher, area="410481").claim()
    await publish(audit, publisher.drain())
    found = await funnel(client)
    assert counts(of(found, "410402")) == [(1, 1), *[(2, 1)] * 6]
    assert counts(of(found, "410481")) == [(0, 0), (2, 2), (1, 1), (0, 0), (0, 0), (0, 0), (0, 0)]
    assert counts(found["total"]) == [(1, 1), (4, 2), (3, 1), (2, 1), (2, 1), (2, 1), (2, 1)]
    assert counts(of(found, "410482")) == [(0, 0)] * 7
    assert len(found["areas"]) == 12


async def test_an_offered_voucher_counts_in_its_holders_area(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    Life(publisher, area="410421").offer()
    await publish(audit, publisher.drain())
    assert counts(of(await funnel(client), "410421"))[0] == (1, 1)


async def test_a_case_whose_person_is_not_known_yet_counts_in_the_total(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    Life(publisher, area="410402").claim()
    Life(publisher, person_id=uuid7()).offer()
    await publish(audit, publisher.drain())
    found = await funnel(client)
    assert [counts(row)[0] for row in found["areas"]] == [(0, 0)] * 12
    assert counts(found["total"])[:2] == [(1, 1), (1, 1)]


async def test_two_records_of_one_person_are_one_person(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    first, second = Life(publisher).claim(), Life(publisher).claim()
    await publish(audit, publisher.drain())
    assert counts(of(await funnel(client), "410402"))[1] == (2, 2)
    publisher.add(voucher.PersonSupersededV1, first.person_id, survivor_id=str(second.person_id))
    await publish(audit, publisher.drain())
    assert counts(of(await funnel(client), "410402"))[1] == (2, 1)


async def test_money_moves_from_owed_to_paid_to_reversed(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    life = Life(publisher).claim().enrol().complete().certify().open(amount_fen=160_000)
    other = Life(publisher).claim().certify().open(amount_fen=120_000)

    async def money() -> tuple[int, int, int]:
        await publish(audit, publisher.drain())
        row = of(await funnel(client), "410402")
        return row["owed_fen"], row["paid_fen"], row["reversed_fen"]

    assert await money() == (280_000, 0, 0)
    life.pay(amount_fen=160_000)
    assert await money() == (120_000, 160_000, 0)
    publisher.add(payout.PayoutRejectedV1, other.payout_id, voucher_id=str(other.voucher_id), code="hours_too_few")
    assert await money() == (0, 160_000, 0)
    publisher.add(payout.PayoutReversedV1, life.payout_id, voucher_id=str(life.voucher_id), code="certificate_revoked")
    assert await money() == (0, 160_000, 160_000)


async def test_another_benefit_on_the_same_voucher_is_not_the_vouchers_money(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    life = Life(publisher).claim().certify()
    life.open(amount_fen=28_000, benefit="assessment_subsidy")
    await publish(audit, publisher.drain())
    row = of(await funnel(client), "410402")
    assert (row["opened"]["times"], row["owed_fen"]) == (0, 0)


async def test_a_rejected_and_reopened_case_is_opened_once(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    life = Life(publisher).claim().certify().open(amount_fen=160_000)
    publisher.add(
        payout.PayoutRejectedV1, life.payout_id, voucher_id=str(life.voucher_id), benefit="training", code="x"
    )
    life.payout_id = Life(Publisher()).payout_id
    life.open(amount_fen=160_000)
    await publish(audit, publisher.drain())
    row = of(await funnel(client), "410402")
    assert (row["opened"], row["owed_fen"]) == ({"times": 1, "people": 1}, 160_000)


async def test_a_revoked_certificate_restates_its_period(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    life = Life(publisher).claim().enrol().complete().certify()
    await publish(audit, publisher.drain())
    assert of(await funnel(client), "410402")["certified"]["times"] == 1
    publisher.add(evaluation.CertificateRevokedV1, life.certificate_id, at=MORNING + timedelta(days=90))
    await publish(audit, publisher.drain())
    assert of(await funnel(client), "410402")["certified"]["times"] == 0
    assert of(await funnel(client), "410402")["completed"]["times"] == 1


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-12-01", "2026-12-31", 1),
        ("2026-11-30", "2026-11-30", 1),
        ("2026-12-02", None, 0),
        (None, "2026-11-29", 0),
        (None, None, 2),
    ],
)
async def test_a_period_is_made_of_business_days_both_included(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient, since: str | None, until: str | None, expected: int
) -> None:
    """Midnight in Pingdingshan is 16:00 UTC."""
    Life(publisher).claim(at=datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC))
    Life(publisher).claim(at=datetime(2026, 11, 30, 16, 0, tzinfo=UTC))
    await publish(audit, publisher.drain())
    query: dict[str, Any] = {name: day for name, day in (("since", since), ("until", until)) if day}
    found = await funnel(client, **query)
    assert of(found, "410402")["claimed"]["times"] == expected


async def test_an_officer_sees_the_areas_of_the_token(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    Life(publisher, area="410402").claim()
    Life(publisher, area="410403").claim()
    await publish(audit, publisher.drain())
    officer = OFFICER.but(areas=("410402",))
    found = await funnel(client, officer)
    assert [row["area"] for row in found["areas"]] == ["410402"]
    assert counts(found["total"])[1] == (1, 1)
    found = await funnel(client, area="410403")
    assert [row["area"] for row in found["areas"]] == ["410403"]
    assert counts(found["total"])[1] == (1, 1)
    assert len((await funnel(client, area=CITY))["areas"]) == 12


@pytest.mark.parametrize(
    ("query", "scope", "status", "code"),
    [
        ({"area": "410403"}, "410402", 403, "area_outside_scope"),
        ({"area": CITY}, "410402", 403, "area_outside_scope"),
        ({"area": "110101"}, CITY, 422, "area_unknown"),
        ({"area": "x"}, CITY, 422, "validation_failed"),
        ({"since": "2026-12-02", "until": "2026-12-01"}, CITY, 422, "period_invalid"),
        ({"month": "12"}, CITY, 422, "query_unknown"),
    ],
    ids=str,
)
async def test_what_is_not_answered(
    client: ApiClient, query: dict[str, str], scope: str, status: int, code: str
) -> None:
    answer = await client.get(Account("auditor", areas=(scope,)), "/v1/funnel", **query)
    assert refused(answer) == (status, code)


@pytest.mark.parametrize("role", ["worker", "finance", "operator", "portal"])
async def test_who_sees_no_statistics(client: ApiClient, role: str) -> None:
    assert (await client.get(Account(role, areas=(CITY,)), "/v1/funnel")).status_code == 403


async def test_the_funnel_is_what_counting_by_hand_says(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    """Random lives against a count that shares nothing with the query; duplicates and disorder thrown in."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    chance = random.Random(seed)
    areas = ["410402", "410403", "410481"]
    steps = ["claim", "enrol", "complete", "certify", "open", "pay"]
    expected: dict[str, list[list[Any]]] = {area: [[] for _ in STAGES] for area in areas}
    people = [Life(publisher).person_id for _ in range(6)]
    for _ in range(40):
        life = Life(publisher, area=chance.choice(areas), person_id=chance.choice(people))
        reached = chance.randint(1, len(steps))
        for place, step in enumerate(steps[:reached], start=1):
            getattr(life, step)()
            expected[life.area][place].append(life.person_id)
    records = publisher.drain()
    for start in range(0, len(records), 50):
        batch = records[start : start + 50]
        await publish(audit, batch + chance.sample(batch, len(batch) // 3))
    found = await funnel(client)
    for area in areas:
        assert counts(of(found, area)) == [(len(who), len(set(who))) for who in expected[area]]
    together = [[who for area in areas for who in expected[area][place]] for place in range(len(STAGES))]
    assert counts(found["total"]) == [(len(who), len(set(who))) for who in together]
