"""Logs: one JSON object a line, correlated, safe whatever is thrown."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import IntegrityError

from shared.observability import RequestContext, configure_logs, current_context, logger, request_context, tie_context

PERSON = "张三丰 410402199001011234"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is logged, with the root logger put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    written = io.StringIO()
    configure_logs("voucher", "INFO", stream=written)
    yield written
    root.handlers = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_what_when_where(stream: io.StringIO) -> None:
    logger("voucher.batches").info("approved", batch="b-1", phone="13812345678")
    (line,) = lines(stream)
    assert line["event"] == "approved"
    assert line["batch"] == "b-1"
    assert line["phone"] == "[phone]"
    assert line["service"] == "voucher"
    assert line["level"] == "info"
    assert line["logger"] == "voucher.batches"
    assert line["timestamp"].endswith("Z")


def test_lines_of_one_request_are_tied(stream: io.StringIO) -> None:
    context = RequestContext.new()
    with tie_context(context):
        assert request_context() is context
        logger("x").info("inside")
        logging.getLogger("a.library").warning("inside too: %s", "13812345678")
    logger("x").info("outside")
    inside, library, outside = lines(stream)
    assert inside["request_id"] == library["request_id"] == context.request_id
    assert inside["trace_id"] == context.trace_id
    assert library["event"] == "inside too: [phone]"
    assert "request_id" not in outside
    assert current_context() is None


class Model(BaseModel):
    """Something that does not validate."""

    number: int


def failures() -> list[Exception]:
    """Exceptions whose messages quote data."""
    found: list[Exception] = [
        ValueError(PERSON),
        KeyError(PERSON),
        IntegrityError("INSERT", {"name": PERSON}, Exception(f"Key (name)=({PERSON}) already exists")),
    ]
    try:
        Model.model_validate({"number": PERSON})
    except ValidationError as invalid:
        found.append(invalid)
    return found


@pytest.mark.parametrize("failure", failures(), ids=lambda failure: type(failure).__name__)
def test_what_an_exception_quotes_is_not_logged(stream: io.StringIO, failure: Exception) -> None:
    try:
        try:
            raise failure
        except Exception as error:
            raise RuntimeError("the batch was not issued") from error
    except RuntimeError:
        logger("x").exception("failed")
        logging.getLogger("a.library").exception("failed")
    for line in lines(stream):
        outer, inner = line["failure"][:2]
        assert outer["message"] == "the batch was not issued"
        assert inner["type"].endswith(type(failure).__name__)
        assert "message" not in inner
        assert "test_logs.py" in inner["at"][0]
    assert "张三丰" not in stream.getvalue()
    assert "410402199001011234" not in stream.getvalue()


def test_unconfigured_logs_are_safe_too(caplog: pytest.LogCaptureFixture) -> None:
    secret = PERSON
    try:
        raise ValueError(secret)
    except ValueError:
        logger("y").exception("failed", phone="13812345678")
    assert "张三丰" not in caplog.text
    assert "13812345678" not in caplog.text


def test_the_level_is_kept(stream: io.StringIO) -> None:
    logger("x").debug("not shown")
    logging.getLogger("sqlalchemy.engine").info("SELECT 1")
    assert stream.getvalue() == ""
