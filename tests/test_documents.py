"""Documents say what is: generated parts are up to date, links lead somewhere, published interfaces only grow."""

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from deploy.documents import documents, openapi_document, refusals, render_readme, shrinking
from deploy.openapi import breaking_changes
from shared.kernel.errors import DomainError
from shared.messaging.topics import SERVICES

PROJECT = Path(__file__).resolve().parents[1]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])
DECISIONS = sorted((PROJECT / "docs" / "adr").glob("*.md"))
PAGE_LINES = 80

_LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")
_TARGET = re.compile(r"`make ([a-z][a-z-]*)")
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_RULE = re.compile(r"(§[一二三四五]|DOMAIN §[1-7]|[ABDR]\d{1,2}\b)")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

OLD: dict[str, Any] = {
    "paths": {
        "/v1/vouchers": {
            "post": {
                "x-roles": ["officer", "worker"],
                "parameters": [{"in": "query", "name": "dry", "required": False}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Claim"}}}},
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Voucher"}}}}
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Claim": {
                "type": "object",
                "required": ["level"],
                "properties": {
                    "level": {"type": "integer"},
                    "kind": {"type": "string", "enum": ["general", "targeted"]},
                },
            },
            "Voucher": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "skills": {"type": "array", "items": {"type": "string"}}},
            },
        }
    },
}


def test_generated_documents_are_up_to_date() -> None:
    stale = []
    for path, text in documents().items():
        target = PROJECT / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            stale.append(str(path))
        assert shrinking(path, text) == []
    assert stale == [], "run `make docs`"


@pytest.mark.parametrize("service", SERVICES)
def test_every_path_is_versioned_and_every_operation_described(service: str) -> None:
    for path, operations in openapi_document(service)["paths"].items():
        assert path.startswith("/v1/")
        for method, operation in operations.items():
            assert operation.get("description"), f"{method} {path} has no docstring"


def test_a_table_of_settings_needs_its_place() -> None:
    with pytest.raises(ValueError, match="settings"):
        render_readme("# no marks")


def test_refusals_speak_both_languages_and_name_their_rule() -> None:
    assert [problem for refusal in refusals() for problem in _problems(refusal)] == []


def _problems(refusal: type[DomainError]) -> Iterator[str]:
    if not _CODE.fullmatch(refusal.code):
        yield f"{refusal.code}: a code is snake_case"
    if not {"zh", "en"} <= refusal.__dict__.keys():
        yield f"{refusal.code}: the sentence of its family says too little"
    if not _CHINESE.search(refusal.zh) or _CHINESE.search(refusal.en):
        yield f"{refusal.code}: zh is Chinese, en is not"
    if _placeholders(refusal.zh) != _placeholders(refusal.en):
        yield f"{refusal.code}: both sentences state the same facts"
    if refusal.policy is not None and not _RULE.match(refusal.policy):
        yield f"{refusal.code}: {refusal.policy!r} is no rule that docs/domain.md or the policy knows"


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere_and_targets_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for found in _LINK.finditer(text):
        if "://" not in found[1]:
            assert (page.parent / found[1]).exists(), found[1]
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert [name for name in _TARGET.findall(text) if f"\n{name}:" not in makefile] == []


def test_decisions_are_numbered_and_fit_a_page() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    for page in DECISIONS:
        text = page.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Alternatives"], page.name
        assert len(text.splitlines()) <= PAGE_LINES, page.name


def test_a_refusal_that_says_too_little_is_seen() -> None:
    class Wordless(DomainError):
        zh, en, policy = "no {reason}", "拒绝", "because"

    Wordless.code = "Not-A-Code"
    assert len(list(_problems(Wordless))) == 4


def _changed(*steps: str, to: Any = None) -> dict[str, Any]:
    """`OLD` with what `steps` lead to replaced, or removed."""
    document = deepcopy(OLD)
    node: Any = document
    for step in steps[:-1]:
        node = node[step]
    if to is None:
        del node[steps[-1]]
    else:
        node[steps[-1]] = to
    return document


def _shrunk() -> Iterator[tuple[dict[str, Any], str]]:
    post = ("paths", "/v1/vouchers", "post")
    claim, voucher = ("components", "schemas", "Claim"), ("components", "schemas", "Voucher")
    demanded = [{"in": "query", "name": "dry", "required": True}]
    yield _changed("paths", "/v1/vouchers"), "is gone"
    yield _changed(*post, "x-roles", to=["officer"]), "is closed to worker"
    yield _changed(*post, "parameters", to=demanded), "query parameter dry is demanded"
    yield _changed(*post, "parameters"), "query parameter dry is gone"
    yield _changed(*post, "responses", "201"), "does not answer 201 any more"
    yield _changed(*claim, "required", to=["level", "kind"]), "body.kind is demanded"
    yield _changed(*claim, "properties", "kind"), "body.kind is gone"
    yield _changed(*claim, "properties", "kind", "enum", to=["general"]), "body.kind takes fewer values"
    yield _changed(*claim, "properties", "level", "type", to="string"), "body.level is of another type"
    yield _changed(*voucher, "properties", "id"), "answer 201.id is gone"
    yield _changed(*voucher, "required", to=[]), "answer 201.id may be missing"
    yield (
        _changed(*voucher, "properties", "skills", "items", "type", to="integer"),
        "answer 201.skills[] is of another type",
    )


@pytest.mark.parametrize(("new", "change"), list(_shrunk()), ids=lambda value: value if isinstance(value, str) else "")
def test_an_interface_that_shrinks_is_seen(new: dict[str, Any], change: str) -> None:
    assert breaking_changes(OLD, new) == [f"POST /v1/vouchers: {change}"]


def test_an_interface_that_grows_is_no_change() -> None:
    grown = _changed("components", "schemas", "Voucher", "properties", "number", to={"type": "string"})
    grown["components"]["schemas"]["Claim"]["properties"]["kind"]["enum"].append("counter")
    grown["paths"]["/v1/batches"] = grown["paths"]["/v1/vouchers"]
    grown["paths"]["/v1/vouchers"]["post"]["x-roles"].append("portal")
    assert breaking_changes(OLD, grown) == []
