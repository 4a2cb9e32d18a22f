"""What the routes of check-ins take and show."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from shared.http import Body, View


class CodeBody(Body):
    """The digits that the session shows."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=16)]


class CodeView(View):
    """A session's code, and until when it is taken: real time, not business time."""

    code: str
    expires_at: datetime


class StayView(View):
    """When a worker came to a session and went, business time."""

    class_session_id: UUID
    enrolment_id: UUID
    checked_in_at: datetime
    checked_out_at: datetime | None
