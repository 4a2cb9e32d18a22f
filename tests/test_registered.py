"""Who acts for an office or an organisation is a registered person, on every route of all five services (§二(二)6)."""

import importlib
import re
from uuid import uuid4

import pytest

from deploy.local.keys import Keys
from shared.http.route import UnitOfWorkRoute
from shared.kernel.credit_code import make_credit_code
from shared.messaging.topics import SERVICES
from shared.security import ANSWERABLE
from tests.api_client import Account, open_client, refused
from tests.databases import Databases
from tests.keys import service_settings
from tests.registered import registered_person

ORGANISATION = make_credit_code("410402", 1)


@pytest.mark.parametrize("service", SERVICES)
async def test_no_route_takes_an_unregistered_person_for_an_officer(
    databases: Databases, keys: Keys, service: str
) -> None:
    routers = importlib.import_module(f"services.{service}.main").ROUTERS
    routes = [route for router in routers for route in router.routes if isinstance(route, UnitOfWorkRoute)]
    tried = 0
    settings = service_settings(keys, service)
    async with databases.clone(service, settings) as database, open_client(database, routers) as client:
        for route in routes:
            path = re.sub(r"\{.*?\}", "x", route.path)
            for role in sorted(ANSWERABLE & (route.permission.roles or set())):
                known = Account(role, registered_person(), ORGANISATION, ("410400",))
                stranger = known.but(person=uuid4())
                for caller in (stranger, known):
                    answer = (
                        await client.get(caller, path)
                        if "GET" in (route.methods or ())
                        else await client.post(caller, path, {} if route.body_field else None)
                    )
                    is_stranger = answer.status_code == 403 and refused(answer)[1] == "person_not_registered"
                    assert is_stranger is (caller is stranger), (route.name, role, answer.text)
                tried += 1
    assert tried >= 4
