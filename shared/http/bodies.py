"""Reading a request's body: bounded in size and time, strict JSON, known fields only."""

import asyncio
import email.message

from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from starlette.requests import ClientDisconnect, Request

from shared.http.strict import LONGEST_TEXT, make_strict
from shared.kernel.errors import DomainError, Invalid
from shared.kernel.strict_json import NotStrict, parse_json


class Body(BaseModel):
    """What requests send: strict, bounded, unknown fields refused; errors never quote the input."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        str_max_length=LONGEST_TEXT,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        return make_strict(handler(source))


class View(BaseModel):
    """What answers show; made from a row by `model_validate(row)` where names agree."""

    model_config = ConfigDict(from_attributes=True, frozen=True, use_attribute_docstrings=True)


GENERIC = ConfigDict(use_attribute_docstrings=False)
"""For our classes of many types: pydantic looks for docstrings where such a type is named, and stumbles in the last
signature of a file."""


class BodyTooLarge(DomainError):
    """The body is larger than the service takes."""

    code, status = "body_too_large", 413
    zh, en = "请求内容超过 {limit_bytes} 字节", "The body exceeds {limit_bytes} bytes."


class BodyTooSlow(DomainError):
    """The body did not arrive in time."""

    code, status = "body_too_slow", 408
    zh, en = "请求内容未及时送达", "The body did not arrive in time."


class ContentTypeUnsupported(DomainError):
    """A body is JSON and says so."""

    code, status = "content_type_unsupported", 415
    zh, en = "请求内容须为 application/json", "The body must be application/json."


class JsonInvalid(DomainError):
    """The body is no JSON text with a single meaning: syntax, encoding, a repeated key, an unstorable character."""

    code, status = "json_invalid", 400
    zh, en = "请求内容不是有效的 JSON", "The body is not valid JSON."


class BodyUnexpected(Invalid):
    """This act takes no body."""

    code = "body_unexpected"
    zh, en = "该操作不需要请求内容", "This act takes no body."


class ReadRequest(Request):
    """A request whose body was read and parsed before the unit of work opened."""

    async def read_within(self, limit_bytes: int, limit_s: float) -> bytes:
        """The body; `BodyTooLarge` beyond the limit, `BodyTooSlow` past the time limit."""
        declared = self.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit_bytes:
            raise BodyTooLarge(limit_bytes=limit_bytes)
        received = bytearray()
        try:
            async with asyncio.timeout(limit_s):
                async for chunk in self.stream():
                    received += chunk
                    if len(received) > limit_bytes:
                        raise BodyTooLarge(limit_bytes=limit_bytes)
        except (TimeoutError, ClientDisconnect):
            raise BodyTooSlow from None
        self._body = bytes(received)
        return self._body

    def parse_for(self, route: APIRoute) -> None:
        """Parse the body that was read, if the route takes one; refuse it if the route takes none."""
        if route.body_field is None:
            if self._body.strip() not in {b"", b"{}"}:
                raise BodyUnexpected
            return
        if not self._body:
            return
        if not _is_json(self.headers.get("content-type", "")):
            raise ContentTypeUnsupported
        try:
            self._json = parse_json(self._body)
        except NotStrict:
            raise JsonInvalid from None


def _is_json(content_type: str) -> bool:
    message = email.message.Message()
    message["content-type"] = content_type
    charset = message.get_param("charset", "utf-8")
    return message.get_content_type() == "application/json" and str(charset).lower() == "utf-8"
