"""What an orchestrator asks: alive, ready. No token is asked, and nothing of the data is shown."""

import asyncio

from fastapi import APIRouter, Request
from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from shared.observability import logger
from shared.persistence import Database

READY_TIMEOUT_S = 2.0

log = logger(__name__)
health_router = APIRouter(redirect_slashes=False)


@health_router.get("/livez", include_in_schema=False)
async def livez() -> Response:
    """The process serves."""
    return JSONResponse({"status": "live"})


@health_router.get("/readyz", include_in_schema=False)
async def readyz(request: Request) -> Response:
    """The process can work: its database answers."""
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            await _ask(request.app.state.database)
    except Exception as error:  # whatever is wrong with the database, the answer is "not ready"
        log.warning("not ready", exc_info=error)
        return JSONResponse({"status": "not ready"}, 503)
    return JSONResponse({"status": "ready"})


async def _ask(database: Database) -> None:
    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
