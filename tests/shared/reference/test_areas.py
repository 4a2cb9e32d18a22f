"""Areas and departments."""

from dataclasses import replace
from datetime import date

import pytest

from shared.reference.areas import AREAS, CITY, AreaUnknown, area, reporting_areas
from shared.reference.departments import DEPARTMENTS, DepartmentUnknown, department


def test_twelve_areas_report_to_the_city() -> None:
    reporting = reporting_areas()
    assert len(reporting) == 12
    assert {found.reports_to for found in reporting} == {CITY}
    assert [found.code for found in reporting] == sorted(found.code for found in reporting)
    assert reporting == reporting_areas(date(2026, 1, 1))


def test_reporting_has_dates() -> None:
    assert reporting_areas(date(2021, 12, 30)) == []
    left = replace(area("410482"), reports_until=date(2025, 6, 30))
    assert left.reports_on(date(2025, 6, 30))
    assert not left.reports_on(date(2025, 7, 1))
    assert not area(CITY).reports_on(date(2026, 1, 1))


@pytest.mark.parametrize("code", ["410471", "410472"])
def test_the_zones_are_areas_though_gb2260_lists_them_not(code: str) -> None:
    assert area(code).kind == "zone"


@pytest.mark.parametrize("code", ["", "410401", "110000", "平顶山市"])
def test_unknown_areas_are_refused(code: str) -> None:
    with pytest.raises(AreaUnknown):
        area(code)


def test_every_area_is_under_its_own_code() -> None:
    assert all(code == found.code for code, found in AREAS.items())
    assert area(CITY).name_zh == "平顶山市"


def test_departments() -> None:
    assert department("rsj").name_zh == "市人力资源和社会保障局"
    assert len(DEPARTMENTS) == 26
    with pytest.raises(DepartmentUnknown):
        department("xxx")
