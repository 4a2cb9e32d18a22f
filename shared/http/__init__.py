"""The way in: one kind of route, one way to say no, pages and bulk answers alike everywhere."""

from shared.http.app import Resource, create_app
from shared.http.batching import BatchedCommand
from shared.http.bodies import Body, View
from shared.http.bulk import BulkAnswer, BulkRequest, LongBulkRequest, the_one
from shared.http.codes import KnownArea, OrganisationCode, RegisteredName, ReportingArea
from shared.http.idempotency import Keyed, StoredAnswer, claim_key, claim_keys, store_answer
from shared.http.pages import CursorInvalid, Page, PageQuery, PageRequest
from shared.http.policy import Allow, Creates, Public, batched, idempotent_by_nature, rate_limited
from shared.http.refusals import Refuses
from shared.http.route import (
    ApiRouter,
    AppDatabase,
    AppSettings,
    Caller,
    RequestKey,
    Uow,
    answered,
    api_router,
    replayed,
)
from shared.http.server import serve
from shared.http.strict import BusinessDate, Instant
from shared.security import Principal, Role

__all__ = [
    "Allow",
    "ApiRouter",
    "AppDatabase",
    "AppSettings",
    "BatchedCommand",
    "Body",
    "BulkAnswer",
    "BulkRequest",
    "BusinessDate",
    "Caller",
    "Creates",
    "CursorInvalid",
    "Instant",
    "Keyed",
    "KnownArea",
    "LongBulkRequest",
    "OrganisationCode",
    "Page",
    "PageQuery",
    "PageRequest",
    "Principal",
    "Public",
    "Refuses",
    "RegisteredName",
    "ReportingArea",
    "RequestKey",
    "Resource",
    "Role",
    "StoredAnswer",
    "Uow",
    "View",
    "answered",
    "api_router",
    "batched",
    "claim_key",
    "claim_keys",
    "create_app",
    "idempotent_by_nature",
    "rate_limited",
    "replayed",
    "serve",
    "store_answer",
    "the_one",
]
