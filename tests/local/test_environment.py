"""Keys, ports and settings of the local run: made once, kept, and given only to those who need them."""

import json
import os
import socket
import stat
from pathlib import Path

import pytest

from deploy.local.environment import SERVICES, LocalEnvironment, Process
from deploy.local.errors import LocalRunError
from deploy.local.keys import Signing, ensure_keys
from deploy.local.ports import LOOPBACK
from shared.security import read_key_set, read_signing_key
from shared.security.event_signatures import key_owner
from shared.settings import Settings


def test_keys_are_made_once_and_private_halves_stay_private(tmp_path: Path) -> None:
    keys = ensure_keys(tmp_path / "keys", services=SERVICES, encrypting=("voucher",))
    before = {path.name: path.read_bytes() for path in keys.directory.iterdir()}
    keys.public(Signing.TOKENS).unlink()
    keys.all_events.unlink()
    ensure_keys(tmp_path / "keys", services=SERVICES, encrypting=("voucher",))
    assert {path.name: path.read_bytes() for path in keys.directory.iterdir()} == before
    for path in keys.directory.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for signing in Signing:
        assert set(read_key_set(keys.public(signing))) == {read_signing_key(keys.private(signing)).kid}
        assert "d" not in json.loads(keys.public(signing).read_text())["keys"][0]
    kids = {service: read_signing_key(keys.events(service)).kid for service in SERVICES}
    assert {service: key_owner(kid) for service, kid in kids.items()} == {service: service for service in SERVICES}
    assert set(read_key_set(keys.all_events)) == set(kids.values())


def test_a_new_key_of_events_leaves_the_former_one_readable(tmp_path: Path) -> None:
    keys = ensure_keys(tmp_path / "keys", services=SERVICES, encrypting=())
    former = read_signing_key(keys.events("voucher")).kid
    keys.events("voucher").unlink()
    ensure_keys(tmp_path / "keys", services=SERVICES, encrypting=())
    assert set(read_key_set(keys.all_events)) > {former, read_signing_key(keys.events("voucher")).kid}


def test_a_second_run_gets_the_same_ports_and_passwords(tmp_path: Path) -> None:
    first = LocalEnvironment.prepare(tmp_path, tmp_path / ".local", workers=2)
    second = LocalEnvironment.prepare(tmp_path, tmp_path / ".local", workers=2)
    assert first == second == LocalEnvironment.attach(tmp_path, tmp_path / ".local")
    assert len(set(first.ports.values())) == len(first.ports)
    assert stat.S_IMODE((tmp_path / ".local" / "passwords.json").stat().st_mode) == 0o600


def test_a_port_that_somebody_took_is_replaced_alone(tmp_path: Path) -> None:
    first = LocalEnvironment.prepare(tmp_path, tmp_path / ".local")
    with socket.create_server((LOOPBACK, first.ports["kafka"])):
        second = LocalEnvironment.prepare(tmp_path, tmp_path / ".local")
    assert second.ports["kafka"] != first.ports["kafka"]
    assert {**second.ports, "kafka": 0} == {**first.ports, "kafka": 0}


def test_there_is_nothing_to_attach_to_before_the_first_run(tmp_path: Path) -> None:
    with pytest.raises(LocalRunError, match="nothing has run"):
        LocalEnvironment.attach(tmp_path, tmp_path / ".local")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("process", Process)
def test_every_process_gets_settings_that_it_accepts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: str, process: Process
) -> None:
    for name in [name for name in os.environ if name.startswith("SKILL_VOUCHER_")]:
        monkeypatch.delenv(name)  # what another test of this process has set
    monkeypatch.setenv("SKILL_VOUCHER_BANK_URL", "http://somewhere.invalid")
    local = LocalEnvironment.prepare(tmp_path, tmp_path / ".local")
    environment = local.environment(service, process)
    monkeypatch.delenv("SKILL_VOUCHER_BANK_URL")
    for name, value in environment.items():
        if name.startswith("SKILL_VOUCHER_"):
            monkeypatch.setenv(name, value)
    settings = Settings.from_environment()
    role = {Process.API: "api", Process.WORKER: "worker", Process.MIGRATE: "owner"}[process]
    assert f"{service}_{role}:" in settings.need_text("database_url")
    assert (settings.bank_url is not None) == (service == "payout" and process is Process.WORKER)
    assert (settings.presence_key_file is not None) == (service == "voucher" and process is Process.API)
    assert (settings.certificate_key_file is not None) == (service == "evaluation" and process is Process.API)


def test_column_keys_differ_between_services(tmp_path: Path) -> None:
    local = LocalEnvironment.prepare(tmp_path, tmp_path / ".local")
    assert local.keys.field("voucher").read_text() != local.keys.field("payout").read_text()
    assert "FIELD_KEY_FILE" not in local.settings("training", Process.API)
