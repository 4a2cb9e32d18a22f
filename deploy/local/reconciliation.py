"""Comparing all services with one another: what each has emitted, and what the others have received of it."""

from __future__ import annotations

import subprocess
from typing import Annotated

import typer

from deploy.local.environment import SERVICES, LocalEnvironment, Process
from deploy.local.errors import LocalRunError
from shared.messaging.topics import CONSUMES

MISSING = 3
"""Status of a service's `reconcile` when it lacks events."""
REFUSED = 1
"""Status of `receive` when something is still missing, or is not believed."""


def reconcile(
    context: typer.Context,
    patience_s: Annotated[float, typer.Option(help="How long those that are behind may take to catch up.")] = 60.0,
) -> None:
    """Compare what the services have received with what the others have emitted, and mend it from audit's log.

    Status 1 if a service lacks events that the log does not have either.
    """
    mended, lacking = reconcile_all(context.obj.attached(), patience_s)
    typer.echo(f"{mended} aggregates were mended.")
    if lacking:
        raise LocalRunError(f"{lacking} aggregates lack events that audit's log does not have either")


def reconcile_all(environment: LocalEnvironment, patience_s: float) -> tuple[int, int]:
    """Reconcile every consumer with its sources; how many aggregates were mended, and how many still lack events."""
    mended = lacking = 0
    versions = {source: _ask(environment, source, "versions")[1] for source in SERVICES}
    for service, sources in CONSUMES.items():
        emitted = "".join(versions[source] for source in sources)
        status, missing = _ask(
            environment, service, "reconcile", f"--patience-s={patience_s}", given=emitted, may_end=MISSING
        )
        if status != MISSING:
            continue
        _, records = _ask(environment, "audit", "records", given=missing)
        _ask(environment, service, "receive", given=records, may_end=REFUSED)
        _, rest = _ask(environment, service, "reconcile", "--patience-s=0", given=emitted, may_end=MISSING)
        lacking += len(rest.splitlines())
        mended += len(missing.splitlines()) - len(rest.splitlines())
    return mended, lacking


def _ask(
    environment: LocalEnvironment, service: str, *arguments: str, given: str = "", may_end: int = 0
) -> tuple[int, str]:
    """Run a command of a service, as its worker process; its status, 0 or `may_end`, and what it printed.

    LocalRunError for any other status.
    """
    process = environment.command(service, Process.WORKER)
    done = subprocess.run(
        [*process.argv[:-1], *arguments],
        env=dict(process.environment),
        cwd=process.cwd,
        input=given,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode not in (0, may_end):
        raise LocalRunError(f"{arguments[0]} of {service} ended with status {done.returncode}")
    return done.returncode, done.stdout
