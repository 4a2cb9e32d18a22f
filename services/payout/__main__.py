"""The command line of the payout service: `python -m services.payout api | worker | migrate | parked`."""

from services.payout.worker import worker
from shared.command import service_command

command = service_command(worker(), app="services.payout.main:app")

if __name__ == "__main__":
    command()
