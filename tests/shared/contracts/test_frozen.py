"""Frozen schemas: the newest equals the model, every minor is additive, examples of every version still parse."""

import json
from itertools import pairwise

import jsonschema
import pytest

from shared.contracts import EVENT_TYPES
from shared.contracts.compatibility import breaking_changes
from shared.contracts.freeze import FrozenSchema, frozen_schemas, plan
from tests.shared.contracts.write_examples import EXAMPLES

FROZEN = frozen_schemas()


def test_models_and_newest_files_agree() -> None:
    planned = plan(EVENT_TYPES)
    assert planned.refusals == []
    assert sorted(planned.to_write) == [], "run `make contracts`"


def test_minors_are_gapless_and_additive() -> None:
    for earlier, later in pairwise(FROZEN):
        if (earlier.name, earlier.major) == (later.name, later.major):
            assert later.minor == earlier.minor + 1
            assert breaking_changes(earlier.read(), later.read()) == []
        else:
            assert later.minor == 0


def test_every_version_has_its_example() -> None:
    assert {path.name for path in EXAMPLES.glob("*.json")} == {frozen.file_name for frozen in FROZEN}


@pytest.mark.parametrize("frozen", FROZEN, ids=lambda frozen: frozen.file_name)
def test_examples_still_parse(frozen: FrozenSchema) -> None:
    text = (EXAMPLES / frozen.file_name).read_text(encoding="utf-8")
    read = EVENT_TYPES.read(text.encode())
    assert (f"{read.event.service}.{read.event.name}", read.event.major) == (frozen.name, frozen.major)
    document = json.loads(text)
    jsonschema.validate(document["data"], frozen.read())
    sent = json.loads(read.to_json())["data"]
    assert sent.keys() >= document["data"].keys()
    jsonschema.validate(sent, frozen.read())
