"""What can go wrong while the system is brought up on one machine, each with what a person can do about it."""

from __future__ import annotations

from typing import ClassVar


class LocalRunError(Exception):
    """The local run cannot go on; the message says why, in words for people.

    `hint` says what to do about it; ``{program}`` in it stands for the command as the reader can type it.
    """

    hint: ClassVar[str] = ""


class NotRunning(LocalRunError):
    """The command needs a run that is up."""

    hint = "`{program} run` starts it."


class StartFailed(LocalRunError):
    """A process ended, or did not become ready in time; the message ends with the last lines of its log."""

    hint = (
        "The whole log is in the file named above. `{program} clean` forgets databases, topics, keys and logs, "
        "so that the next start begins from nothing."
    )


class AlreadyRunning(LocalRunError):
    """Another supervisor has this state directory."""

    hint = "`{program} status` shows it, `{program} stop` stops it."


class JarRefused(LocalRunError):
    """A downloaded archive does not have the SHA-256 that the list demands."""

    hint = "Something between here and the Maven repository changes files; nothing of it was run."


class JarUnavailable(LocalRunError):
    """An archive could not be downloaded after all retries."""

    hint = "Kafka's archives come from a Maven repository: is there a network, and a proxy to be named?"
