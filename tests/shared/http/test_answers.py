"""Pages, bulk answers and the OpenAPI document."""

import runpy
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from shared.http import BulkRequest, CursorInvalid, Page, PageRequest, the_one
from shared.http.openapi import sentences
from shared.http.pages import cursor_after, read_cursor
from shared.kernel.errors import DomainError
from shared.persistence import Database
from tests.shared.http.conftest import ColourTaken, Dull, headers, lamp_app


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
    body = BulkRequest[Dull].model_validate({"rows": [{"colour": "a"}, 7, {"colour": "b"}, {"colour": "c"}]})

    def convert(row: Dull) -> str:
        if row.colour == "b":
            raise ColourTaken
        return row.colour

    assert body.items(convert) == ["a", "c"]
    assert [row.colour for row in body.rows] == ["a", "c"]
    outcomes: list[int | DomainError] = [1, ColourTaken()]
    answer = body.answer(outcomes, lambda done: done).model_dump()
    assert [row.get("result") or row["error"]["code"] for row in answer["results"]] == [
        1,
        "validation_failed",
        "probe_colour_taken",
        "probe_colour_taken",
    ]
    assert [row["index"] for row in answer["results"]] == [0, 1, 2, 3]
    assert answer["results"][3]["error"] == {
        "code": "probe_colour_taken", "detail": "已有此颜色的灯", "policy": "§二(二)7", "errors": [],
    }  # fmt: skip
    assert (answer["accepted"], answer["refused"]) == (1, 3)


async def test_a_refusal_that_a_route_does_not_list_is_a_mistake(offline: httpx.AsyncClient) -> None:
    for colour, status in (("red", 200), ("black", 500)):
        rows = {"rows": [{"colour": colour}]}
        assert (await offline.post("/v1/lamps/bulk", json=rows, headers=headers("officer"))).status_code == status


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
    assert install["operationId"] == "installLamp"
    assert install["security"] == [{"bearer": []}]
    assert install["x-roles"] == ["officer", "worker"]
    assert install["parameters"][-1]["name"] == "Idempotency-Key"
    assert install["responses"].keys() == {
        "201",
        "400",
        "401",
        "403",
        "404",
        "408",
        "409",
        "413",
        "415",
        "421",
        "422",
        "431",
        "503",
    }
    assert "`/v1/lamps/{id}`" in install["responses"]["201"]["headers"]["Location"]["description"]
    refused = install["responses"]["409"]["content"]["application/problem+json"]
    assert refused["schema"]["allOf"][1]["properties"]["code"]["enum"] == [
        "probe_colour_taken", "probe_too_bright", "probe_watts_taken", "request_in_progress",
    ]  # fmt: skip
    assert refused["example"]["code"] == "probe_colour_taken"
    assert "Retry-After" in document["components"]["responses"]["TemporarilyUnavailable"]["headers"]
    listing = document["paths"]["/v1/lamps"]["get"]
    assert listing["security"] == []
    assert not {"401", "403"} & listing["responses"].keys()
    schemas = document["components"]["schemas"]
    assert {"Lamp", "LampPage", "LampBulkAnswer", "DullRequest", "Problem", "FieldError"} <= schemas.keys()
    assert "HTTPValidationError" not in schemas
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "/livez" not in document["paths"]
    assert app.openapi() is document


def test_sentences_of_a_docstring() -> None:
    assert sentences("One voucher.") == ("One voucher", "One voucher.")
    assert sentences("Claim it (§二(二)7). Once.\n\n  More,\n  of it.") == (
        "Claim it (§二(二)7)",
        "Once.\n\nMore, of it.",
    )


async def test_what_is_created_says_where(client: httpx.AsyncClient) -> None:
    first = await client.post("/v1/lamps", json={"colour": "red"}, headers=headers(key="1"))
    assert first.headers["location"] == f"/v1/lamps/{first.json()['id']}"
    again = await client.post("/v1/lamps", json={"colour": "red"}, headers=headers(key="1"))
    assert (again.headers["location"], again.headers["idempotent-replayed"]) == (first.headers["location"], "true")


def test_a_bulk_route_may_be_the_last_in_its_file(tmp_path: Path) -> None:
    """Naming a class of many types, wherever it is named, looks at no source."""
    file = tmp_path / "routes.py"
    file.write_text(
        "from shared.http import Body, BulkAnswer, BulkRequest, View\n\n\n"
        "class Row(Body):\n    number: int\n\n\n"
        "class Shown(View):\n    number: int\n\n\n"
        "async def act(\n    body: BulkRequest[Row], number: int\n) -> BulkAnswer[Shown]:\n    ...\n"
    )
    assert "act" in runpy.run_path(str(file))
