"""Present vouchers, bind them to enrolments and give them back to their holders.

What events reach takes a list and answers item by item. Two items of one voucher are done in two rounds, so that the
second sees what the first did.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.voucher.bindings import domain
from services.voucher.bindings.domain import BindRequest, FailedTraining, MandateFacts, UnbindRequest
from services.voucher.bindings.models import Mandate
from services.voucher.bindings.queries import mandate_facts
from services.voucher.vouchers.domain import BINDING, EndRules, VoucherAction, VoucherFacts
from services.voucher.vouchers.models import Voucher
from services.voucher.vouchers.queries import lock_vouchers, lock_with_holders, with_another_live
from services.voucher.vouchers.service import move_vouchers, see_voucher
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.kernel.rounds import in_rounds
from shared.persistence import UnitOfWork, rules_on
from shared.security import PaymentMandate, PresenceCode, Principal

BOUND = (*BINDING, "mandate_id")


async def present_voucher(
    uow: UnitOfWork, caller: Principal, voucher_id: UUID, institution: str, *, mandated: str | None
) -> PresenceCode:
    """A code that proves for 60 seconds that the holder stands at this institution with this voucher (DOMAIN §5).

    It lives by the database's own time, the voucher's validity by business time. Training takes each code once. If the
    holder mandates an organisation (`mandated`), that is kept here and travels in the code (D5).
    """
    voucher = await see_voucher(uow, caller, voucher_id)
    domain.check_present(voucher.facts(), uow.now)
    if voucher.skill_code is None or voucher.level is None:
        raise ValueError("a claimed voucher has a skill and a level")
    mandate = None
    if mandated is not None:
        facts = MandateFacts(voucher.id, voucher.person_id, institution, mandated)
        mandate = give_mandate(uow, facts, caller.account)
    return PresenceCode.new(
        voucher_id=voucher.id,
        person_id=voucher.person_id,
        skill_code=voucher.skill_code,
        level=voucher.level,
        institution=institution,
        at=uow.recorded_at,
        mandate=mandate,
    )


def give_mandate(uow: UnitOfWork, facts: MandateFacts, account: str) -> PaymentMandate:
    """Keep what the holder says by `account`; the answer travels signed in the presence code."""
    mandate = Mandate(
        id=uuid7(),
        voucher_id=facts.voucher_id,
        person_id=facts.person_id,
        institution=facts.institution,
        payee_id=facts.payee_id,
        account=account,
        given_at=uow.now,
    )
    uow.session.add(mandate)
    return PaymentMandate(id=mandate.id, payee_id=mandate.payee_id)


async def bind_vouchers(uow: UnitOfWork, requests: Sequence[BindRequest]) -> list[Voucher | DomainError]:
    """Bind vouchers to enrolments (§二(二)7, 登记验证), or say by `voucher.bind_refused` why not.

    State and holds are judged now, the deadline at the time of presenting: a voucher that expired on the way is bound
    all the same.
    """
    return await in_rounds(requests, lambda request: request.voucher_id, lambda turn: _bind_round(uow, turn))


async def _bind_round(uow: UnitOfWork, requests: Sequence[BindRequest]) -> list[Voucher | DomainError]:
    by_voucher = {request.voucher_id: request for request in requests}
    vouchers = await lock_with_holders(uow, by_voucher, against="a hold, cancellation or expiry meanwhile")
    elsewhere = await with_another_live(uow, vouchers.values())
    mandates = await mandate_facts(uow, {request.mandate_id for request in requests if request.mandate_id is not None})
    refused: dict[UUID, DomainError] = {}
    for voucher_id, request in by_voucher.items():
        try:
            domain.check_bind(vouchers[voucher_id].facts(), request, live_elsewhere=voucher_id in elsewhere)
            domain.check_payee(request, mandates.get(request.mandate_id) if request.mandate_id else None)
        except DomainError as refusal:
            refused[voucher_id] = refusal
    bound = {
        voucher_id: {name: getattr(request, name) for name in BOUND}
        for voucher_id, request in by_voucher.items()
        if voucher_id not in refused
    }
    await move_vouchers(uow, VoucherAction.BIND, bound, each=bound)
    await move_vouchers(
        uow,
        VoucherAction.REFUSE_BIND,
        refused,
        details=lambda voucher: {
            "enrolment_id": by_voucher[voucher.id].enrolment_id,
            "class_id": by_voucher[voucher.id].class_id,
            "code": refused[voucher.id].code,
        },
    )
    return [refused.get(request.voucher_id) or vouchers[request.voucher_id] for request in requests]


async def unbind_vouchers(uow: UnitOfWork, requests: Sequence[UnbindRequest]) -> None:
    """Give vouchers back to their holders (§二(二)7), with time to present them again (R5).

    A withdrawal of an enrolment that the voucher is not bound to changes nothing.
    """
    vouchers = await _lock_bound(uow, {request.voucher_id: request.enrolment_id for request in requests})
    reasons = {request.voucher_id: request.reason_code for request in requests if request.voucher_id in vouchers}
    await _give_back(uow, vouchers, reasons)


async def fail_trainings(uow: UnitOfWork, failures: Sequence[FailedTraining]) -> None:
    """The first failed training gives the voucher back once more; the second, or an expulsion, voids it (R5, D28).

    A failure in an enrolment that the voucher is not bound to changes nothing.
    """
    vouchers = await _lock_bound(uow, {failure.voucher_id: failure.enrolment_id for failure in failures})
    codes = {failure.voucher_id: failure.code for failure in failures if failure.voucher_id in vouchers}
    over = {
        failure.voucher_id
        for failure in failures
        if failure.voucher_id in vouchers and domain.is_voided_by(vouchers[failure.voucher_id], failure)
    }
    await move_vouchers(uow, VoucherAction.VOID, over, details=lambda voucher: {"code": codes[voucher.id]})
    await _give_back(
        uow,
        {voucher_id: voucher for voucher_id, voucher in vouchers.items() if voucher_id not in over},
        codes,
        failed_trainings=1,
    )


async def _lock_bound(uow: UnitOfWork, enrolments: Mapping[UUID, UUID]) -> dict[UUID, VoucherFacts]:
    """Those of these vouchers that are in use for the enrolment that is named with them, locked."""
    locked = await lock_vouchers(uow, enrolments, against="a certificate or cancellation meanwhile")
    vouchers = {voucher_id: voucher.facts() for voucher_id, voucher in locked.items()}
    return {
        voucher_id: voucher
        for voucher_id, voucher in vouchers.items()
        if domain.is_bound_to(voucher, enrolments[voucher_id])
    }


async def _give_back(
    uow: UnitOfWork, vouchers: Mapping[UUID, VoucherFacts], reasons: Mapping[UUID, str], **values: Any
) -> None:
    if not vouchers:
        return
    rules = await rules_on(uow, EndRules, uow.today)
    await move_vouchers(
        uow,
        VoucherAction.UNBIND,
        vouchers,
        values={**dict.fromkeys((*BOUND, "certify_by", "warned_days")), **values},
        each={
            voucher_id: {"valid_until": rules.valid_until(voucher.valid_until, uow.today)}
            for voucher_id, voucher in vouchers.items()
        },
        details=lambda voucher: {
            "enrolment_id": vouchers[voucher.id].enrolment_id,
            "class_id": vouchers[voucher.id].class_id,
            "reason_code": reasons[voucher.id],
        },
    )
