"""An exception as a log may show it: where it happened and of what kind, its message only where that is safe.

Messages of libraries quote data (a duplicate key's values, an input that did not validate), and no pattern recognises a
person's name. So a message is shown only if it is our own, or of a kind that quotes no data.
"""

import traceback

_OUR_MODULES = ("shared.", "services.", "deploy.")
_QUOTES_NO_DATA = (AssertionError, AttributeError, ImportError, NameError, OSError, RuntimeError, TypeError)
MAX_FRAMES = 25
MAX_CAUSES = 5


def _shows_message(error: BaseException) -> bool:
    return type(error).__module__.startswith(_OUR_MODULES) or type(error) in _QUOTES_NO_DATA


def _described(error: BaseException) -> dict[str, object]:
    said: dict[str, object] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    if _shows_message(error):
        said["message"] = str(error)
    driver_error = getattr(error, "orig", None) or error
    for source in (driver_error, getattr(driver_error, "__cause__", None)):
        for name in ("sqlstate", "constraint_name"):
            fact = getattr(source, name, None)
            if isinstance(fact, str):
                said[name] = fact
    frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    said["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return said


def describe_failure(error: BaseException) -> list[dict[str, object]]:
    """The exception and its causes, outermost first: type, message if it may be shown, place."""
    described: list[dict[str, object]] = []
    seen: BaseException | None = error
    while seen is not None and len(described) < MAX_CAUSES:
        described.append(_described(seen))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return described
