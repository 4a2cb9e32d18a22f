"""The house rules that no linter knows: each looks at one file's syntax tree and says what is wrong, and what to do.

`test_tidy.py` applies them to the project, and to a planted offence each, so that a rule that catches nothing is red.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

FILE_LINES = 400
FUNCTION_LINES = 60
AGGREGATE_FILES = frozenset({"api", "schemas", "consumers", "timers", "service", "queries", "domain", "models"})
FACTS_FILES = frozenset({"consumers", "service", "queries", "models", "domain"})
SHAPELESS_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"})
SEEN_BY_NEIGHBOURS = frozenset({"service", "queries", "domain"})
WRITES = frozenset({"create_all", "move_all", "lock_rows", "insert", "update", "delete"})

_LOCK_WORDS = re.compile(r"FOR (NO KEY )?UPDATE|FOR (KEY )?SHARE|pg_(try_)?advisory_(xact_)?lock(_shared)?")
_SAYS_WHY = re.compile(r"\b(against|races?|at a time|at once|nobody else|meanwhile)\b", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#\s*(type:\s*ignore(\[[^\]]*\])?|noqa(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?)")
_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")  # this is the pattern itself
_SQL_DAY = re.compile(r"\bcurrent_" + r"date\b|\bnow\(\)::date", re.IGNORECASE)
_PRIVATE_WORDS = frozenset(
    re.findall(
        r"\w+",
        "born births hear hears heard hearer hearers hearing told tell tells teller docket errand gatherer door town"
        " one ones he him his himself she her",
    )
)
"""Where the field has its own: create, receive, consume, emit, publish, say, decisions, external job, request batcher,
API client, scenario, they. In sentences `one` and `tell` are plain English."""
_PLAIN_IN_SENTENCES = frozenset({"one", "ones", "tell", "tells"})
_NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_INEXACT_TYPES = frozenset({"Float", "Numeric", "Double", "REAL", "DECIMAL", "DOUBLE_PRECISION", "MONEY"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Finding:
    """What is wrong in a line."""

    line: int
    message: str


@dataclass(frozen=True)
class Source:
    """A Python file: its path inside the project, and its text."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.splitlines()

    @cached_property
    def functions(self) -> list[Function]:
        """Every function and method, nested ones too."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """Every comment with its line."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]

    def within(self, *folders: str) -> bool:
        """Whether the file is in one of these folders, or is one of these files."""
        return any(self.path.is_relative_to(folder) for folder in folders)

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """Every call of a function or method of one of these names."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and name_of(node.func) in names:
                yield node


Rule = Callable[[Source], Iterator[Finding]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Make a function one of the house rules; its name and docstring say the rule."""
    RULES.append(function)
    return function


def name_of(node: ast.AST) -> str:
    """The last part of a name: `commit` of `uow.session.commit`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@rule
def small_files(source: Source) -> Iterator[Finding]:
    """A file over 400 lines is two things."""
    if len(source.lines) > FILE_LINES:
        yield Finding(FILE_LINES, f"{len(source.lines)} lines: a file over {FILE_LINES} is two things; part it")


@rule
def small_functions(source: Source) -> Iterator[Finding]:
    """A function has at most 60 lines."""
    for function in source.functions:
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > FUNCTION_LINES:
            yield Finding(function.lineno, f"{function.name} has {length} lines, more than {FUNCTION_LINES}; part it")


@rule
def one_place_commits(source: Source) -> Iterator[Finding]:
    """Only the unit of work commits or rolls back."""
    if not source.within("services", "shared") or source.within("shared/persistence", "shared/messaging/source.py"):
        return  # Kafka's consumer commits its positions in the source
    for call in source.calls("commit", "rollback"):
        yield Finding(call.lineno, "only shared/persistence ends a transaction; use Database.unit_of_work()")


@rule
def status_moves_along_its_life_cycle(source: Source) -> Iterator[Finding]:
    """Nobody assigns a status; rows move."""
    if not source.within("services", "shared") or source.within("shared/persistence"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.stmt | ast.Call) and _sets_status(node):
            yield Finding(node.lineno, "a status is never assigned: uow.move(row, action), or uow.move_all(...)")


def _sets_status(node: ast.stmt | ast.Call) -> bool:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        parts = [part for target in targets for part in ast.walk(target)]
        return any(isinstance(part, ast.Attribute) and part.attr == "status" for part in parts)
    if isinstance(node, ast.Call) and name_of(node.func) == "setattr":
        return any(isinstance(given, ast.Constant) and given.value == "status" for given in node.args[1:2])
    if isinstance(node, ast.Call) and name_of(node.func) == "values":
        return any(keyword.arg == "status" for keyword in node.keywords)
    return False


@rule
def money_is_whole_fen(source: Source) -> Iterator[Finding]:
    """No float, no Decimal and no true division where an amount in fen is; no inexact column anywhere."""
    if not source.within("services", "shared", "deploy"):
        return
    for statement in (node for node in ast.walk(source.tree) if isinstance(node, ast.stmt)):
        nodes = list(_own_nodes(statement))
        if any(isinstance(node, ast.alias) and node.name in _INEXACT_TYPES for node in nodes):
            yield Finding(statement.lineno, "no inexact column type: amounts are BIGINT fen, ratios are two integers")
        if not any(_speaks_of_fen(node) for node in nodes):
            continue
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                yield Finding(node.lineno, "a float beside an amount: money is an integer of fen")
            elif isinstance(node, ast.Name) and node.id in {"float", "Decimal", "Fraction"}:
                yield Finding(node.lineno, f"{node.id} beside an amount: money is an integer of fen")
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                yield Finding(
                    node.lineno, "true division makes a float of an amount: use //, and say who gets the rest"
                )


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement, without those of the statements inside it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]


def _speaks_of_fen(node: ast.AST) -> bool:
    names = (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "arg", None))
    return any(isinstance(name, str) and name.endswith("_fen") for name in names)


@rule
def locks_say_why(source: Source) -> Iterator[Finding]:
    """Every lock says which race it stops."""
    if not source.within("services", "shared"):
        return
    for call in source.calls("lock_rows"):
        if not any(keyword.arg == "against" for keyword in call.keywords):
            yield Finding(call.lineno, "lock_rows(..., against=...) names the race that it stops")
    docstrings = {id(node.value) for node in ast.walk(source.tree) if isinstance(node, ast.Expr)}
    for node in (node for node in ast.walk(source.tree) if isinstance(node, ast.expr)):
        called = isinstance(node, ast.Call) and name_of(node.func) == "with_for_update"
        advisory = isinstance(node, ast.Attribute) and _LOCK_WORDS.fullmatch(node.attr)
        written = isinstance(node, ast.Constant) and isinstance(node.value, str) and _LOCK_WORDS.search(node.value)
        if (called or advisory or (written and id(node) not in docstrings)) and not _says_why(source, node):
            yield Finding(node.lineno, "say beside the lock which race it stops: 'against two officers at once'")


def _says_why(source: Source, node: ast.expr) -> bool:
    """Whether the function around the node, or the lines about it, name the race."""
    first, last = node.lineno, node.end_lineno or node.lineno
    around = [
        function for function in source.functions if function.lineno <= first and last <= (function.end_lineno or first)
    ]
    if around:
        first, last = around[-1].lineno, around[-1].end_lineno or last
    return bool(_SAYS_WHY.search("\n".join(source.lines[max(0, first - 4) : last + 3])))


@rule
def names_with_a_shape(source: Source) -> Iterator[Finding]:
    """No module that may hold anything."""
    for part in source.path.with_suffix("").parts:
        if part in SHAPELESS_NAMES:
            yield Finding(1, f"a module named {part!r} may hold anything; name what it holds")


@rule
def eight_file_names(source: Source) -> Iterator[Finding]:
    """Inside an aggregate only the eight file names; a facts room has neither routes nor timers."""
    parts = source.path.parts
    if len(parts) < 4 or parts[0] != "services" or parts[2] in {"migrations", "data"} or source.path.stem == "__init__":
        return
    allowed = FACTS_FILES if parts[2].endswith("_facts") else AGGREGATE_FILES
    if len(parts) > 4 or source.path.stem not in allowed:
        yield Finding(1, f"a room {parts[2]} holds only {', '.join(sorted(allowed))}; a newcomer guesses any path")


@rule
def neighbours_ask_and_read(source: Source) -> Iterator[Finding]:
    """Between rooms of a service only service, queries and domain are imported, by routes also schemas.

    Classes of a neighbour's models may be named and read; only their own room creates, locks and changes rows.
    """
    parts = source.path.parts
    if len(parts) != 4 or parts[0] != "services" or parts[2] in {"migrations", "data"}:
        return
    read_only: set[str] = set()
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith(f"services.{parts[1]}."):
            continue
        for alias in node.names:
            target = f"{node.module}.{alias.name}".split(".")
            if len(target) < 4 or target[2] in {parts[2], "models", "data"}:
                continue
            if target[3] == "models" and len(target) == 5:
                read_only.add(alias.name)
            elif target[3] not in SEEN_BY_NEIGHBOURS | (
                {"schemas"} if source.path.stem in {"api", "schemas"} else set()
            ):
                yield Finding(node.lineno, f"{target[2]}.{target[3]} is its own affair: ask its service or queries")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            written = [node.func, *(node.args[:1] if name_of(node.func) in WRITES else ())]
            for name in read_only & {name_of(part) for part in written if isinstance(part, ast.Name)}:
                yield Finding(node.lineno, f"rows of {name} are created, locked and changed by their own room")


@rule
def ignores_have_reasons(source: Source) -> Iterator[Finding]:
    """Each type-ignore and noqa names its code and its reason."""
    for line, comment in source.comments:
        for directive in _DIRECTIVE.finditer(comment):
            if not (directive[2] or directive[3]):
                yield Finding(line, f"'{directive[0]}' silences everything; name the code")
            elif not comment[directive.end() :].strip(" #-,;"):
                yield Finding(line, f"'{directive[0]}' without a reason; add '  # why'")


@rule
def only_command_lines_print(source: Source) -> Iterator[Finding]:
    """What is not a command line logs."""
    if source.within("services", "shared", "deploy") and not source.within("deploy/local"):
        for call in source.calls("print"):
            if isinstance(call.func, ast.Name):
                yield Finding(call.lineno, "only a command line prints; use shared.observability.logger")


@rule
def time_comes_from_the_unit_of_work(source: Source) -> Iterator[Finding]:
    """A service reads no clock of its own: uow.now is business time, uow.recorded_at the database's."""
    if not source.within("services"):
        return
    for call in source.calls("now", "today", "utcnow", "time", "time_ns"):
        owner = name_of(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        if owner in {"datetime", "date", "time"}:
            yield Finding(call.lineno, "time comes from the unit of work: uow.now, uow.today or uow.recorded_at")


@rule
def days_come_from_the_business_clock(source: Source) -> Iterator[Finding]:
    """A day is `business_date(instant)`, Asia/Shanghai: an instant's own date is UTC's, wrong for eight hours."""
    if source.within("shared/kernel/clock.py"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of_an_instant = node.func.attr == "date" and not (node.args or node.keywords)
            of_the_machine = node.func.attr in {"today", "fromtimestamp"} and name_of(node.func.value) == "date"
            if of_an_instant or of_the_machine:
                yield Finding(node.lineno, "take the day from business_date(instant), or uow.today")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL_DAY.search(node.value):
            yield Finding(node.lineno, "the session's day is not the city's: bind a business date")


@rule
def the_process_remembers_nothing(source: Source) -> Iterator[Finding]:
    """Settings and keys belong to the application or worker that was started with them, never to the process."""
    if not source.within("services", "shared"):
        return
    for function in source.functions:
        for decorator in function.decorator_list:
            named = decorator.func if isinstance(decorator, ast.Call) else decorator
            if (
                name_of(named) in {"cache", "lru_cache"} and not function.args.args
            ):  # what follows from arguments may stay
                yield Finding(function.lineno, "a value that the whole process shares; let its owner keep it")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Global):
            yield Finding(node.lineno, "a value that the whole process shares; let its owner keep it")
    if not source.within("shared/settings.py", "shared/command.py", "shared/http/app.py"):
        for call in source.calls("from_environment", "Settings"):
            if source.path.name != "__main__.py":
                yield Finding(call.lineno, "only what starts a process reads its environment")


@rule
def sql_is_never_glued(source: Source) -> Iterator[Finding]:
    """SQL is a constant with parameters; only our own constants may be put into its text, or `noqa: S608` says why."""
    if not source.within("services", "shared") or "migrations" in source.path.parts:
        return
    for call in source.calls("text", "execute", "fetch", "fetchval", "fetchrow", "scalars", "scalar"):
        explained = any("noqa: S608" in line for line in source.lines[call.lineno - 1 : call.end_lineno])
        for argument in call.args[:1]:
            if _is_glued(argument) and not explained:
                yield Finding(call.lineno, "SQL glued together from values; use bind parameters")


def _is_glued(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        values = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        return any(not name_of(value).isupper() for value in values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return any(isinstance(side, ast.Constant | ast.JoinedStr) for side in (node.left, node.right))
    return isinstance(node, ast.Call) and name_of(node.func) == "format"


@rule
def nothing_left_to_do(source: Source) -> Iterator[Finding]:
    """What is not done is an issue, not a comment."""
    for line, comment in source.comments:
        if _UNFINISHED.search(comment) and "this is the pattern itself" not in comment:
            yield Finding(line, "what is not done is an issue, not a comment")


def private_words_of(text: str) -> set[str]:
    """The words of some sentences for which the field has its own."""
    return set(re.findall(r"[a-z]+", text.lower())) & _PRIVATE_WORDS - _PLAIN_IN_SENTENCES


@rule
def the_fields_words(source: Source) -> Iterator[Finding]:
    """Identifiers and docstrings use the field's words (docs/conventions.md); a variable is named by its noun."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name | ast.arg | ast.alias | Function | ast.ClassDef):
            name = node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else node.name
            words = {part.lower() for part in _NAME_PART.findall(name)}
            found = words & _PRIVATE_WORDS - ({"one", "ones"} if len(words) > 1 else set())
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found = private_words_of(node.value.value)
        else:
            continue
        for word in sorted(found):
            yield Finding(node.lineno, f"{word!r}: the field has its own word, see docs/conventions.md")


@rule
def queries_say_what_they_do(source: Source) -> Iterator[Finding]:
    """In `queries.py` what locks is named `lock_…` or `share_…`; what gets, sees, finds or lists changes nothing."""
    if not source.within("services") or source.path.name != "queries.py":
        return
    for function in source.functions:
        called = {name_of(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
        verb = function.name.lstrip("_").partition("_")[0]
        if called & {"with_for_update", "lock_rows"} and verb not in {"lock", "share"}:
            yield Finding(function.lineno, f"{function.name} locks: name it lock_… or share_…")
        if verb in {"get", "see", "find", "list"} and called & WRITES:
            yield Finding(function.lineno, f"{function.name} changes rows: that is a command of service.py")
