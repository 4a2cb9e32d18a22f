"""Vouchers that nobody uses expire, those in use never."""

from tests.voucher.scenario import Scenario


async def test_a_used_voucher_never_expires(scenario: Scenario) -> None:
    voucher, _ = await scenario.bound()
    await scenario.pass_days(120)
    assert (await scenario.run_timers())["voucher.expire"] == 0
    assert (await scenario.voucher(voucher.id)).status == "in_use"
