"""The five links of a case: which are done, where it stands and where it broke (§二(二)7)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.audit.case_facts.domain import Standing
from shared.security.principals import Principal, Role


class LinkName(StrEnum):
    """发券, 培训, 评价, 持证, 兑现: exactly five, in this order."""

    ISSUE = "issue"
    TRAIN = "train"
    ASSESS = "assess"
    CERTIFY = "certify"
    PAY_OUT = "pay_out"


class LinkState(StrEnum):
    """How far one link is."""

    WAITING = "waiting"
    """Nothing has happened yet."""
    OPEN = "open"
    """Under way, or to be tried again."""
    DONE = "done"
    BROKEN = "broken"
    """It went wrong and does not go on by itself."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one voucher's case; each list from the oldest to the latest."""

    voucher: Standing
    claimed_at: datetime | None
    certified_at: datetime | None
    certify_refusal: str | None
    enrolments: Sequence[Standing]
    candidates: Sequence[Standing]
    certificates: Sequence[Standing]
    payouts: Sequence[Standing]


@dataclass(frozen=True, slots=True)
class Link:
    """One link: its state, since when, the reason if it has one, and the thing that decides it."""

    name: LinkName
    state: LinkState
    at: datetime | None = None
    code: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    """The five links in order. `stands_at` is the first that is not done, None when the loop is closed."""

    links: tuple[Link, ...]
    stands_at: LinkName | None
    broken_at: LinkName | None


UNCLAIMED_END = frozenset({"expired", "cancelled"})
UNTRAINED_END = frozenset({"expired", "cancelled", "given_back", "void_uncertified"})
ENROLMENT = {
    "completed": LinkState.DONE,
    "failed_attendance": LinkState.BROKEN,
    "failed_test": LinkState.BROKEN,
    "expelled": LinkState.BROKEN,
}
"""Everything else is open: a refused or withdrawn enrolment gives the voucher back to be used again."""
CANDIDATE = {
    "passed": LinkState.DONE,
    "failed": LinkState.BROKEN,
    "absent": LinkState.BROKEN,
    "voided": LinkState.BROKEN,
}
"""A resit is a new candidate, which opens the link again."""
PAYOUT = {
    "paid": LinkState.DONE,
    "rejected": LinkState.BROKEN,
    "withdrawn": LinkState.BROKEN,
    "failed": LinkState.BROKEN,
    "reversed": LinkState.BROKEN,
}


def may_follow(
    caller: Principal, records: Collection[UUID], areas: Collection[str | None], institutions: Collection[str]
) -> bool:
    """Whether `caller` may see where a case stands (DOMAIN §1, A1; §4, 15).

    The holder, an institution that trained the holder, officers and auditors of the voucher's or the class's area.
    """
    if caller.role == Role.WORKER:
        return caller.person_id in records
    if caller.role == Role.INSTITUTION:
        return caller.institution in institutions
    return caller.role in (Role.OFFICER, Role.AUDITOR) and any(area and caller.covers(area) for area in areas)


def follow(case: Case) -> Trail:
    """Judge the five links."""
    links = (_issue(case), _train(case), _assess(case), _certify(case), _pay_out(case))
    stands_at = next((link.name for link in links if link.state != LinkState.DONE), None)
    broken_at = next((link.name for link in links if link.state == LinkState.BROKEN), None)
    return Trail(links, stands_at, broken_at)


def _link(name: LinkName, state: LinkState, thing: Standing) -> Link:
    return Link(name, state, thing.at, thing.code, thing.id)


def _ended(name: LinkName, voucher: Standing) -> Link:
    """Broken because the voucher itself ended; its status says how if no reason was named."""
    return Link(name, LinkState.BROKEN, voucher.at, voucher.code or voucher.status, voucher.id)


def _decisive(things: Sequence[Standing], states: Mapping[str, LinkState]) -> tuple[Standing, LinkState] | None:
    """The thing that decides a link: the first that is done, otherwise the latest."""
    if not things:
        return None
    judged = [(thing, states.get(thing.status, LinkState.OPEN)) for thing in things]
    return next(((thing, state) for thing, state in judged if state == LinkState.DONE), judged[-1])


def _issue(case: Case) -> Link:
    if case.claimed_at is not None:
        return Link(LinkName.ISSUE, LinkState.DONE, case.claimed_at, None, case.voucher.id)
    if case.voucher.status in UNCLAIMED_END:
        return _ended(LinkName.ISSUE, case.voucher)
    return _link(LinkName.ISSUE, LinkState.OPEN, case.voucher)


def _train(case: Case) -> Link:
    decisive = _decisive(case.enrolments, ENROLMENT)
    if decisive is not None and decisive[1] == LinkState.BROKEN and case.voucher.status == "claimed":
        return _link(LinkName.TRAIN, LinkState.OPEN, decisive[0])  # the voucher came back for another class (D28)
    if decisive is not None and decisive[1] != LinkState.OPEN:
        return _link(LinkName.TRAIN, decisive[1], decisive[0])
    if case.claimed_at is not None and case.voucher.status in UNTRAINED_END:
        return _ended(LinkName.TRAIN, case.voucher)
    if decisive is not None:
        return _link(LinkName.TRAIN, LinkState.OPEN, decisive[0])
    return Link(LinkName.TRAIN, LinkState.WAITING)


def _assess(case: Case) -> Link:
    decisive = _decisive(case.candidates, CANDIDATE)
    if case.certificates and (decisive is None or decisive[1] != LinkState.DONE):
        return _link(LinkName.ASSESS, LinkState.DONE, case.certificates[0])
    if decisive is None:
        return Link(LinkName.ASSESS, LinkState.WAITING)
    return _link(LinkName.ASSESS, decisive[1], decisive[0])


def _certify(case: Case) -> Link:
    revoked = [certificate for certificate in case.certificates if certificate.status == "revoked"]
    if revoked and len(revoked) == len(case.certificates):
        return _link(LinkName.CERTIFY, LinkState.BROKEN, revoked[-1])
    if case.certified_at is not None:
        reference = case.certificates[-1].id if case.certificates else None
        return Link(LinkName.CERTIFY, LinkState.DONE, case.certified_at, None, reference)
    if case.voucher.status == "void_uncertified":
        return _ended(LinkName.CERTIFY, case.voucher)
    if not case.certificates:
        return Link(LinkName.CERTIFY, LinkState.WAITING)
    latest = case.certificates[-1]
    if case.certify_refusal is not None:
        return Link(LinkName.CERTIFY, LinkState.BROKEN, case.voucher.at, case.certify_refusal, latest.id)
    return _link(LinkName.CERTIFY, LinkState.OPEN, latest)


def _pay_out(case: Case) -> Link:
    decisive = _decisive(case.payouts, PAYOUT)
    if case.voucher.status == "lapsed" and (decisive is None or decisive[1] != LinkState.OPEN):
        return _ended(LinkName.PAY_OUT, case.voucher)
    if case.voucher.status == "clawed_back" and not case.payouts:
        return _ended(LinkName.PAY_OUT, case.voucher)
    if decisive is None:
        return Link(LinkName.PAY_OUT, LinkState.WAITING)
    return _link(LinkName.PAY_OUT, decisive[1], decisive[0])
