"""Problem documents (RFC 9457): one handler says no, in two languages, and never repeats what was sent."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.http.bodies import View
from shared.kernel.errors import DomainError, Invalid, NotFound, Unavailable
from shared.observability import logger, request_context
from shared.observability.context import Language
from shared.observability.metrics import count_refusal

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "tag:skillvoucher.cn,2026:problem:"
RETRY_AFTER_S = 1
RETRIED = frozenset({429, 503})
"""Statuses that say after how many seconds to try again."""
MAX_ERRORS = 100
UNKNOWN_NAME = "*"
"""Shown for a name that the contract does not know: such a name is input, and input is not repeated."""

log = logger(__name__)

_TITLES: Mapping[int, tuple[str, str]] = {
    400: ("请求有误", "Bad request"),
    401: ("未登录", "Not signed in"),
    403: ("无权办理", "Not allowed"),
    404: ("未找到", "Not found"),
    405: ("不支持的方法", "Method not allowed"),
    408: ("请求超时", "Request timed out"),
    409: ("当前状态不允许", "Conflict"),
    413: ("请求过大", "Request too large"),
    415: ("不支持的内容类型", "Unsupported content type"),
    421: ("域名不正确", "Misdirected request"),
    422: ("请求内容不符合要求", "The request is not valid"),
    429: ("请求过于频繁", "Too many requests"),
    431: ("请求头过大", "Request header fields too large"),
    500: ("系统内部错误", "Internal error"),
    503: ("系统繁忙", "Temporarily unavailable"),
}

_FIELD_MESSAGES: Mapping[str, tuple[str, str]] = {
    "missing": ("必填", "Required."),
    "extra_forbidden": ("含有未知字段", "A field here is not known."),
    "string_too_short": ("过短", "Too short."),
    "string_too_long": ("过长", "Too long."),
    "too_short": ("条目过少", "Too few items."),
    "too_long": ("条目过多", "Too many items."),
    "enum": ("不在允许的取值之内", "Not one of the allowed values."),
    "literal_error": ("不在允许的取值之内", "Not one of the allowed values."),
    "greater_than": ("过小", "Too small."),
    "greater_than_equal": ("过小", "Too small."),
    "less_than": ("过大", "Too large."),
    "less_than_equal": ("过大", "Too large."),
    "date_parsing": ("日期须为 YYYY-MM-DD", "A date is YYYY-MM-DD."),
    "datetime_parsing": ("时间须为 ISO 8601 格式并带时区", "A time is ISO 8601, with its zone."),
    "timezone_aware": ("时间须带时区", "The time needs a time zone."),
}
_FIELD_MESSAGE = ("格式不正确", "Not in the expected form.")


def _is_none(value: object) -> bool:
    return value is None


class FieldError(View):
    """One place at which a request is not as the contract says. What was sent there is not repeated."""

    pointer: str | None = Field(default=None, exclude_if=_is_none)
    """JSON pointer into the body, as a URI fragment (`#/rows/3/level`); `*` stands for a name that is not known."""
    parameter: str | None = Field(default=None, exclude_if=_is_none)
    """Name of the parameter, if it is none of the body."""
    place: Literal["path", "query", "header"] | None = Field(
        default=None, serialization_alias="in", exclude_if=_is_none
    )
    """Where that parameter is."""
    code: str
    """What is wrong with it, one word: `missing`, `string_too_long`, `extra_forbidden`, …"""
    detail: str
    """The same in a few words, in the language that the caller prefers."""


class Problem(View):
    """A refusal (RFC 9457)."""

    type: str
    """The code as a tag URI; it is a name, nothing is found there."""
    title: str
    """The status in words, in the language that the caller prefers."""
    status: int
    """The HTTP status."""
    detail: str
    """The refusal in a sentence, in the language that the caller prefers."""
    instance: str
    """The request, as `urn:uuid:` and its `X-Request-Id`."""
    code: str
    """The refusal's code: it never changes its meaning, and programs decide by it."""
    policy: str | None
    """The rule that refuses: a paragraph of the policy (§) or a decision; null if it is a technical one."""
    errors: list[FieldError]
    """Where the request is not as the contract says; empty for every code but `validation_failed`."""
    trace_id: str
    """Names the request in our logs; please quote it."""


class ValidationFailed(Invalid):
    """Some fields are not as the contract says; `errors` points at each."""

    code = "validation_failed"
    zh, en = "请求内容有 {count} 处不符合要求", "{count} part(s) of the request are not valid."


class QueryUnknown(Invalid):
    """A query parameter that the route does not take; a filter mistyped must not answer everything."""

    code = "query_unknown"
    zh, en = "含有未知的查询参数", "A query parameter is not known."


class RouteNotFound(NotFound):
    """No route has this path."""

    code = "route_not_found"
    zh, en = "没有这个地址", "There is nothing at this address."


class MethodNotAllowed(DomainError):
    """The path exists, the method does not."""

    code, status = "method_not_allowed", 405
    zh, en = "该地址不支持此方法", "This address does not take this method."


class RequestMalformed(DomainError):
    """The request cannot be read at all."""

    code, status = "request_malformed", 400
    zh, en = "请求无法读取", "The request cannot be read."


class HostNotServed(DomainError):
    """`Host` names another site: the answer would be believed to be that site's."""

    code, status = "host_not_served", 421
    zh, en = "本系统不提供该域名的服务", "This site is not served here."


class HeadTooLarge(DomainError):
    """Request line and headers are longer than the service takes."""

    code, status = "head_too_large", 431
    zh, en = "请求行和请求头超过 {limit_bytes} 字节", "Request line and headers exceed {limit_bytes} bytes."


class TooManyConnections(Unavailable):
    """The process holds as many connections as it may."""

    code = "too_many_connections"
    zh, en = "连接数已达上限,请稍后重试", "There are too many connections; please try again."


class Overloaded(Unavailable):
    """The process works on as many requests as it may."""

    code = "overloaded"
    zh, en = "系统繁忙,请稍后重试", "Too many requests are being worked on; please try again."


class InternalError(DomainError):
    """A mistake of ours. What it is, is in the log under the trace id."""

    code, status = "internal_error", 500
    zh, en = "系统内部错误,请联系管理员并提供 trace_id", "Something went wrong on our side; please quote the trace_id."


def status_of(refusal: DomainError | type[DomainError]) -> int:
    """The status that a refusal is answered with: 503 whenever simply repeating may help."""
    return 503 if refusal.transient else refusal.status


def problem_document(
    refusal: DomainError,
    language: Language,
    *,
    errors: Sequence[FieldError] = (),
    request_id: str,
    trace_id: str,
) -> Problem:
    """What is answered to a refused request."""
    status = status_of(refusal)
    return Problem(
        type=TYPE_PREFIX + refusal.code,
        title=in_language(title_of(status), language),
        status=status,
        detail=refusal.message(language),
        instance=f"urn:uuid:{request_id}",
        code=refusal.code,
        policy=refusal.policy,
        errors=list(errors),
        trace_id=trace_id,
    )


def title_of(status: int) -> tuple[str, str]:
    """A status in words, Chinese and English."""
    return _TITLES.get(status, _TITLES[500 if status >= 500 else 400])


def problem(
    refusal: DomainError, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The problem document of a refusal, in the language of the running request."""
    context = request_context()
    document = problem_document(
        refusal, context.language, errors=errors, request_id=context.request_id, trace_id=context.trace_id
    )
    answer = Response(document.model_dump_json(by_alias=True), document.status, headers, MEDIA_TYPE)
    answer.headers["Content-Language"] = "zh-CN" if context.language == "zh" else "en"
    if document.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if document.status in RETRIED:
        answer.headers["Retry-After"] = str(refusal.facts.get("retry_after_s", RETRY_AFTER_S))
    count_refusal(refusal.code)
    return answer


def in_language(texts: tuple[str, str], language: Language) -> str:
    """The Chinese or the English of a pair."""
    return texts[0] if language == "zh" else texts[1]


async def on_refusal(_request: Request, refusal: Exception) -> Response:
    """Answer a `DomainError`."""
    if not isinstance(refusal, DomainError):
        raise refusal
    log.info("refused", code=refusal.code, status=status_of(refusal))
    return problem(refusal)


async def on_invalid(request: Request, invalid: Exception) -> Response:
    """Answer fields that do not validate: where, and by which code. Neither values nor unknown names are repeated."""
    if not isinstance(invalid, RequestValidationError):
        raise invalid
    names: frozenset[str] = getattr(request.scope.get("route"), "contract_names", frozenset())
    return problem(ValidationFailed(count=len(invalid.errors())), errors=field_errors(invalid.errors(), names))


def field_errors(
    errors: Sequence[Mapping[str, Any]], names: frozenset[str], *, prefix: tuple[str | int, ...] = ()
) -> list[FieldError]:
    """The first 100 of pydantic's `errors`, at their places below `prefix`; only `names` are repeated."""
    language = request_context().language
    return [
        _field_error(str(error["type"]), (*prefix, *error["loc"]), names, language) for error in errors[:MAX_ERRORS]
    ]


def _field_error(code: str, where: tuple[str | int, ...], names: frozenset[str], language: Language) -> FieldError:
    place, *path = where or ("body",)
    if code == "extra_forbidden":
        path = path[:-1]
    segments = [str(part) if isinstance(part, int) or part in names else UNKNOWN_NAME for part in path]
    detail = in_language(_FIELD_MESSAGES.get(code, _FIELD_MESSAGE), language)
    if place == "body":
        return FieldError(pointer="#" + "".join(f"/{segment}" for segment in segments), code=code, detail=detail)
    return FieldError.model_validate({"parameter": "/".join(segments), "place": place, "code": code, "detail": detail})


async def on_http_exception(request: Request, raised: Exception) -> Response:
    """Answer what the router itself refuses; its own texts are not used."""
    if not isinstance(raised, HTTPException):
        raise raised
    if raised.status_code == 405:
        return problem(MethodNotAllowed(), headers={"Allow": ", ".join(request.app.methods_at(request.url.path))})
    refusal: DomainError = InternalError() if raised.status_code >= 500 else RequestMalformed()
    if raised.status_code == 404:
        refusal = RouteNotFound()
    return problem(refusal, headers=raised.headers)
