"""What payout says: settled, redeemed, returned, in any order."""

import pytest

from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.payout import PayoutOpenedV1, PayoutPaidV1, PayoutRejectedV1, PayoutWithdrawnV1
from shared.kernel.ids import uuid7
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.scenario import Scenario


@pytest.mark.parametrize("returned", [PayoutRejectedV1, PayoutWithdrawnV1])
async def test_a_payout_that_comes_to_nothing_leaves_the_voucher_certified(scenario: Scenario, returned: type) -> None:
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    first, second = uuid7(), uuid7()
    await scenario.receive(
        payout_event(PayoutOpenedV1, voucher, first, 1),
        payout_event(PayoutOpenedV1, voucher, second, 1),
        payout_event(PayoutPaidV1, voucher, second, 2),
    )
    assert (await scenario.voucher(voucher.id)).payout_id == first
    await scenario.receive(payout_event(returned, voucher, first, 2))
    assert (await scenario.emitted(voucher.id))[-4:] == [
        "voucher.settling",
        "voucher.returned",
        "voucher.settling",
        "voucher.redeemed",
    ]
    assert (await scenario.voucher(voucher.id)).payout_id == second


async def test_a_payout_opened_as_rejected_leaves_the_voucher_certified(scenario: Scenario) -> None:
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    await scenario.receive(payout_event(PayoutRejectedV1, voucher, uuid7(), 1, code="rate_missing"))
    emitted = await scenario.last_emitted(voucher.id)
    assert (emitted["code"], (await scenario.voucher(voucher.id)).status) == ("rate_missing", "certified")
