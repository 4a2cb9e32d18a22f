"""The steps of the loop over the public HTTP interfaces, each by whoever takes it: for a season, and for one story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain

from deploy.local.demo.cast import CITY, SKILLS, Casting, Citizen, Skill
from deploy.local.demo.client import Actor, ApiClient, Json, side_by_side
from deploy.local.demo.staff import FUND_SOURCE, PORTAL, SEATS, Body, Institution, Staff, register
from shared.kernel.clock import SHANGHAI, business_date

SESSION_HOURS = 8
"""Class hours of 45 minutes a day: from nine to three."""
LEAD_DAYS = 9
OFFICE = {"phone": "0375-2970000", "address": "平顶山市人力资源和社会保障局"}


@dataclass
class Trainee:
    """A worker and how far they will go."""

    citizen: Citizen
    skill: Skill
    trains: bool = True
    passes: bool = True
    person_id: str = ""
    voucher_id: str = ""
    enrolment_id: str = ""

    @property
    def actor(self) -> Actor:
        """The worker's own account."""
        return Actor(f"worker-{self.person_id}", "worker", person=self.person_id)


@dataclass
class Course:
    """A class and who is in it."""

    institution: Institution
    skill: Skill
    trainees: list[Trainee]
    act: str = "first"
    id: str = ""
    sessions: list[Json] = field(default_factory=list)


def general_batch(now: datetime, quantity: int, skills: Sequence[Skill], fund_source: str = FUND_SOURCE) -> Json:
    """A batch of the whole city that anybody may claim of for thirty days."""
    return {
        "kind": "general",
        "programme": "training_voucher",
        "title": f"{business_date(now)} 职业技能培训券",
        "quantity": quantity,
        "skills": [{"skill_code": skill.code, "level": skill.level} for skill in skills],
        "areas": [CITY],
        "audience_groups": [],
        "claim_from": (now - timedelta(minutes=5)).isoformat(),
        "claim_until": (now + timedelta(days=30)).isoformat(),
        "validity_days": 90,
        "fund_source": fund_source,
        "rules_version": "2022-03",
    }


async def offer(client: ApiClient, staff: Staff, body: Json) -> str:
    """发券: a batch by two officers; its id."""
    batch = await client.post(staff.proposer, "voucher", "/v1/batches", body)
    await client.post(staff.approver, "voucher", f"/v1/batches/{batch['id']}/approvals")
    return str(batch["id"])


async def enter(client: ApiClient, casting: Casting, trainee: Trainee) -> None:
    """A worker is registered by the portal, and what the registers say of them is recorded."""
    now = await client.clock.now()
    candidates = chain([trainee.citizen], casting.citizens())
    trainee.citizen, trainee.person_id = await register(client, candidates, now.isoformat())
    await extract(client, trainee, business_date(now))


async def extract(client: ApiClient, trainee: Trainee, today: date, *, vital_status: str = "alive") -> None:
    """The registers say that nothing stands against the worker, unless they died."""
    body = {
        "pension": "not_drawn",
        "fiscal_payroll": "off",
        "source": "portal",
        "as_of": str(today),
        "vital_status": vital_status,
        "other_benefits": [],
    }
    await client.post(PORTAL, "voucher", f"/v1/workers/{trainee.person_id}/register-extracts", body)


async def claim(client: ApiClient, trainee: Trainee, batch_id: str) -> None:
    """领券: the worker's own act."""
    body = {"batch_id": batch_id, "skill_code": trainee.skill.code, "level": trainee.skill.level}
    trainee.voucher_id = (await client.post(trainee.actor, "voucher", "/v1/vouchers", body))["id"]


async def file_class(
    client: ApiClient, staff: Staff, course: Course, days: Sequence[date], *, trainer: str, room: str
) -> None:
    """开班备案: the institution files a class of these full days, an officer approves it."""
    institution = course.institution
    body = {
        "skill_code": course.skill.code,
        "level": course.skill.level,
        "area": "410402",
        "department": "rsj",
        "channel": "social",
        "form": "menu",
        "act": course.act,
        "payee": {"kind": "institution", "id": institution.code},
        "seats": SEATS,
        "trainer_ids": [trainer],
        "room": room,
        "sessions": [{**session_times(day), "trainer_id": trainer, "room": room} for day in days],
    }
    course.id = (await client.post(institution.actor, "training", "/v1/classes", body))["id"]
    await client.post(institution.actor, "training", f"/v1/classes/{course.id}/filings")
    await client.post(staff.reviewer, "training", f"/v1/classes/{course.id}/approvals")
    detail = await client.get(institution.actor, "training", f"/v1/classes/{course.id}")
    course.sessions = sorted(detail["sessions"], key=lambda session: str(session["starts_at"]))


async def present(client: ApiClient, trainee: Trainee, institution: Institution, *, mandate: bool = True) -> str:
    """用券: the holder's one-time code for an institution, with a mandate to be paid in their place or without."""
    path = f"/v1/vouchers/{trainee.voucher_id}/presence-codes"
    body = {"institution": institution.code, "mandate": mandate}
    return str((await client.post(trainee.actor, "voucher", path, body))["code"])


async def enrol(client: ApiClient, course: Course, *, mandate: bool = True) -> None:
    """登记: the holders are present, each by their code, and the institution enrols them."""
    present_all = [present(client, trainee, course.institution, mandate=mandate) for trainee in course.trainees]
    rows = [{"presence_code": code} for code in await side_by_side(present_all)]
    results = await client.bulk(course.institution.actor, "training", f"/v1/classes/{course.id}/enrolments", rows)
    for trainee, result in zip(course.trainees, results, strict=True):
        trainee.enrolment_id = result["id"]


async def attend(client: ApiClient, course: Course, day: int) -> None:
    """签到签退: the attendance of a whole session that is over, by one request."""
    session = course.sessions[day]
    times = {"checked_in_at": session["starts_at"], "checked_out_at": session["ends_at"]}
    rows = [{"enrolment_id": trainee.enrolment_id, **times} for trainee in course.trainees]
    await client.bulk(course.institution.actor, "training", f"/v1/class-sessions/{session['id']}/rosters", rows)


async def close_session(client: ApiClient, course: Course, day: int) -> None:
    """A session that is over is closed with what was recorded: nobody came."""
    path = f"/v1/class-sessions/{course.sessions[day]['id']}/closings"
    await client.post(course.institution.actor, "training", path)


async def test(client: ApiClient, course: Course, held_on: date) -> None:
    """结业考核: the results of the completion test, of whom it was cast that they pass and of the others."""
    rows = [
        {"enrolment_id": trainee.enrolment_id, "score": 90 if trainee.passes else 40, "held_on": held_on.isoformat()}
        for trainee in course.trainees
    ]
    await client.bulk(course.institution.actor, "training", f"/v1/classes/{course.id}/completion-tests", rows)


async def verify(client: ApiClient, staff: Staff, course: Course) -> None:
    """验收: an officer finds the finished class in order."""
    await client.post(staff.reviewer, "training", f"/v1/classes/{course.id}/verifications")


async def schedule(
    client: ApiClient, body: Body, skill: Skill, held_on: date, *, number: int = 0, act: str = "first"
) -> str:
    """An assessment of a skill on a day, before two assessors and a supervisor; its id."""
    first, second = _pair(body, number)
    plan = {
        "skill_code": skill.code,
        "level": skill.level,
        "act": act,
        "held_on": str(held_on),
        "place": f"{number + 1} 考场",
        "site_code": "000001",
        "assessor_ids": [first.person, second.person],
        "supervisor_id": body.supervisor.person,
    }
    return str((await client.post(body.actor, "evaluation", "/v1/assessment-sessions", plan))["id"])


async def assess(
    client: ApiClient, body: Body, skill: Skill, trainees: Sequence[Trainee], held_on: date, *, number: int = 0,
    act: str = "first", practice: int = 82,
) -> Json:  # fmt: skip
    """评价·持证: two assessors score, a supervisor confirms; what the confirmation came to. On the day itself."""
    path = f"/v1/assessment-sessions/{await schedule(client, body, skill, held_on, number=number, act=act)}"
    rows = [{"enrolment_id": trainee.enrolment_id} for trainee in trainees]
    admitted = await client.bulk(body.actor, "evaluation", f"{path}/candidates", rows)
    await client.post(body.actor, "evaluation", f"{path}/openings")
    scores = {"practice": practice} if skill in PRACTICE_ONLY else {"theory": 88, "practice": practice}
    for assessor in _pair(body, number):
        marks = [{"candidate_id": candidate["id"], **scores} for candidate in admitted]
        await client.bulk(assessor, "evaluation", f"{path}/scores", marks)
    return await client.post(body.supervisor, "evaluation", f"{path}/confirmations")


PRACTICE_ONLY = tuple(skill for skill in SKILLS if skill.level == 0)
"""A specific competence is shown, not written about (D17)."""


def day_of(moment: str) -> date:
    """The business date of an RFC 3339 time."""
    return business_date(datetime.fromisoformat(moment))


def days_from(skill: Skill, first_day: date) -> list[date]:
    """The days of a class of the skill, one after another."""
    return [first_day + timedelta(days=day) for day in range(skill.class_hours // SESSION_HOURS)]


def session_times(day: date) -> dict[str, str]:
    """A class session of eight class hours from nine o'clock."""
    starts_at = datetime.combine(day, time(9), SHANGHAI)
    ends_at = starts_at + timedelta(minutes=45 * SESSION_HOURS)
    return {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}


def _pair(body: Body, number: int) -> tuple[Actor, Actor]:
    """Two assessors for session `number`."""
    first = number * 2 % len(body.assessors)
    return body.assessors[first], body.assessors[first + 1]
