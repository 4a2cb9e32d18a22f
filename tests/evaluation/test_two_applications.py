"""Keys belong to the application and to the worker, not to the process: two of each, with other keys, side by side."""

from pathlib import Path

import pytest

from services.evaluation.main import ROUTERS
from shared.security import FieldUnreadable
from shared.settings import Settings
from tests.api_client import done, open_client
from tests.databases import Databases
from tests.evaluation.scenario import Scenario
from tests.keys import make_keys, service_settings

VERIFY = "/v1/certificate-verifications"


def settings(directory: Path) -> Settings:
    """Settings with new keys."""
    return service_settings(make_keys(directory), "evaluation")


async def test_two_applications_of_one_service_have_keys_of_their_own(databases: Databases, tmp_path: Path) -> None:
    async with (
        databases.clone("evaluation", settings(tmp_path / "here")) as here,
        databases.clone("evaluation", settings(tmp_path / "there")) as there,
        open_client(here, ROUTERS) as client_here,
        open_client(there, ROUTERS) as client_there,
    ):
        scenarios = [Scenario(here, client_here), Scenario(there, client_there)]
        published, issued = [], []
        for scenario in scenarios:
            published.append(done(await scenario.get(None, "/v1/certificate-keys")))
            (certificate,) = await scenario.certified(await scenario.body())
            issued.append(certificate["jws"])
        assert published[0] != published[1]
        verdicts = [
            [done(await scenario.post(None, VERIFY, {"jws": jws}))["verdict"] for jws in issued]
            for scenario in scenarios
        ]
        assert verdicts == [["verified", "contradicted"], ["contradicted", "verified"]]


async def test_one_database_under_other_settings_has_other_keys(databases: Databases, tmp_path: Path) -> None:
    """As the worker and the interface of a service, or two of its workers, may be started in one process."""
    place = {"table": "certificates", "column": "number_encrypted", "row": "1"}
    async with databases.clone("evaluation", settings(tmp_path)) as database:
        other = database.worker.under(settings(tmp_path / "other"))
        async with database.worker.unit_of_work() as ours, other.unit_of_work() as theirs:
            hidden = ours.keys.fields.encrypt("T1", **place)
            assert ours.keys.fields.decrypt(hidden, **place) == "T1"
            with pytest.raises(FieldUnreadable):
                theirs.keys.fields.decrypt(hidden, **place)
