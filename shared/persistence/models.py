"""The tables of a service, all of them, whichever of its rooms a process happens to use."""

import importlib
import pkgutil

from sqlalchemy import MetaData

from shared.persistence import plumbing


def load_models(service: str) -> None:
    """Import every `models.py` of a service: one table may refer to another whose room nothing else imports."""
    package = importlib.import_module(f"services.{service}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)


def metadata_of(service: str) -> tuple[MetaData, ...]:
    """What a service's models say: the plumbing, its own tables, and the `SHARED` ones that its `models.py` names."""
    load_models(service)
    models = importlib.import_module(f"services.{service}.models")
    return plumbing.metadata, *getattr(models, "SHARED", ()), models.Base.metadata
