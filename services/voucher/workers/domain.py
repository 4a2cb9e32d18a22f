"""What a person's record may do, and the refusals of this room."""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.lifecycle import Edge, Lifecycle, Rests


class PersonState(StrEnum):
    """A record stands, or names the record that stands for the same person."""

    REGISTERED = "registered"
    SUPERSEDED = "superseded"


class PersonAction(StrEnum):
    """What happens to a person's record."""

    REGISTER = "register"
    RECORD_FACTS = "record_facts"
    SUPERSEDE = "supersede"
    SEPARATE = "separate"
    CHANGE_PHONE = "change_phone"
    MOVE = "move"
    PROPOSE_NAME = "propose_name"
    RENAME = "rename"


PERSON = Lifecycle(
    "voucher.person",
    {
        (None, PersonAction.REGISTER): Edge(
            PersonState.REGISTERED, "person.registered", details=("masked_name",)
        ),
        **{(state, PersonAction.RECORD_FACTS): Edge(state, "person.facts_recorded", details=("facts",))
           for state in PersonState},
        (PersonState.REGISTERED, PersonAction.SUPERSEDE): Edge(PersonState.SUPERSEDED, "person.superseded"),
        (PersonState.SUPERSEDED, PersonAction.SEPARATE): Edge(
            PersonState.REGISTERED, "person.separated", details=("survivor_id",)
        ),
        (PersonState.REGISTERED, PersonAction.CHANGE_PHONE): Edge(PersonState.REGISTERED, "person.phone_changed"),
        (PersonState.REGISTERED, PersonAction.MOVE): Edge(PersonState.REGISTERED, "person.moved"),
        (PersonState.REGISTERED, PersonAction.PROPOSE_NAME): Edge(
            PersonState.REGISTERED, "person.name_proposed", details=("proposal_id", "reason_code")
        ),
        (PersonState.REGISTERED, PersonAction.RENAME): Edge(
            PersonState.REGISTERED, "person.renamed", details=("proposal_id", "masked_name")
        ),
    },
    {
        PersonState.REGISTERED: Rests("a person is no case"),
        PersonState.SUPERSEDED: Rests("another record stands for the person; two officers may undo that (R16)"),
    },
)  # fmt: skip


class UnmaskingState(StrEnum):
    """An unmasking has happened; nothing follows."""

    RECORDED = "recorded"


class UnmaskingAction(StrEnum):
    """Looking at a person's unmasked data."""

    RECORD = "record"


UNMASKING = Lifecycle(
    "voucher.unmasking",
    {(None, UnmaskingAction.RECORD): Edge(UnmaskingState.RECORDED, "unmasking.recorded")},
)


class RealNameMethod(StrEnum):
    """Who matched name and ID number (A3)."""

    POLICE = "police"
    SOCIAL_SECURITY_CARD = "social_security_card"
    PORTAL = "portal"


class PersonNotFound(NotFound):
    """No record of this person, or none that the caller may see."""

    code = "person_not_found"
    zh, en = "未找到该人员", "There is no such person."


class PhoneInvalid(Invalid):
    """Not a telephone number."""

    code = "phone_invalid"
    zh, en = "电话号码不正确", "The telephone number is not valid."


class NameContradicts(Conflict):
    """The ID number is registered under another name: a register is wrong, and an officer must find out which."""

    code = "name_contradicts"
    policy = "§二(二)7"
    zh, en = "该证件号码已以其他姓名登记,请到窗口核实", "This ID number is registered under another name."


class SurvivorIsItself(Invalid):
    """A record cannot supersede itself."""

    code = "survivor_is_itself"
    policy = "§二(二)6"
    zh, en = "不能并入自身", "A record cannot be superseded by itself."


class SurvivorSuperseded(Conflict):
    """The record named as survivor was superseded itself."""

    code = "survivor_superseded"
    policy = "§二(二)6"
    zh, en = "所并入的档案已被并入另一档案", "The surviving record was superseded itself."


class NameProposalNotFound(NotFound):
    """No change of name that waits: there is none, a later one took its place, or it was approved."""

    code = "name_proposal_not_found"
    policy = "R27"
    zh, en = "没有待审批的更名申请", "No change of name waits for an approval."


class NameProposalSelfApproval(Conflict):
    """The officer who proposed the change of a name does not approve it."""

    code = "name_proposal_self_approval"
    policy = "R27"
    zh, en = "更名须由另一名工作人员审批", "Another officer must approve the change of name."


class OwnRecord(Conflict):
    """Nobody states facts about themselves that decide whether they are paid for."""

    code = "own_record"
    policy = "§二(二)7"
    zh, en = "不得为本人登记资格信息", "Officers state nothing about themselves; a colleague does."


_PHONE = re.compile(r"\+?[0-9][0-9-]{5,18}[0-9]")


def canonical_phone(text: str) -> str:
    """The number without spaces; `PhoneInvalid` if it is none. Landlines with `-` are numbers too."""
    phone = "".join(text.split())
    if not _PHONE.fullmatch(phone):
        raise PhoneInvalid
    return phone


def check_name_approval(proposed_by: UUID, officer: UUID) -> None:
    """`NameProposalSelfApproval` unless two natural persons change a name (R27)."""
    if proposed_by == officer:
        raise NameProposalSelfApproval


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What superseding looks at."""

    person_id: UUID
    status: PersonState


def check_supersede(record: PersonFacts, survivor: PersonFacts) -> None:
    """Two records of one person (§二(二)6): the survivor stands, and no chain ends in a record that does not."""
    if record.person_id == survivor.person_id:
        raise SurvivorIsItself
    if survivor.status is not PersonState.REGISTERED:
        raise SurvivorSuperseded
    PERSON.decide(record.status, PersonAction.SUPERSEDE)
