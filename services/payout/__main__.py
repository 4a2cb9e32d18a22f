"""`python -m services.payout api | worker | migrate | parked`."""

from services.payout.worker import worker
from shared.command import service_command

if __name__ == "__main__":
    service_command(worker(), app="services.payout.main:app")()
