"""Signs of waving through."""

from services.evaluation.results.domain import flags_of
from tests.evaluation.samples import RULES


def test_flags_speak_of_rate_and_volume() -> None:
    assert flags_of(20, 19, 120, RULES) == []
    assert flags_of(20, 20, 120, RULES) == ["pass_rate_unlikely"]
    assert flags_of(100, 98, 0, RULES) == ["pass_rate_unlikely"]
    assert flags_of(19, 19, 0, RULES) == []
    assert flags_of(0, 0, 121, RULES) == ["assessor_volume_unlikely"]
