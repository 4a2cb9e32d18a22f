"""Who is calling: an account, the natural person behind it, a role and its scope."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.kernel.actor import Actor, ActorKind
from shared.kernel.errors import Forbidden
from shared.security.digests import framed

WHOLE_CITY = "410400"


class Role(StrEnum):
    """What an account may do. Roles do not include one another."""

    WORKER = "worker"
    PORTAL = "portal"
    INSTITUTION = "institution"
    BODY = "body"
    OFFICER = "officer"
    FINANCE = "finance"
    AUDITOR = "auditor"
    OPERATOR = "operator"


ANSWERABLE = frozenset({Role.OFFICER, Role.FINANCE, Role.INSTITUTION, Role.BODY})
"""Who acts for an office or an organisation: a natural person answers for it, by a registered record."""


class ScopeMissing(Forbidden):
    """The token names no person, institution or area, and the act needs one."""

    code = "scope_missing"
    zh, en = "登录凭证缺少 {claim}", "The token does not name the {claim}."


class AreaOutsideScope(Forbidden):
    """The act concerns an area that is not among the caller's."""

    code = "area_outside_scope"
    zh, en = "该区域不在您的权限范围内", "That area is outside your scope."


class PersonNotRegistered(Forbidden):
    """The person whom the token names is not registered here: nobody knows who would answer for the act."""

    code = "person_not_registered"
    policy = "§二(二)6"
    zh, en = (
        "登录凭证所载人员尚未实名登记,不能办理;请先登记",
        "The token's person is not registered, so nobody would answer for this; register first.",
    )


class WholeCityNeeded(Forbidden):
    """The act concerns every area, so only who covers the whole city does it."""

    code = "whole_city_needed"
    policy = "§三(一)"
    zh, en = "仅限全市范围的人员办理", "Only who covers the whole city does this."


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller.

    `person_id` is the natural person (two accounts of one person carry the same); `institution` a credit code;
    `areas` codes of `areas.csv`, `410400` standing for the whole city; `issuer` who signed the token.
    """

    account: str
    person_id: UUID | None
    role: Role
    institution: str | None
    areas: frozenset[str]
    issuer: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256, 64 hex digits, over all that an answer is authorised by: whoever differs in any of it is another.

        An account (`sub`) alone is not enough: it may act for another organisation, person, area or role tomorrow.
        """
        person, institution = str(self.person_id or ""), self.institution or ""
        parts = (self.issuer, self.account, str(self.role), person, institution, *sorted(self.areas))
        return hashlib.sha256(framed(*(part.encode() for part in parts))).hexdigest()

    def covers(self, area: str) -> bool:
        """Whether `area` is in the caller's scope (DOMAIN §4, 15)."""
        return area in self.areas or WHOLE_CITY in self.areas

    @property
    def covers_city(self) -> bool:
        """Whether the caller acts for the whole city (second review, publication; §三(一))."""
        return WHOLE_CITY in self.areas

    @property
    def actor(self) -> Actor:
        """The caller as events name them."""
        return Actor(ActorKind.ACCOUNT, self.account, str(self.role), self.person_id)

    @property
    def person(self) -> UUID:
        """The natural person; `ScopeMissing` if the token names none."""
        if self.person_id is None:
            raise ScopeMissing(claim="person")
        return self.person_id

    @property
    def organisation(self) -> str:
        """The institution's or body's credit code; `ScopeMissing` if the token names none."""
        if self.institution is None:
            raise ScopeMissing(claim="institution")
        return self.institution
