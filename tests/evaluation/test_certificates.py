"""Certificates after the issue: verification, suspension, revocation by two officers, expiry, and who sees them."""

import json
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from services.evaluation.certificates.timers import TIMERS, expire_certificates
from shared.kernel.strict_json import decode_base64url
from shared.messaging.timers import take_turn
from shared.security import parse_key_set, verify_certificate
from tests.evaluation.door import Actor
from tests.evaluation.town import AREA, INSTITUTION, PERMIT, Town, done, refused

VERIFY = "/v1/certificate-verifications"
REASON = {"reason_code": "looked_into"}


async def verdict(town: Town, **shown: str) -> tuple[str, str | None]:
    """Verdict and status for what is shown, asked without a token."""
    answer = done(await town.door.post(None, VERIFY, shown))
    return answer["verdict"], answer["status"]


async def test_anybody_may_verify(town: Town) -> None:
    (certificate,) = await town.certified(await town.body())
    assert await verdict(town, jws=certificate["jws"]) == ("verified", "valid")
    assert await verdict(town, number=certificate["number"]) == ("verified", "valid")
    assert await verdict(town, number=certificate["number"].lower()) == ("verified", "valid")
    unknown = certificate["number"][:-6] + "999999"
    assert await verdict(town, number=unknown) == ("not_found_yet", None)
    assert await verdict(town, number="Z" + certificate["number"][1:]) == ("contradicted", None)
    head, payload, signature = certificate["jws"].split(".")
    forged = payload[:-2] + ("A" if payload[-2] != "A" else "B") + payload[-1]
    assert await verdict(town, jws=f"{head}.{forged}.{signature}") == ("contradicted", None)
    assert await verdict(town, jws="nonsense") == ("contradicted", None)


async def test_a_verification_names_one_thing_and_no_permit_holder(town: Town) -> None:
    for shown in ({}, {"jws": "a.b.c", "number": "X"}):
        assert refused(await town.door.post(None, VERIFY, shown)) == (422, "validation_failed")
    answer = await town.door.post(None, VERIFY, {"number": "T110101199003074514"})
    assert refused(answer) == (422, "permit_number_not_public")
    assert "110101199003074514" not in answer.text


async def test_a_certificate_is_suspended_and_reinstated(town: Town) -> None:
    (certificate,) = await town.certified(await town.body())
    path = f"/v1/certificates/{certificate['id']}"
    assert refused(await town.door.post(town.officer, f"{path}/reinstatements", REASON)) == (409, "wrong_state")
    suspended = done(await town.door.post(town.officer, f"{path}/suspensions", REASON))
    assert (suspended["status"], suspended["since"]) == ("suspended", str(await town.today()))
    assert await verdict(town, jws=certificate["jws"]) == ("verified", "suspended")
    assert refused(await town.door.post(town.officer, f"{path}/suspensions", REASON)) == (409, "wrong_state")
    assert done(await town.door.post(town.officer, f"{path}/reinstatements", REASON))["status"] == "valid"
    told = [event for event in await town.outbox() if event["name"].startswith("certificate.")]
    assert [event["name"] for event in told[1:]] == ["certificate.suspended", "certificate.reinstated"]
    assert [event["version"] for event in told] == [1, 2, 3]
    assert all(event["reason_code"] == "looked_into" for event in told[1:])


async def test_two_officers_revoke(town: Town) -> None:
    (certificate,) = await town.certified(await town.body())
    path = f"/v1/certificates/{certificate['id']}"
    approve = f"{path}/revocation-approvals"
    refusal = await town.door.post(town.officer, approve)
    assert refused(refusal) == (409, "certificate_revocation_not_proposed")
    proposed = done(await town.door.post(town.officer, f"{path}/revocations", {"reason_code": "bought"}))
    assert (proposed["status"], proposed["revocation_reason_code"]) == ("valid", "bought")
    refusal = await town.door.post(town.officer, approve)
    assert refused(refusal) == (409, "certificate_revocation_same_officer")
    other_account = Actor("officer", town.officer.person, areas=(AREA,))
    refusal = await town.door.post(other_account, approve)
    assert refused(refusal) == (409, "certificate_revocation_same_officer")
    revoked = done(await town.door.post(town.second_officer, approve))
    assert (revoked["status"], revoked["reason_code"]) == ("revoked", "bought")
    assert await verdict(town, number=certificate["number"]) == ("verified", "revoked")
    for act in ("suspensions", "reinstatements", "revocations"):
        assert refused(await town.door.post(town.officer, f"{path}/{act}", REASON)) == (409, "wrong_state")
    told = [event["name"] for event in await town.outbox()][-2:]
    assert told == ["certificate.revocation_proposed", "certificate.revoked"]


async def test_a_suspended_certificate_may_be_revoked(town: Town) -> None:
    (certificate,) = await town.certified(await town.body())
    path = f"/v1/certificates/{certificate['id']}"
    done(await town.door.post(town.officer, f"{path}/suspensions", REASON))
    done(await town.door.post(town.officer, f"{path}/revocations", REASON))
    assert done(await town.door.post(town.second_officer, f"{path}/revocation-approvals"))["status"] == "revoked"


async def test_own_certificates_are_seen_and_foreign_ones_are_not(town: Town) -> None:
    body, other = await town.body(), await town.body()
    (certificate,) = await town.certified(body)
    path = f"/v1/certificates/{certificate['id']}"
    person = certificate["person_id"]
    for may in (
        Actor("worker", person),
        body.account,
        town.officer,
        Actor("officer", uuid4(), areas=(AREA,)),
        Actor("auditor", uuid4(), areas=(AREA,)),
        Actor("institution", uuid4(), institution=INSTITUTION),
    ):
        assert done(await town.door.get(may, path))["id"] == certificate["id"]
        listed = done(await town.door.get(may, "/v1/certificates", person_id=person))["data"]
        assert [one["id"] for one in listed] == [certificate["id"]]
    for foreign in (
        Actor("worker", uuid4()),
        other.account,
        town.foreign_officer,
        Actor("institution", uuid4(), institution=other.code),
    ):
        assert refused(await town.door.get(foreign, path)) == (404, "certificate_not_found")
        assert done(await town.door.get(foreign, "/v1/certificates", person_id=person))["data"] == []
    for act in ("suspensions", "reinstatements", "revocations", "revocation-approvals"):
        given = None if act == "revocation-approvals" else REASON
        assert refused(await town.door.post(town.foreign_officer, f"{path}/{act}", given)) == (
            404,
            "certificate_not_found",
        )
        assert refused(await town.door.post(body.account, f"{path}/{act}", given)) == (403, "role_not_allowed")


async def test_certificates_are_found_by_voucher_and_enrolment(town: Town) -> None:
    body = await town.body()
    first, second = await town.certified(body, 2)
    by_voucher = done(await town.door.get(body.account, "/v1/certificates", voucher_id=first["voucher_id"]))
    by_enrolment = done(await town.door.get(body.account, "/v1/certificates", enrolment_id=second["enrolment_id"]))
    assert [one["id"] for one in by_voucher["data"]] == [first["id"]]
    assert [one["id"] for one in by_enrolment["data"]] == [second["id"]]
    refusal = await town.door.get(body.account, "/v1/certificates", voucher=first["voucher_id"])
    assert refused(refusal) == (422, "query_unknown")


async def test_who_was_two_records_sees_the_certificates_of_both(town: Town) -> None:
    (certificate,) = await town.certified(await town.body())
    survivor = await town.person()
    await town.supersede(certificate["person_id"], survivor)
    seen = done(await town.door.get(Actor("worker", survivor), "/v1/certificates"))["data"]
    assert [one["id"] for one in seen] == [certificate["id"]]


async def test_permits_run_out_after_their_last_day(town: Town) -> None:
    body = await town.body("government")
    permit, suspended = await town.certified(body, 2, **PERMIT)
    (other,) = await town.certified(await town.body())
    done(await town.door.post(town.officer, f"/v1/certificates/{suspended['id']}/suspensions", REASON))
    facts = verify_certificate(permit["jws"], town.database.api.keys.certificates)
    assert facts.valid_until is not None
    await town.pass_days((facts.valid_until - await town.today()).days)
    assert await take_turn(town.database.worker, TIMERS[0]) == 0
    await town.pass_days(1)
    async with town.database.worker.unit_of_work() as uow:
        assert await expire_certificates(uow, 1) == 1
    assert await take_turn(town.database.worker, TIMERS[0]) == 1
    assert await take_turn(town.database.worker, TIMERS[0]) == 0
    for one, status in ((permit, "expired"), (suspended, "expired"), (other, "valid")):
        assert done(await town.door.get(town.officer, f"/v1/certificates/{one['id']}"))["status"] == status
    told = [event for event in await town.outbox() if event["name"] == "certificate.expired"]
    assert {event["since"] for event in told} == {str(facts.valid_until + timedelta(days=1))}


async def test_keys_and_context_are_published_where_certificates_say(town: Town) -> None:
    (certificate,) = await town.certified(await town.body())
    header, payload = (json.loads(decode_base64url(part)) for part in certificate["jws"].split(".")[:2])
    keys_at, context_at = urlsplit(header["kid"]), urlsplit(payload["@context"][1])
    assert (keys_at.scheme, keys_at.netloc) == (context_at.scheme, context_at.netloc)
    keys = done(await town.door.get(None, keys_at.path))
    assert header["kid"] in {key["kid"] for key in keys["keys"]}
    assert verify_certificate(certificate["jws"], parse_key_set(keys)).certificate_id == UUID(certificate["id"])
    context = await town.door.get(None, context_at.path)
    assert (context.status_code, context.headers["content-type"]) == (200, "application/ld+json")
    assert payload["credentialSubject"].keys() - {"id"} <= context.json()["@context"].keys()
