"""Pages, bulk answers and the OpenAPI document."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from shared.http import BulkAnswer, CursorInvalid, Page, PageRequest, the_one
from shared.http.pages import cursor_after, read_cursor
from shared.persistence import Database
from tests.shared.http.conftest import ColourTaken, headers, lamp_app


@dataclass(frozen=True)
class Row:
    """A row of a list."""

    id: int


@pytest.mark.parametrize(("rows", "has_more"), [(0, False), (1, False), (2, False), (3, True)])
def test_a_page_knows_whether_there_is_another(rows: int, has_more: bool) -> None:  # noqa: FBT001  # a parameter of the test
    page = Page[int].of([Row(number) for number in range(rows)], PageRequest(None, 2), lambda row: row.id)
    assert page.data == list(range(min(rows, 2)))
    assert page.has_more == has_more
    assert page.next_cursor == (cursor_after(1) if has_more else None)


def test_a_cursor_says_again_what_it_was_made_of() -> None:
    for key in ("91410402MA00000001", 7, "中"):
        assert read_cursor(cursor_after(key)) == str(key)
    assert PageRequest("7", 1).after_number == 7
    assert PageRequest(None, 1).after_number is None
    assert PageRequest(None, 1).after_uuid is None
    for wrong in ("x", "-1", "9" * 19, "٣x"):
        with pytest.raises(CursorInvalid):
            _ = PageRequest(wrong, 1).after_number


def test_a_bulk_answer_keeps_the_order() -> None:
    outcomes: list[Row | Any] = [Row(1), ColourTaken(), Row(3)]
    answer = BulkAnswer[int].of(outcomes, lambda row: row.id).model_dump()
    assert answer == {
        "results": [
            {"index": 0, "result": 1},
            {
                "index": 1,
                "error": {"code": "probe_colour_taken", "detail": "已有此颜色的灯", "policy": "§二(二)7"},
            },
            {"index": 2, "result": 3},
        ],
        "accepted": 2,
        "refused": 1,
    }


def test_the_only_outcome() -> None:
    assert the_one([Row(1)]) == Row(1)
    with pytest.raises(ColourTaken):
        the_one([ColourTaken()])


async def test_bulk_over_http(offline: httpx.AsyncClient) -> None:
    rows = {"rows": [{"colour": "blue"}, {"colour": "red"}]}
    answer = await offline.post("/v1/lamps/bulk", json=rows, headers=headers("officer", **{"Accept-Language": "en"}))
    document = answer.json()
    assert (answer.status_code, document["accepted"], document["refused"]) == (200, 1, 1)
    assert document["results"][0]["result"]["colour"] == "blue"
    assert document["results"][1]["error"]["detail"] == "There is a lamp of this colour."
    for wrong in ([], [{"colour": "x"}] * 1_001):
        answer = await offline.post("/v1/lamps/bulk", json={"rows": wrong}, headers=headers("officer"))
        assert answer.json()["errors"][0]["pointer"] == "#/rows"


def test_the_document_says_who_and_what() -> None:
    app = lamp_app(Database("postgresql+asyncpg://nobody@127.0.0.1:1/none"))
    document = app.openapi()
    assert document["openapi"].startswith("3.1")
    install = document["paths"]["/v1/lamps"]["post"]
    assert install["security"] == [{"bearer": []}]
    assert install["x-roles"] == ["officer", "worker"]
    assert install["parameters"][-1]["name"] == "Idempotency-Key"
    assert "application/problem+json" in install["responses"]["4XX"]["content"]
    assert "422" not in install["responses"]
    assert "security" not in document["paths"]["/v1/lamps"]["get"]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "/livez" not in document["paths"]
    assert app.openapi() is document
