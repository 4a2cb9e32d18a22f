"""Metrics: what is counted is there, under its name."""

from shared.observability import metrics


def test_everything_can_be_counted() -> None:
    metrics.count_request("GET", "/v1/vouchers/{id}", 200, 0.003)
    metrics.count_refusal("quota_exhausted")
    metrics.set_outbox(3, 1.5)
    metrics.set_consumer_lag("payout", "skill-voucher.voucher", {0: 4, 11: 0})
    metrics.set_parked_events("payout", {"event_signature_invalid": 2})
    metrics.count_consumed("probe", "lamp.lit", "applied", 5)
    metrics.count_timer_rows("probe.expire", 7)
    metrics.count_business("lamp.lit", 2)
    metrics.count_sent(4)
    metrics.timer_turned("probe.expire")
    metrics.count_timer_failure("probe.expire")
    metrics.set_standing("lamp", "lit", 9, 1, 3600.0)
    metrics.set_standing("lamp", "broken", 2, 0, None)
    metrics.watch_pool(8, lambda: 3)
    metrics.set_build("probe", "1.2.3")
    text = metrics.exposition().decode()
    for line in (
        'skill_voucher_http_requests_total{method="GET",route="/v1/vouchers/{id}",status="200"}',
        'skill_voucher_http_request_seconds_bucket{le="0.005",method="GET",route="/v1/vouchers/{id}"}',
        'skill_voucher_refusals_total{code="quota_exhausted"}',
        "skill_voucher_outbox_events 3.0",
        "skill_voucher_outbox_oldest_seconds 1.5",
        'skill_voucher_consumer_lag_events{consumer="payout",partition="0",topic="skill-voucher.voucher"} 4.0',
        'skill_voucher_parked_events{code="event_signature_invalid",consumer="payout"} 2.0',
        'skill_voucher_parked_events{code="gap",consumer="payout"} 0.0',
        'skill_voucher_consumed_events_total{consumer="probe",outcome="applied",type="lamp.lit"} 5.0',
        'skill_voucher_timer_rows_total{timer="probe.expire"} 7.0',
        'skill_voucher_business_total{what="lamp.lit"} 2.0',
        "skill_voucher_relay_events_total 4.0",
        'skill_voucher_timer_turn_timestamp_seconds{timer="probe.expire"} ',
        'skill_voucher_timer_failures_total{timer="probe.expire"} 1.0',
        'skill_voucher_standing{life_cycle="lamp",state="lit"} 9.0',
        'skill_voucher_standing_held{life_cycle="lamp",state="lit"} 1.0',
        'skill_voucher_standing_oldest_seconds{life_cycle="lamp",state="lit"} 3600.0',
        "skill_voucher_pool_connections 8.0",
        "skill_voucher_pool_connections_used 3.0",
        'skill_voucher_build_info{service="probe",version="1.2.3"} 1.0',
    ):
        assert line in text
    assert 'skill_voucher_standing_oldest_seconds{life_cycle="lamp",state="broken"}' not in text
