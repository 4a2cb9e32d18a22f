"""A development token issuer in the place of the portal's single sign-on: ``python -m deploy.local.issuer``.

It gives anybody any token, so it starts in the profiles ``local`` and ``test`` alone. What it signs, the services would
accept: a request for claims that they refuse is refused here, with 422.
"""

from __future__ import annotations

import json
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.keys import Keys, Signing
from deploy.local.ports import LOOPBACK
from deploy.local.processes import ENVIRONMENT, Command
from deploy.local.serving import create_outsider, refusal, serve
from shared.observability import logger
from shared.security import (
    Role,
    SigningKey,
    TokenInvalid,
    TokenVerifier,
    parse_key_set,
    read_key_set,
    read_signing_key,
    sign_jws,
)
from shared.security.tokens import AUDIENCE, LIFETIME_MOST_S, TOKEN_TYP
from shared.settings import PREFIX, Profile, Settings, SettingsInvalid

TTL_S = 3_600

log = logger(__name__)


class TokenRequest(BaseModel):
    """Who the token shall name; ``ttl_s`` is its life, seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    sub: str
    role: Role
    person: str | None = None
    institution: str | None = None
    areas: list[str] | None = None
    ttl_s: Annotated[int, Field(ge=1, le=LIFETIME_MOST_S)] = TTL_S


def mint_token(wanted: TokenRequest, *, issuer: str, key: SigningKey) -> str:
    """Sign a token of ``issuer`` with the claims that services ask for, valid from now, real time."""
    now_s = int(time.time())
    claims: dict[str, Any] = wanted.model_dump(mode="json", exclude_none=True, exclude={"ttl_s"})
    claims |= {"iss": issuer, "aud": AUDIENCE, "iat": now_s, "exp": now_s + wanted.ttl_s, "jti": str(uuid4())}
    return sign_jws(claims, key, typ=TOKEN_TYP)


class Issuer:
    """The issuer's HTTP interface."""

    def __init__(self, name: str, key: SigningKey, jwks: dict[str, Any]) -> None:
        """``name`` is the ``iss`` of the tokens, ``jwks`` the public halves that services have pinned."""
        self._name = name
        self._key = key
        self._jwks = jwks
        self._verifier = TokenVerifier(parse_key_set(jwks), name)

    def application(self) -> Starlette:
        """The issuer as an ASGI application."""
        return create_outsider(
            Route("/token", self.issue, methods=["POST"]),
            Route("/.well-known/jwks.json", self.publish, methods=["GET"]),
        )

    async def issue(self, request: Request) -> Response:
        """Give the token that is asked for."""
        try:
            wanted = TokenRequest.model_validate_json(await request.body())
            token = mint_token(wanted, issuer=self._name, key=self._key)
            self._verifier.principal_of(token)
        except (ValidationError, TokenInvalid):
            return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "claims_invalid")
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": wanted.ttl_s})

    async def publish(self, _request: Request) -> Response:
        """The public keys."""
        return JSONResponse(self._jwks)


def issuer_command(*, project: Path, port: int, issuer: str, keys: Keys, profile: str, log_file: Path) -> Command:
    """The issuer as a process; ready when ``/readyz`` answers."""
    files = ("--key-file", str(keys.private(Signing.TOKENS)), "--jwks-file", str(keys.public(Signing.TOKENS)))
    return Command(
        name="issuer",
        argv=(sys.executable, "-m", "deploy.local.issuer", "--port", str(port), "--issuer", issuer, *files),
        environment={**ENVIRONMENT, f"{PREFIX}PROFILE": profile},
        log_file=log_file,
        cwd=project,
    )


def main(
    port: Annotated[int, typer.Option(help="Port to serve on.")],
    issuer: Annotated[str, typer.Option(help="The `iss` of the tokens.")],
    key_file: Annotated[Path, typer.Option(help="Private key, a JWK.")],
    jwks_file: Annotated[Path, typer.Option(help="Its public half, a JWK set.")],
    host: Annotated[str, typer.Option(help="Address to serve on.")] = LOOPBACK,
) -> None:
    """Issue tokens for development until stopped."""
    try:
        profile = Settings.from_environment().profile
    except SettingsInvalid as invalid:
        raise typer.BadParameter(str(invalid)) from None
    if profile is Profile.PRODUCTION:
        raise typer.BadParameter(f"{PREFIX}PROFILE must be local or test: this issuer gives anybody any token")
    key = read_signing_key(key_file)
    if key.kid not in read_key_set(jwks_file):
        raise typer.BadParameter("the JWK set lacks the public half of the key")
    serve(Issuer(issuer, key, json.loads(jwks_file.read_text())).application(), name="issuer", port=port, host=host)


if __name__ == "__main__":
    typer.run(main)
