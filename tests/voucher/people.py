"""People as the portal registers them."""

from datetime import date
from uuid import UUID

from shared.kernel.citizen_id import make_citizen_id
from tests.api_client import ApiClient
from tests.voucher.requests import PORTAL
from tests.voucher.scenario import AREA

ID_NUMBER = make_citizen_id(AREA, date(1988, 3, 9), 512)


def registration(id_number: str = ID_NUMBER, **said: object) -> dict[str, object]:
    """What the portal sends."""
    real_name = {"method": "police", "level": 3, "verified_at": "2026-01-01T00:00:00Z"}
    usual = {"name": "李 四", "id_number": id_number, "phone": "13912345678", "area": AREA, "real_name": real_name}
    return usual | said


async def registered(client: ApiClient, **said: object) -> UUID:
    """The person_id that a registration answers."""
    answer = await client.post(PORTAL, "/v1/workers", registration(**said))  # type: ignore[arg-type]  # a body's fields
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["person_id"])
