"""The freezer writes once, adds minors, and refuses whatever breaks a reader."""

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, create_model

from shared.contracts.compatibility import breaking_changes
from shared.contracts.envelope import Event
from shared.contracts.freeze import freeze, frozen_schemas, main, plan, schema_of


class Item(BaseModel):
    """A nested thing."""

    code: str
    until: date | None


class ThingDone(Event, service="probe", name="thing.done"):
    """A thing was done."""

    id: UUID
    items: tuple[Item, ...]
    note: str | None = None


class ThingDoneAndCounted(ThingDone, service="probe", name="thing.done"):
    """A thing was done and counted: additive."""

    count: int | None = None


class ThingDoneByWhom(ThingDone, service="probe", name="thing.done"):
    """A thing was done by somebody: a field that old events lack."""

    by: UUID


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}


def test_a_frozen_file_is_written_once(tmp_path: Path) -> None:
    assert list(freeze([ThingDone], tmp_path).to_write) == ["probe.thing.done-1.0.json"]
    before = files(tmp_path)
    assert freeze([ThingDone], tmp_path).to_write == {}
    assert files(tmp_path) == before


def test_an_addition_is_the_next_minor_and_the_first_stays(tmp_path: Path) -> None:
    freeze([ThingDone], tmp_path)
    before = files(tmp_path)
    freeze([ThingDoneAndCounted], tmp_path)
    after = files(tmp_path)
    assert sorted(after) == ["probe.thing.done-1.0.json", "probe.thing.done-1.1.json"]
    assert after["probe.thing.done-1.0.json"] == before["probe.thing.done-1.0.json"]
    assert [frozen.minor for frozen in frozen_schemas(tmp_path)] == [0, 1]
    assert plan([ThingDoneAndCounted], tmp_path).to_write == {}


@pytest.mark.parametrize("events", [[ThingDoneByWhom], []], ids=["a required field", "the class is gone"])
def test_a_breaking_change_writes_nothing(tmp_path: Path, events: list[type[Event]]) -> None:
    freeze([ThingDone], tmp_path)
    before = files(tmp_path)
    refused = freeze(events, tmp_path)
    assert len(refused.refusals) == 1
    assert files(tmp_path) == before


def test_words_are_not_frozen() -> None:
    assert "description" not in str(schema_of(ThingDone))
    titled = create_model("Titled", title=(str, ...), __base__=Event)
    assert schema_of(titled)["properties"]["title"] == {"type": "string"}


def test_a_stray_file_is_no_schema(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"notes\.json"):
        frozen_schemas(tmp_path)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "schemas"
    assert main(["--check"], folder) == 1
    assert not folder.exists()
    assert main([], folder) == 0
    assert main(["--check"], folder) == 0
    path = folder / "voucher.voucher.claimed-1.0.json"
    frozen = path.read_text(encoding="utf-8")
    path.write_text(frozen.replace('"level"', '"height"'), encoding="utf-8")
    assert main(["--check"], folder) == 1
    assert main([], folder) == 1
    assert "voucher.voucher.claimed-1.0.json: height: removed" in capsys.readouterr().err
    assert main(["--rewrite"], folder) == 0
    assert path.read_text(encoding="utf-8") == frozen


def changed(path: str, value: Any) -> dict[str, Any]:
    """The schema of `ThingDone` with one node set, or removed if `value` is None."""
    schema = deepcopy(schema_of(ThingDone))
    *way, last = path.split("/")
    node: Any = schema
    for step in way:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return schema


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("properties/note", None, "note: removed"),
        ("properties/version", {"type": "string"}, "version: type changed"),
        ("properties/note", {"type": "string"}, "note: type changed"),
        ("required", ["actor", "business_at", "id", "version"], "items: now optional"),
        ("required", ["actor", "business_at", "id", "items", "note", "version"], "note: now required"),
        ("properties/extra", {"type": "string"}, None),
        ("$defs/Item/properties/extra", {"type": "string"}, None),
        ("$defs/Item/properties/code", {"type": "integer"}, "items[].code: type changed"),
        ("$defs/Item/properties/until", None, "items[].until: removed"),
        ("$defs/Item/required", ["code"], "items[].until: now optional"),
        ("additionalProperties", False, "the event: type changed"),
    ],
)
def test_what_breaks(path: str, value: Any, what: str | None) -> None:
    assert breaking_changes(schema_of(ThingDone), changed(path, value)) == ([what] if what else [])


def test_a_new_required_field_of_an_item_breaks() -> None:
    new = changed("$defs/Item/required", ["code", "until", "weight"])
    new["$defs"]["Item"]["properties"]["weight"] = {"type": "integer"}
    assert breaking_changes(schema_of(ThingDone), new) == ["items[].weight: added as required"]
