"""A line in the clear names no person by number."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.contracts.fields import ShortText
from shared.kernel.citizen_id import make_citizen_id


def test_a_short_text_holds_no_id_number() -> None:
    adapter, number = TypeAdapter(ShortText), make_citizen_id("410402", date(1990, 5, 17), 7)
    assert adapter.validate_python("毕业证书 2020") == "毕业证书 2020"
    for text in (number, f"社保 {number} 号", f"T{number}", "", "x" * 201):
        with pytest.raises(ValidationError):
            adapter.validate_python(text)
