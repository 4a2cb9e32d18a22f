"""The five links, judged without a database."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.audit.case_facts.domain import Standing
from services.audit.trails.domain import Case, LinkName, LinkState, follow

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NAMES = [LinkName.ISSUE, LinkName.TRAIN, LinkName.ASSESS, LinkName.CERTIFY, LinkName.PAY_OUT]
MARKS = {"w": LinkState.WAITING, "o": LinkState.OPEN, "d": LinkState.DONE, "b": LinkState.BROKEN}


def standing(status: str, code: str | None = None) -> Standing:
    return Standing(status, status, code, AT)


def case(status: str, *, claimed: bool = True, **things: str) -> Case:
    """A case: `enrolments="refused completed"` and so on; `refusal` is the voucher's last certify refusal."""

    def standings(name: str) -> list[Standing]:
        return [standing(status) for status in (things.get(name) or "").split()]

    return Case(
        voucher=standing(status, things.get("code")),
        claimed_at=AT if claimed else None,
        certified_at=None,
        certify_refusal=things.get("refusal"),
        enrolments=standings("enrolments"),
        candidates=standings("candidates"),
        certificates=standings("certificates"),
        payouts=standings("payouts"),
    )


def certified(status: str, **things: str) -> Case:
    """A case whose first four links are done."""
    undecided = case(
        status,
        enrolments="completed",
        candidates="passed",
        certificates=things.get("certificates", "valid"),
        payouts=things.get("payouts", ""),
    )
    return replace(undecided, certified_at=AT)


@pytest.mark.parametrize(
    ("given", "links"),
    [
        (case("offered", claimed=False), "owwww"),
        (case("cancelled", claimed=False), "bwwww"),
        (case("expired", claimed=False), "bwwww"),
        (case("claimed"), "dwwww"),
        (case("expired"), "dbwww"),
        (case("cancelled", enrolments="withdrawn"), "dbwww"),
        (case("claimed", enrolments="requested"), "dowww"),
        (case("claimed", enrolments="refused"), "dowww"),
        (case("claimed", enrolments="withdrawn"), "dowww"),
        (case("in_use", enrolments="withdrawn attending"), "dowww"),
        (case("in_use", enrolments="failed_attendance"), "dbwww"),
        (case("in_use", enrolments="failed_test"), "dbwww"),
        (case("in_use", enrolments="expelled"), "dbwww"),
        (case("void_uncertified", enrolments="attending"), "dbwbw"),
        (case("in_use", enrolments="refused completed"), "ddwww"),
        (case("void_uncertified", enrolments="completed"), "ddwbw"),
        (case("in_use", enrolments="completed", candidates="sat"), "ddoww"),
        (case("in_use", enrolments="completed", candidates="failed"), "ddbww"),
        (case("in_use", enrolments="completed", candidates="failed admitted"), "ddoww"),
        (case("in_use", enrolments="completed", candidates="absent"), "ddbww"),
        (case("in_use", enrolments="completed", candidates="voided"), "ddbww"),
        (case("in_use", enrolments="completed", candidates="failed appealed"), "ddoww"),
        (case("in_use", enrolments="completed", candidates="failed passed"), "dddww"),
        (case("in_use", enrolments="completed", candidates="passed", certificates="valid"), "dddow"),
        (case("in_use", enrolments="completed", certificates="imported"), "dddow"),
        (
            case("in_use", enrolments="completed", candidates="passed", certificates="valid", refusal="level_differs"),
            "dddbw",
        ),
        (case("in_use", enrolments="completed", candidates="passed", certificates="revoked"), "dddbw"),
        (certified("certified"), "ddddw"),
        (certified("settling", payouts="reviewed"), "ddddo"),
        (certified("settling", payouts="unknown"), "ddddo"),
        (certified("certified", payouts="rejected"), "ddddb"),
        (certified("certified", payouts="withdrawn opened"), "ddddo"),
        (certified("settling", payouts="failed"), "ddddb"),
        (certified("redeemed", payouts="rejected paid"), "ddddd"),
        (certified("clawed_back", certificates="revoked", payouts="reversed"), "dddbb"),
        (certified("clawed_back"), "ddddb"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.voucher.status,
)
def test_each_link_is_judged_by_its_own_facts(given: Case, links: str) -> None:
    trail = follow(given)
    assert [link.name for link in trail.links] == NAMES
    assert "".join(mark for link in trail.links for mark, state in MARKS.items() if state == link.state) == links
    stands, broken = links.find("d" * 5), links.find("b")
    first_undone = next((place for place, mark in enumerate(links) if mark != "d"), None)
    assert trail.stands_at == (None if stands == 0 or first_undone is None else NAMES[first_undone])
    assert trail.broken_at == (None if broken < 0 else NAMES[broken])


def test_a_broken_link_names_its_reason_and_its_thing() -> None:
    broken = replace(case("in_use", candidates="x"), candidates=[Standing("c1", "voided", "proxy_sat", AT)])
    link = follow(broken).links[2]
    assert (link.code, link.reference, link.at) == ("proxy_sat", "c1", AT)


def test_a_voucher_that_ended_without_a_reason_is_its_own_reason() -> None:
    assert follow(case("expired")).links[1].code == "expired"
    assert follow(case("cancelled", code="fraud_suspected")).links[1].code == "fraud_suspected"
