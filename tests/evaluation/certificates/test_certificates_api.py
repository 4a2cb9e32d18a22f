"""Certificates after the issue: verification, suspension, revocation by two officers, and who sees them."""

import json
from urllib.parse import urlsplit
from uuid import UUID

from shared.kernel.strict_json import decode_base64url
from shared.security import parse_key_set, verify_certificate
from tests.api_client import Account, done, refused
from tests.evaluation.scenario import AREA, HOLDER, INSTITUTION, Scenario

VERIFY = "/v1/certificate-verifications"
REASON = {"reason_code": "looked_into"}


async def verdict(scenario: Scenario, **shown: str) -> tuple[str, str | None]:
    """Verdict and status for what is shown, asked without a token."""
    answer = done(await scenario.post(None, VERIFY, shown))
    return answer["verdict"], answer["status"]


async def test_anybody_may_verify(scenario: Scenario) -> None:
    (certificate,) = await scenario.certified(await scenario.body())
    assert await verdict(scenario, jws=certificate["jws"]) == ("verified", "valid")
    assert await verdict(scenario, number=certificate["number"]) == ("verified", "valid")
    assert await verdict(scenario, number=certificate["number"].lower()) == ("verified", "valid")
    unknown = certificate["number"][:-6] + "999999"
    assert await verdict(scenario, number=unknown) == ("not_found_yet", None)
    assert await verdict(scenario, number="Z" + certificate["number"][1:]) == ("contradicted", None)
    head, payload, signature = certificate["jws"].split(".")
    forged = payload[:-2] + ("A" if payload[-2] != "A" else "B") + payload[-1]
    assert await verdict(scenario, jws=f"{head}.{forged}.{signature}") == ("contradicted", None)
    assert await verdict(scenario, jws="nonsense") == ("contradicted", None)


async def test_who_has_the_paper_learns_what_it_must_say(scenario: Scenario) -> None:
    (certificate,) = await scenario.certified(await scenario.body())
    number, day = certificate["number"], certificate["issued_on"]
    printed = {name: certificate[name] for name in ("kind", "number", "skill_code", "level", "body", "issued_on",
                                                    "valid_until", "review_due_on")}  # fmt: skip
    printed["masked_name"] = HOLDER
    for shown in ({"jws": certificate["jws"]}, {"number": number, "issued_on": day}):
        answer = done(await scenario.post(None, VERIFY, shown))
        assert answer == {"verdict": "verified", "status": "valid", "printed": printed}
    guessed = done(await scenario.post(None, VERIFY, {"number": number}))
    assert guessed == {"verdict": "verified", "status": "valid", "printed": None}
    other_day = done(await scenario.post(None, VERIFY, {"number": number, "issued_on": "2020-02-02"}))
    assert other_day == {"verdict": "contradicted", "status": None, "printed": None}


async def test_an_address_looks_up_only_so_often(scenario: Scenario) -> None:
    """Serials follow one another; nobody walks through them."""
    answers = [await scenario.post(None, VERIFY, {"jws": "nonsense"}) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert refused(answers[-1]) == (429, "rate_limit_exceeded")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 2


async def test_a_verification_names_one_thing_and_no_permit_holder(scenario: Scenario) -> None:
    for shown in ({}, {"jws": "a.b.c", "number": "X"}, {"jws": "a.b.c", "issued_on": "2026-01-01"}):
        assert refused(await scenario.post(None, VERIFY, shown)) == (422, "validation_failed")
    answer = await scenario.post(None, VERIFY, {"number": "T110101199003074514"})
    assert refused(answer) == (422, "permit_number_not_public")
    assert "110101199003074514" not in answer.text


async def test_a_certificate_is_suspended_and_reinstated(scenario: Scenario) -> None:
    (certificate,) = await scenario.certified(await scenario.body())
    path = f"/v1/certificates/{certificate['id']}"
    assert refused(await scenario.post(scenario.officer, f"{path}/reinstatements", REASON)) == (
        409,
        "wrong_state",
    )
    suspended = done(await scenario.post(scenario.officer, f"{path}/suspensions", REASON))
    assert (suspended["status"], suspended["since"]) == ("suspended", str(await scenario.today()))
    assert await verdict(scenario, jws=certificate["jws"]) == ("verified", "suspended")
    assert refused(await scenario.post(scenario.officer, f"{path}/suspensions", REASON)) == (409, "wrong_state")
    assert done(await scenario.post(scenario.officer, f"{path}/reinstatements", REASON))["status"] == "valid"
    emitted = [event for event in await scenario.outbox() if event["name"].startswith("certificate.")]
    assert [event["name"] for event in emitted[1:]] == ["certificate.suspended", "certificate.reinstated"]
    assert [event["version"] for event in emitted] == [1, 2, 3]
    assert all(event["reason_code"] == "looked_into" for event in emitted[1:])


async def test_two_officers_revoke(scenario: Scenario) -> None:
    (certificate,) = await scenario.certified(await scenario.body())
    path = f"/v1/certificates/{certificate['id']}"
    approve = f"{path}/revocation-approvals"
    refusal = await scenario.post(scenario.officer, approve)
    assert refused(refusal) == (409, "certificate_revocation_not_proposed")
    proposed = done(await scenario.post(scenario.officer, f"{path}/revocations", {"reason_code": "bought"}))
    assert (proposed["status"], proposed["revocation_reason_code"]) == ("valid", "bought")
    refusal = await scenario.post(scenario.officer, approve)
    assert refused(refusal) == (409, "certificate_revocation_same_officer")
    other_account = Account("officer", scenario.officer.person, areas=(AREA,))
    refusal = await scenario.post(other_account, approve)
    assert refused(refusal) == (409, "certificate_revocation_same_officer")
    revoked = done(await scenario.post(scenario.second_officer, approve))
    assert (revoked["status"], revoked["reason_code"]) == ("revoked", "bought")
    assert await verdict(scenario, number=certificate["number"]) == ("verified", "revoked")
    for act in ("suspensions", "reinstatements", "revocations"):
        assert refused(await scenario.post(scenario.officer, f"{path}/{act}", REASON)) == (409, "wrong_state")
    emitted = [event["name"] for event in await scenario.outbox()][-2:]
    assert emitted == ["certificate.revocation_proposed", "certificate.revoked"]


async def test_a_suspended_certificate_may_be_revoked(scenario: Scenario) -> None:
    (certificate,) = await scenario.certified(await scenario.body())
    path = f"/v1/certificates/{certificate['id']}"
    done(await scenario.post(scenario.officer, f"{path}/suspensions", REASON))
    done(await scenario.post(scenario.officer, f"{path}/revocations", REASON))
    assert done(await scenario.post(scenario.second_officer, f"{path}/revocation-approvals"))["status"] == "revoked"


async def test_an_officer_with_two_records_does_not_revoke_alone(scenario: Scenario) -> None:
    (certificate,) = await scenario.certified(await scenario.body())
    path, alias = f"/v1/certificates/{certificate['id']}", await scenario.person()
    done(await scenario.post(scenario.officer.but(person=alias), f"{path}/revocations", {"reason_code": "forged"}))
    survivor = await scenario.person()
    await scenario.supersede(alias, survivor)
    same_person = await scenario.post(scenario.officer.but(person=survivor), f"{path}/revocation-approvals")
    assert refused(same_person)[0] == 409
    assert done(await scenario.post(scenario.second_officer, f"{path}/revocation-approvals"))["status"] == "revoked"


async def test_own_certificates_are_seen_and_foreign_ones_are_not(scenario: Scenario) -> None:
    body, other = await scenario.body(), await scenario.body()
    (certificate,) = await scenario.certified(body)
    path = f"/v1/certificates/{certificate['id']}"
    person = certificate["person_id"]
    for may in (
        Account("worker", person),
        body.account,
        scenario.officer,
        Account("officer", areas=(AREA,)),
        Account("auditor", areas=(AREA,)),
        Account("institution", institution=INSTITUTION),
    ):
        assert done(await scenario.get(may, path))["id"] == certificate["id"]
        listed = done(await scenario.get(may, "/v1/certificates", person_id=person))["data"]
        assert [row["id"] for row in listed] == [certificate["id"]]
    for foreign in (
        Account("worker"),
        other.account,
        scenario.foreign_officer,
        Account("institution", institution=other.code),
    ):
        assert refused(await scenario.get(foreign, path)) == (404, "certificate_not_found")
        assert done(await scenario.get(foreign, "/v1/certificates", person_id=person))["data"] == []
    for act in ("suspensions", "reinstatements", "revocations", "revocation-approvals"):
        given = None if act == "revocation-approvals" else REASON
        assert refused(await scenario.post(scenario.foreign_officer, f"{path}/{act}", given)) == (
            404,
            "certificate_not_found",
        )
        assert refused(await scenario.post(body.account, f"{path}/{act}", given)) == (403, "role_not_allowed")


async def test_certificates_are_found_by_voucher_and_enrolment(scenario: Scenario) -> None:
    body = await scenario.body()
    first, second = await scenario.certified(body, 2)
    by_voucher = done(await scenario.get(body.account, "/v1/certificates", voucher_id=first["voucher_id"]))
    by_enrolment = done(await scenario.get(body.account, "/v1/certificates", enrolment_id=second["enrolment_id"]))
    assert [row["id"] for row in by_voucher["data"]] == [first["id"]]
    assert [row["id"] for row in by_enrolment["data"]] == [second["id"]]
    refusal = await scenario.get(body.account, "/v1/certificates", voucher=first["voucher_id"])
    assert refused(refusal) == (422, "query_unknown")


async def test_who_was_two_records_sees_the_certificates_of_both(scenario: Scenario) -> None:
    (certificate,) = await scenario.certified(await scenario.body())
    survivor = await scenario.person()
    await scenario.supersede(certificate["person_id"], survivor)
    seen = done(await scenario.get(Account("worker", survivor), "/v1/certificates"))["data"]
    assert [row["id"] for row in seen] == [certificate["id"]]


async def test_keys_and_context_are_published_where_certificates_say(scenario: Scenario) -> None:
    (certificate,) = await scenario.certified(await scenario.body())
    header, payload = (json.loads(decode_base64url(part)) for part in certificate["jws"].split(".")[:2])
    keys_at, context_at = urlsplit(header["kid"]), urlsplit(payload["@context"][1])
    assert (keys_at.scheme, keys_at.netloc) == (context_at.scheme, context_at.netloc)
    keys = done(await scenario.get(None, keys_at.path))
    assert header["kid"] in {key["kid"] for key in keys["keys"]}
    assert verify_certificate(certificate["jws"], parse_key_set(keys)).certificate_id == UUID(certificate["id"])
    context = await scenario.get(None, context_at.path)
    assert (context.status_code, context.headers["content-type"]) == (200, "application/ld+json")
    assert payload["credentialSubject"].keys() - {"id"} <= context.json()["@context"].keys()
