"""The loop through this service: 发券, bound to a class, certified, settled, redeemed."""

from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.payout import PayoutOpenedV1, PayoutPaidV1, PayoutReversedV1
from shared.kernel.ids import uuid7
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.scenario import Scenario


async def test_a_voucher_goes_through_the_whole_loop(scenario: Scenario) -> None:
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    await scenario.pass_days(45)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    emitted = await scenario.last_emitted(voucher.id)
    assert (emitted["eligibility"], emitted["certificate_id"]) == ("eligible", str(facts.certificate_id))
    payout = uuid7()
    await scenario.receive(
        payout_event(PayoutOpenedV1, voucher, payout, 1),
        payout_event(PayoutPaidV1, voucher, payout, 9),
        payout_event(PayoutReversedV1, voucher, payout, 10),
    )
    assert await scenario.emitted(voucher.id) == [
        "voucher.claimed",
        "voucher.bound",
        "voucher.certified",
        "voucher.settling",
        "voucher.redeemed",
        "voucher.clawed_back",
    ]
    assert (await scenario.voucher(voucher.id)).version == 6
