"""The way in: one kind of route, one way to say no, pages and bulk answers alike everywhere."""

from shared.http.app import Resource, create_app
from shared.http.batching import BatchedCommand
from shared.http.bodies import Body, BulkRequest, View
from shared.http.bulk import BulkAnswer, the_one
from shared.http.idempotency import Keyed, StoredAnswer, claim_key, claim_keys, store_answer
from shared.http.pages import CursorInvalid, Page, PageQuery, PageRequest
from shared.http.policy import Allow, Public, batched, idempotent_by_nature
from shared.http.route import AppDatabase, AppSettings, Caller, RequestKey, Uow, answered, api_router, replayed
from shared.http.server import serve
from shared.security import Principal, Role

__all__ = [
    "Allow",
    "AppDatabase",
    "AppSettings",
    "BatchedCommand",
    "Body",
    "BulkAnswer",
    "BulkRequest",
    "Caller",
    "CursorInvalid",
    "Keyed",
    "Page",
    "PageQuery",
    "PageRequest",
    "Principal",
    "Public",
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
    "replayed",
    "serve",
    "store_answer",
    "the_one",
]
