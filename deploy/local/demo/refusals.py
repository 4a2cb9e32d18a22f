"""What must be refused, asked for over the same public interfaces: the season is not over until each has been."""

from __future__ import annotations

from deploy.local.demo.city import Actor, City, DemoFailed, Json, Refused
from deploy.local.demo.season import Season

CERTIFICATE_MISSING = "certificate_missing"


async def after_claims(season: Season) -> None:
    """A second voucher of the programme, a voucher that is somebody else's, and a claim that the role may not make."""
    city, trainee = season.city, season.trainees[0]
    claim = {"batch_id": season.batch_id, "skill_code": trainee.skill.code, "level": trainee.skill.level}
    await must_refuse(city, trainee.actor, "voucher", "/v1/vouchers", claim)
    await must_refuse(city, season.staff.proposer, "voucher", "/v1/vouchers", claim)
    stranger = Actor("worker-stranger", "worker", person=season.staff.body.supervisor.person)
    path = f"/v1/vouchers/{trainee.voucher_id}/presence-codes"
    await must_refuse(city, stranger, "voucher", path, {"institution": season.staff.institutions[0].code})


async def after_enrolment(season: Season) -> None:
    """A presence code used twice, and money for a worker who has no certificate (§二(二)7 无证无价)."""
    city, course = season.city, season.courses[0]
    trainee = course.trainees[0]
    path = f"/v1/vouchers/{trainee.voucher_id}/presence-codes"
    code = (await city.post(trainee.actor, "voucher", path, {"institution": course.institution.code}))["code"]
    answer = await city.post(
        course.institution.actor,
        "training",
        f"/v1/classes/{course.id}/enrolments",
        {"rows": [{"presence_code": code}, {"presence_code": "x" * 40}]},
    )
    count_rows(city, answer)
    body = {"voucher_id": trainee.voucher_id}
    refused = await must_refuse(city, course.institution.actor, "payout", "/v1/payouts", body)
    if refused.code != CERTIFICATE_MISSING:
        raise DemoFailed(f"a voucher without certificate was refused as {refused.code}, not {CERTIFICATE_MISSING}")


async def before_approval(season: Season, payout_ids: list[str]) -> None:
    """An officer who would approve what he has reviewed himself."""
    rows = [{"payout_id": one} for one in payout_ids[:1]]
    if rows:
        answer = await season.city.post(season.staff.reviewer, "payout", "/v1/payout-approvals", {"rows": rows})
        if not count_rows(season.city, answer):
            raise DemoFailed("an officer approved a payout that he had reviewed himself")


async def must_refuse(city: City, actor: Actor, service: str, path: str, body: Json) -> Refused:
    """Ask for what must be refused; `DemoFailed` if it is not."""
    answer = await city.try_post(actor, service, path, body)
    if not isinstance(answer, Refused):
        raise DemoFailed(f"POST {path} as {actor.role} should have been refused")
    return answer


def count_rows(city: City, answer: Json) -> int:
    """Count the refused rows of a bulk answer by their codes."""
    codes = [one["error"]["code"] for one in answer["results"] if one.get("error")]
    for code in codes:
        city.count_refusal(code)
    return len(codes)
