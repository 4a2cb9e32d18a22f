"""Write an example of each frozen schema that has none yet: `python -m tests.shared.contracts.write_examples`.

An example is a whole envelope as it was sent by that version. It is written once and kept: it stands for the events in
audit's log that every later release must still read. `--rewrite` starts anew, for contracts that were never released.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from shared.contracts import EVENT_TYPES
from shared.contracts.compatibility import inline_references
from shared.contracts.envelope import Envelope, Event
from shared.contracts.freeze import FrozenSchema, frozen_schemas

EXAMPLES = Path(__file__).parent / "examples"
RECORDED_AT = "2026-11-23T02:15:00.250000+00:00"

SAMPLES: Mapping[str, Any] = {
    "account": "3f1c9a52-sso",
    "actor": {"kind": "account", "id": "3f1c9a52-sso", "role": "officer", "person_id": None},
    "amount_fen": 160_000,
    "areas": ["410402", "410482"],
    "area": "410402",
    "benefit": "training",
    "business_at": "2026-11-23T02:15:00Z",
    "candidates": 28,
    "occasion": "first",
    "class_area": "410402",
    "class_hours": 64,
    "code": "certificate_missing",
    "count": 28,
    "department": "rsj",
    "fund_source": "employment_subsidy_fund",
    "jws": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIwIn0.c2lnbmF0dXJl",
    "level": 4,
    "masked_name": "李*",
    "passed": 26,
    "number": "Y000141410402264000017",
    "programme": "training_voucher",
    "quantity": 500,
    "real_name_level": 3,
    "reason_code": "withdrawn_by_worker",
    "rules_version": "2026-1",
    "skill_code": "6-31-01-03",
    "subject_digest": "5f" * 32,
    "digest": "a0" * 32,
    "version": 2,
}
"""By field name; what is not here is made from its format."""
CREDIT_CODE = "91410402000001230R"


def example(schema: Mapping[str, Any], name: str) -> Any:
    """A value that the field `name` of this inlined schema accepts."""
    if name in SAMPLES:
        return SAMPLES[name]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], name)
    if "pattern" in schema:
        return _patterned(schema["pattern"], name)
    formats = {"uuid": str(uuid5(NAMESPACE_URL, name)), "date": "2026-11-20", "date-time": "2026-11-22T08:00:00Z"}
    if "format" in schema:
        return formats[schema["format"]]
    if schema["type"] == "integer":
        return 28
    if schema["type"] == "boolean":
        return False
    if schema["type"] == "array":
        return [example(schema["items"], name)]
    return {field: example(of, field) for field, of in schema["properties"].items()}


def _patterned(pattern: str, name: str) -> str:
    candidates = (CREDIT_CODE, name, "410402", "a0" * 32)
    return next(candidate for candidate in candidates if re.fullmatch(pattern, candidate))


def envelope(frozen: FrozenSchema, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The CloudEvents document of an event of this version."""
    data = example(inline_references(schema), frozen.name)
    event = next(known for known in EVENT_TYPES if _key(known) == (frozen.name, frozen.major)).model_validate(data)
    sent = Envelope(uuid5(NAMESPACE_URL, event.type()), event, datetime.fromisoformat(RECORDED_AT)).to_json()
    return {**json.loads(sent), "data": data}


def _key(event: type[Event]) -> tuple[str, int]:
    return f"{event.service}.{event.name}", event.major


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.shared.contracts.write_examples", description=__doc__)
    parser.add_argument("--rewrite", action="store_true", help="start anew; unreleased contracts only")
    if parser.parse_args().rewrite:
        for path in EXAMPLES.glob("*.json"):
            path.unlink()
    EXAMPLES.mkdir(exist_ok=True)
    for frozen in frozen_schemas():
        path = EXAMPLES / frozen.file_name
        if not path.exists():
            text = json.dumps(envelope(frozen, frozen.read()), ensure_ascii=False, indent=2)
            path.write_text(text + "\n", encoding="utf-8")
            sys.stdout.write(f"written: {path.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
