"""Settings and keys of the processes that tests start in their own process."""

from pathlib import Path
from typing import Any

from shared.settings import Profile, Settings

CERTIFICATE_KID = "https://evaluation.test/v1/certificate-keys#1"


def service_settings(directory: Path, **files: str) -> Settings:
    """Settings of a service whose key files hold these texts; each is named like its setting."""
    for name, content in files.items():
        (directory / name).write_text(content)
    paths: dict[str, Any] = {name: directory / name for name in files}
    return Settings(profile=Profile.TEST, **paths)
