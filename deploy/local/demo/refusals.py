"""What must be refused, asked for over the same public interfaces: the season is not over until each has been."""

from __future__ import annotations

from deploy.local.demo.client import Actor, DemoFailed, Json, Refused
from deploy.local.demo.season import Season

ATTEMPTS = {
    "voucher_already_live": "a second voucher of the same programme",
    "role_not_allowed": "a voucher for an officer",
    "voucher_not_found": "somebody else's voucher presented",
    "voucher_already_presented": "the same voucher enrolled twice",
    "presence_code_invalid": "a presence code that nobody issued",
    "certificate_missing": "money for a worker without a certificate (无证无价)",
    "same_person": "a payout approved by the officer who reviewed it",
}
"""By the code of the refusal: what was tried."""


async def after_claims(season: Season) -> None:
    """A second voucher of the programme, a claim that the role may not make, and a voucher that is somebody else's."""
    trainee = season.trainees[0]
    claim = {"batch_id": season.batch_id, "skill_code": trainee.skill.code, "level": trainee.skill.level}
    await must_refuse(season, "voucher_already_live", trainee.actor, "voucher", "/v1/vouchers", claim)
    await must_refuse(season, "role_not_allowed", season.staff.proposer, "voucher", "/v1/vouchers", claim)
    stranger = Actor("worker-stranger", "worker", person=season.staff.body.supervisor.person)
    path = f"/v1/vouchers/{trainee.voucher_id}/presence-codes"
    body = {"institution": season.staff.institutions[0].code}
    await must_refuse(season, "voucher_not_found", stranger, "voucher", path, body)


async def after_enrolment(season: Season) -> None:
    """A presence code used twice, one that is none, and money for a worker without a certificate (无证无价)."""
    course = season.courses[0]
    trainee, institution = course.trainees[0], course.institution
    path = f"/v1/vouchers/{trainee.voucher_id}/presence-codes"
    code = (await season.client.post(trainee.actor, "voucher", path, {"institution": institution.code}))["code"]
    path = f"/v1/classes/{course.id}/enrolments"
    for presence_code, refusal in ((code, "voucher_already_presented"), ("x" * 40, "presence_code_invalid")):
        rows = {"rows": [{"presence_code": presence_code}]}
        await must_refuse(season, refusal, institution.actor, "training", path, rows)
    claim = {"voucher_id": trainee.voucher_id}
    await must_refuse(season, "certificate_missing", institution.actor, "payout", "/v1/payouts", claim)


async def after_review(season: Season) -> None:
    """An officer who would approve what they reviewed themselves."""
    body = {"rows": [{"payout_id": payout_id} for payout_id in season.payout_ids[:1]]}
    await must_refuse(season, "same_person", season.staff.reviewer, "payout", "/v1/payout-approvals", body)


async def must_refuse(season: Season, code: str, actor: Actor, service: str, path: str, body: Json) -> None:
    """Ask for what must be refused with this code, alone or as the one row of a list; `DemoFailed` if it is not."""
    answer = await season.client.try_post(actor, service, path, body)
    found = answer.code if isinstance(answer, Refused) else _code_of_row(answer)
    if found != code:
        outcome = f"was refused as {found}" if found else "was not refused"
        raise DemoFailed(f"{ATTEMPTS[code]} {outcome}; it must be refused as {code}")
    season.refusals[code] = season.refusals.get(code, 0) + 1


def _code_of_row(answer: Json) -> str | None:
    """The code of the only row of a list, if it was refused."""
    for row in answer.get("results", ()):
        if row.get("error"):
            return str(row["error"]["code"])
    return None
