"""A connection's bounds, before anything is authenticated: bytes of a head, seconds to send it, how many there are.

uvicorn bounds none of these: its parser keeps a header of any length, and only an idle connection that has already been
answered has a deadline. A proxy in front should bound them too (README).
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from shared.http.problems import HeadTooLarge, RequestMalformed, TooManyConnections, problem
from shared.kernel.errors import DomainError
from shared.settings import Settings

PIPELINED_MOST = 16
"""Requests that may wait behind the one that is being answered; no client of ours sends even one."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds; `bounded_by` gives it the settings' own.

    Between two steps of a message (its head, each chunk of its body) come at most `http_head_limit_bytes` that are no
    body: a head, a chunk's extension, trailers. A head that is begun or awaited must be whole in `http_head_timeout_s`,
    the rest of the message in `http_body_timeout_s` more. Who does not read an answer is given up, too.
    """

    settings: ClassVar[Settings]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._room = self.settings.http_head_limit_bytes
        self._awaits: str | None = None
        """What the running deadline is for: `head`, `body`, or nothing."""
        self._deadline: asyncio.TimerHandle | None = None
        self._reading = "nothing"
        """What the last byte belonged to: a `head`, a `body`, or nothing between two messages."""
        self._slow_reader: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Refuse a connection above the limit; otherwise wait for a head."""
        super().connection_made(transport)
        if len(self.connections) > self.settings.http_connections_most:
            self._refuse(TooManyConnections())
        else:
            self._await("head")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        self._await(None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse within bounds."""
        while data and not self.transport.is_closing():
            if self._room <= 0:
                self._refuse(HeadTooLarge(limit_bytes=self.settings.http_head_limit_bytes))
                return
            part, data = data[: self._room], data[self._room :]
            self._room -= len(part)
            super().data_received(part)
            if len(self.pipeline) > PIPELINED_MOST:
                self.transport.close()
        answered = self.cycle is None or self.cycle.response_complete
        self._await("head" if self._reading == "nothing" and answered else self._reading)

    def on_message_begin(self) -> None:
        """A head begins, perhaps in the middle of what has just been read."""
        self._reading = "head"
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; a trailer is none, and nobody here reads it."""
        if self._reading == "head":
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A head is whole."""
        self._step("body")
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """A chunk begins."""
        self._step("body")

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._step("body")
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A message is whole."""
        self._step("nothing")
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is written; if the connection ends with it, give the client time to read it, but not for ever."""
        super().on_response_complete()
        if self.transport.is_closing():
            self.pause_writing()

    def pause_writing(self) -> None:
        """The client does not read: it has as long as for a body."""
        super().pause_writing()
        if self._slow_reader is None:
            self._slow_reader = self.loop.call_later(self.settings.http_body_timeout_s, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads."""
        if self._slow_reader is not None:
            self._slow_reader.cancel()
            self._slow_reader = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, though its last answer was never read."""
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; uvicorn's own words are not used."""
        self._refuse(RequestMalformed())

    def _step(self, reading: str) -> None:
        self._reading, self._room = reading, self.settings.http_head_limit_bytes

    def _await(self, what: str | None) -> None:
        """Have a deadline for `what`, unless it is running already."""
        if what == "nothing" or self.transport.is_closing():
            what = None
        if what == self._awaits:
            return
        self._awaits = what
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if what is not None:
            limit_s = self.settings.http_head_timeout_s
            if what == "body":  # the application itself answers one that is late, within its own limit
                limit_s += self.settings.http_body_timeout_s
            self._deadline = self.loop.call_later(limit_s, self.transport.abort)

    def _refuse(self, refusal: DomainError) -> None:
        """Answer a connection that no request comes from, and close it; break it off in the middle of an answer."""
        self._await(None)
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.abort()
            return
        answer = problem(refusal, headers={"Connection": "close"})
        lines = [b"%s: %s\r\n" % header for header in answer.raw_headers]
        self.transport.write(b"".join([STATUS_LINE[answer.status_code], *lines, b"\r\n", bytes(answer.body)]))
        self.transport.close()


def bounded_by(settings: Settings) -> type[BoundedProtocol]:
    """The protocol bounded by these settings."""
    return type("Bounded", (BoundedProtocol,), {"settings": settings})
