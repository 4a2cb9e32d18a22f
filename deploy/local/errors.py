"""What can go wrong while the system is brought up on one machine."""

from __future__ import annotations


class LocalRunError(Exception):
    """The local run cannot go on; the message tells a person what to do about it."""


class StartFailed(LocalRunError):
    """A process ended, or did not become ready in time; the message ends with the last lines of its log."""


class AlreadyRunning(LocalRunError):
    """Another supervisor holds this state directory."""


class JarRefused(LocalRunError):
    """A downloaded archive does not have the SHA-256 that the list demands."""


class JarUnavailable(LocalRunError):
    """An archive could not be downloaded after all retries."""
