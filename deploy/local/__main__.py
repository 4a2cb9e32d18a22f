"""``skill-voucher``, or ``python -m deploy.local``: Ctrl-C ends it without a traceback, even while it is loading."""

import sys

EXIT_INTERRUPTED = 130


def main() -> None:
    """Load the command line and run it."""
    try:
        from deploy.local.cli import main as run_command  # takes a second, in which somebody may change their mind

        run_command()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
