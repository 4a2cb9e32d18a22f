"""The loop through this service: 发券, bound to a class, certified, settled, redeemed."""

from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.payout import PayoutOpenedV1, PayoutPaidV1, PayoutReversedV1
from shared.kernel.ids import uuid7
from tests.voucher.payouts import payout_event
from tests.voucher.town import Town, certificate_event


async def test_a_voucher_goes_through_the_whole_loop(town: Town) -> None:
    voucher, enrolment = await town.bound()
    facts = town.signed(voucher, enrolment)
    await town.pass_days(45)
    await town.tell(certificate_event(CertificateIssuedV1, facts, town.jws(facts)))
    told = await town.last_told(voucher.id)
    assert (told["eligibility"], told["certificate_id"]) == ("eligible", str(facts.certificate_id))
    payout = uuid7()
    await town.tell(
        payout_event(PayoutOpenedV1, voucher, payout, 1),
        payout_event(PayoutPaidV1, voucher, payout, 9),
        payout_event(PayoutReversedV1, voucher, payout, 10),
    )
    assert await town.told(voucher.id) == [
        "voucher.claimed",
        "voucher.bound",
        "voucher.certified",
        "voucher.settling",
        "voucher.redeemed",
        "voucher.clawed_back",
    ]
    assert (await town.voucher(voucher.id)).version == 6
