"""The tables of a service, all of them, whichever of its rooms a process happens to use."""

import importlib
import pkgutil
from typing import Any

from sqlalchemy import MetaData

from shared.persistence import plumbing
from shared.persistence.aggregate import LifecycleRow


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


def lifecycle_models(service: str) -> list[type[LifecycleRow[Any, Any]]]:
    """The models of a service whose rows are aggregates, those that are loaded."""
    found: list[type[LifecycleRow[Any, Any]]] = []
    families: list[type[LifecycleRow[Any, Any]]] = [LifecycleRow]
    while families:
        for model in families.pop().__subclasses__():
            families.append(model)
            if "lifecycle" in vars(model) and model.lifecycle.service == service:
                found.append(model)
    return sorted(found, key=lambda model: model.lifecycle.type)
