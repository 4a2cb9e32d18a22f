"""The house is tidy: every rule holds everywhere, and catches a planted offence (`house_rules.py` says the rules)."""

import re
import subprocess
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from tests.house_rules import RULES, Rule, Source, private_words_of

PROJECT = Path(__file__).resolve().parents[1]
TEXT_SUFFIXES = frozenset({".py", ".md", ".toml", ".yml", ".yaml", ".txt", ".in", ".json", ".csv", ".ini", ".cfg", ""})

A_MACHINES_PATH = re.compile(r"(?<![\w./-])/(?:work|root|tmp/spec)/")
AN_ADDRESS = re.compile(r"https?://|--(?:extra-)?index-url|--find-links", re.IGNORECASE)

VOUCHERS = "services/voucher/vouchers"
PLANTED = {
    "small_files": ("shared/kernel/long.py", "x = 1\n" * 401),
    "the_process_remembers_nothing": (f"{VOUCHERS}/service.py", "@cache\ndef keys():\n    return read()\n"),
    "small_functions": ("shared/kernel/long.py", "def f():\n" + "    x = 1\n" * 60),
    "one_place_commits": (f"{VOUCHERS}/service.py", "async def f(uow):\n    await uow.session.commit()\n"),
    "status_moves_along_its_life_cycle": (f"{VOUCHERS}/service.py", "def f(row):\n    row.status = 'claimed'\n"),
    "money_is_whole_fen": ("services/payout/payouts/domain.py", "half_fen = amount_fen * 0.5\n"),
    "locks_say_why": (f"{VOUCHERS}/queries.py", "def f(q):\n    return q.with_for_update()\n"),
    "names_with_a_shape": ("services/voucher/utils.py", ""),
    "eight_file_names": (f"{VOUCHERS}/logic.py", ""),
    "neighbours_ask_and_read": (f"{VOUCHERS}/service.py", "from services.voucher.batches import models\n"),
    "ignores_have_reasons": (f"{VOUCHERS}/service.py", "x = f()  # type: ignore[arg-type]\n"),
    "only_command_lines_print": (f"{VOUCHERS}/service.py", "print('here')\n"),
    "time_comes_from_the_unit_of_work": (f"{VOUCHERS}/service.py", "now = datetime.now(UTC)\n"),
    "days_come_from_the_business_clock": ("tests/voucher/test_claims.py", "day = (await scenario.now()).date()\n"),
    "sql_is_never_glued": (f"{VOUCHERS}/queries.py", "q = text(f'SELECT * FROM v WHERE name = {name}')\n"),
    "the_fields_words": (f"{VOUCHERS}/service.py", "for one in rows:\n    pass\n"),
    "queries_say_what_they_do": (f"{VOUCHERS}/queries.py", "def f(q):\n    return q.with_for_update()\n"),
    "nothing_left_to_do": (f"{VOUCHERS}/service.py", "x = 1  # " + "TODO later\n"),
}
"""By rule, the path and text of a file that it must object to."""

MORE_PLANTED = (
    (
        "the_process_remembers_nothing",
        f"{VOUCHERS}/service.py",
        "@functools.lru_cache(maxsize=1)\ndef f():\n    pass\n",
    ),
    ("the_process_remembers_nothing", f"{VOUCHERS}/service.py", "def f():\n    global KEYS\n    KEYS = 1\n"),
    ("the_process_remembers_nothing", f"{VOUCHERS}/service.py", "BANK = Settings().bank_url\n"),
    ("the_process_remembers_nothing", "shared/security/keys.py", "KEYS = Settings.from_environment()\n"),
    ("neighbours_ask_and_read", f"{VOUCHERS}/api.py", "from services.voucher.batches.consumers import HANDLERS\n"),
    ("neighbours_ask_and_read", f"{VOUCHERS}/service.py", "from services.voucher.batches.models import B\nrow = B()\n"),
    (
        "neighbours_ask_and_read",
        f"{VOUCHERS}/service.py",
        "from services.voucher.batches.models import B\nq = uow.move_all(B, action, ids)\n",
    ),
    ("status_moves_along_its_life_cycle", f"{VOUCHERS}/service.py", "q = update(V).values(status='claimed')\n"),
    ("status_moves_along_its_life_cycle", f"{VOUCHERS}/service.py", "setattr(row, 'status', 'claimed')\n"),
    ("status_moves_along_its_life_cycle", f"{VOUCHERS}/service.py", "a, row.status = 1, 'claimed'\n"),
    ("money_is_whole_fen", "services/payout/payouts/service.py", "x = float(row.amount_fen)\n"),
    ("money_is_whole_fen", "services/payout/payouts/service.py", "x = row.amount_fen / 2\n"),
    ("money_is_whole_fen", "services/payout/payouts/service.py", "pay(amount_fen=Decimal(1))\n"),
    ("money_is_whole_fen", "services/payout/funds/models.py", "from sqlalchemy import Numeric\n"),
    ("locks_say_why", f"{VOUCHERS}/service.py", "rows = await uow.lock_rows(Voucher, ids)\n"),
    ("locks_say_why", f"{VOUCHERS}/queries.py", "Q = text('SELECT 1 FROM v FOR UPDATE')\n"),
    ("locks_say_why", f"{VOUCHERS}/queries.py", "Q = select(func.pg_advisory_xact_lock(1))\n"),
    ("eight_file_names", "services/payout/voucher_facts/api.py", ""),
    ("eight_file_names", f"{VOUCHERS}/more/domain.py", ""),
    ("ignores_have_reasons", f"{VOUCHERS}/service.py", "x = f()  # noqa\n"),
    ("days_come_from_the_business_clock", "deploy/local/cli.py", "day = date.today()\n"),
    ("days_come_from_the_business_clock", "tests/voucher/test_claims.py", "q = 'SELECT current' '_date'\n"),
    ("sql_is_never_glued", f"{VOUCHERS}/queries.py", "session.execute('SELECT ' + name)\n"),
    ("the_fields_words", f"{VOUCHERS}/service.py", 'def f():\n    """Written when voucher hears of it."""\n'),
    ("the_fields_words", f"{VOUCHERS}/service.py", "class TestTeller:\n    pass\n"),
    ("queries_say_what_they_do", f"{VOUCHERS}/queries.py", "async def list_all(uow):\n    uow.execute(insert(V))\n"),
)


@cache
def tracked() -> tuple[PurePosixPath, ...]:
    """Every file of the project, as git sees it, those not yet added too."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)  # noqa: S603  # constant
    paths = (PurePosixPath(line) for line in listed.stdout.splitlines())
    return tuple(path for path in paths if (PROJECT / path).is_file())


@cache
def python_files() -> tuple[Source, ...]:
    """Every Python file of the project."""
    return tuple(read(path) for path in tracked() if path.suffix == ".py")


def read(path: PurePosixPath) -> Source:
    """A file of the project."""
    return Source(path, (PROJECT / path).read_text(encoding="utf-8"))


def name(rule: Rule) -> str:
    """The name of a rule, for the list of tests."""
    return rule.__name__


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_rule_holds(rule: Rule) -> None:
    found = [
        f"{source.path}:{finding.line}: {finding.message}" for source in python_files() for finding in rule(source)
    ]
    assert not found, "\n".join([rule.__doc__ or "", *found])


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_rule_catches_what_was_planted(rule: Rule) -> None:
    path, text = PLANTED[name(rule)]
    assert list(rule(Source(PurePosixPath(path), text))), f"{name(rule)} did not object to {path}: {text[:80]!r}"


@pytest.mark.parametrize(("rule_name", "path", "text"), MORE_PLANTED)
def test_rule_catches_every_form(rule_name: str, path: str, text: str) -> None:
    rule = next(rule for rule in RULES if name(rule) == rule_name)
    assert list(rule(Source(PurePosixPath(path), text)))


def test_innocent_code_is_left_alone() -> None:
    text = (
        "async def approve(uow, rows, now):\n"
        '    """Approve `rows`, against a second officer at the same time."""\n'
        "    locked = await uow.lock_rows(Payout, rows, against='two approvals at once')\n"
        "    if locked and row.status == 'checked':\n"
        "        row.move(Action.APPROVE)\n"
        "    ratio = 0.5\n"
        "    amount_fen = base_fen // 2\n"
        "    select(Payout).with_for_update()\n"
    )
    source = Source(PurePosixPath("services/payout/payouts/service.py"), text)
    assert [finding for rule in RULES for finding in rule(source)] == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = []
    for path in tracked():
        if path.suffix in TEXT_SUFFIXES:
            text = (PROJECT / path).read_text(encoding="utf-8")
            found += [f"{path}: {match[0]}" for match in A_MACHINES_PATH.finditer(text)]
    assert found == []


def test_documents_and_sql_use_the_fields_words() -> None:
    texts = {path: (PROJECT / path).read_text(encoding="utf-8") for path in tracked() if path.suffix in {".md", ".sql"}}
    assert {str(path): words for path, text in texts.items() if (words := private_words_of(text))} == {}
    assert private_words_of("A payout is born when payout hears of it.") == {"born", "hears"}


def test_requirements_are_pinned_by_hash_and_hold_no_address() -> None:
    files = sorted((PROJECT / "requirements").glob("*.txt"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not AN_ADDRESS.search(text), file.name
        requirements = [line for line in text.replace("\\\n", " ").splitlines() if line and line[0] not in "# -"]
        assert requirements
        assert [line for line in requirements if "==" not in line or "--hash=sha256:" not in line] == [], file.name
