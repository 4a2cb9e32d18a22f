"""Settings: unknown or unusable ones fail at start, by name and never by value."""

from pathlib import Path

import pytest

from shared.settings import PREFIX, Profile, Settings, SettingsInvalid, settings_table


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without settings."""
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


def test_defaults_are_those_of_production() -> None:
    settings = Settings.from_environment()
    assert settings.profile is Profile.PRODUCTION
    assert settings.http_host == "127.0.0.1"
    assert settings.database_url is None


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text("{}")
    monkeypatch.setenv("SKILL_VOUCHER_PROFILE", "local")
    monkeypatch.setenv("SKILL_VOUCHER_DATABASE_URL", "postgresql+asyncpg://u:secret@h/d")
    monkeypatch.setenv("SKILL_VOUCHER_TOKEN_JWKS_FILE", str(file))
    monkeypatch.setenv("SKILL_VOUCHER_HTTP_PORT", "8801")
    monkeypatch.setenv("SKILL_VOUCHER_BANK_URL", "")
    settings = Settings.from_environment()
    assert settings.need_text("database_url").endswith("secret@h/d")
    assert settings.need_file("token_jwks_file") == file
    assert settings.http_port == 8801
    assert settings.bank_url is None
    assert "secret" not in repr(settings)
    assert "secret" not in str(settings)


@pytest.mark.parametrize("name", ["SKILL_VOUCHER_PROFIL", "skill_voucher_database_uri", "SKILL_VOUCHER_"])
def test_an_unknown_name_fails(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "s3cret")
    with pytest.raises(SettingsInvalid, match=name) as refused:
        Settings.from_environment()
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROFILE", "s3cret"),
        ("HTTP_PORT", "s3cret"),
        ("HTTP_PORT", "70000"),
        ("LOG_LEVEL", "s3cret"),
        ("FIELD_CIPHER", "rot13"),
        ("WORKER_ORDINAL", "-1"),
    ],
)
def test_an_unusable_value_fails(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsInvalid, match=PREFIX + name) as refused:
        Settings.from_environment()
    assert value not in str(refused.value)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    settings = Settings(field_key_file=tmp_path / "none")
    with pytest.raises(SettingsInvalid, match="SKILL_VOUCHER_BANK_URL is missing"):
        settings.need_text("bank_url")
    with pytest.raises(SettingsInvalid, match="SKILL_VOUCHER_FIELD_KEY_FILE"):
        settings.need_file("field_key_file")


def test_the_table_has_every_setting() -> None:
    table = settings_table()
    assert all(f"`{PREFIX}{name.upper()}`" in table for name in Settings.model_fields)
    assert all(line.count("|") == 5 for line in table.splitlines())
