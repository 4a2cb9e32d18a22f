"""For what an institution is listed, and when."""

from dataclasses import replace
from datetime import date

import pytest

from services.training.institutions.domain import (
    CatalogueScopeInvalid,
    InstitutionFacts,
    InstitutionNotActive,
    ScopeLine,
    SkillNotInScope,
    canonical_scope,
    check_listed,
)
from shared.reference.skills import SkillUnknown
from tests.training.samples import HOME


def test_the_catalogue_lists_skill_level_and_days() -> None:
    line = ScopeLine("4-03-02-01", 4, date(2026, 1, 1), date(2026, 12, 31))
    facts = InstitutionFacts(HOME, "listed", "410402", (line,))
    check_listed(facts, "4-03-02-01", 4, date(2026, 1, 1), date(2026, 12, 31))
    for first, last in ((date(2025, 12, 31), date(2026, 1, 2)), (date(2026, 12, 1), date(2027, 1, 1))):
        with pytest.raises(SkillNotInScope):
            check_listed(facts, "4-03-02-01", 4, first, last)
    with pytest.raises(SkillNotInScope):
        check_listed(facts, "4-03-02-01", 3, date(2026, 2, 1), date(2026, 2, 1))
    check_listed(replace(facts, status="warned"), "4-03-02-01", 4, date(2026, 2, 1), date(2026, 2, 1))
    for status in ("applied", "suspended", "removed"):
        with pytest.raises(InstitutionNotActive):
            check_listed(replace(facts, status=status), "4-03-02-01", 4, date(2026, 2, 1), date(2026, 2, 1))


def test_a_scope_is_canonical_and_does_not_overlap() -> None:
    open_end = ScopeLine("４-10-08-01", 4, date(2026, 1, 1), None)
    assert canonical_scope([open_end])[0].skill_code == "4-10-08-01"
    with pytest.raises(CatalogueScopeInvalid):
        canonical_scope([open_end, ScopeLine("4-10-08-01", 4, date(2027, 1, 1), None)])
    with pytest.raises(CatalogueScopeInvalid):
        canonical_scope([replace(open_end, valid_to=date(2025, 1, 1))])
    with pytest.raises(SkillUnknown):
        canonical_scope([replace(open_end, skill_code="9-99-99-99")])
