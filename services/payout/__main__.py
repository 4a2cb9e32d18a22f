"""The command line of the payout service: `python -m services.payout api | worker | migrate | parked`."""

from services.payout.worker import worker
from shared.command import service_command
from shared.persons import registered_person

command = service_command(worker(), app="services.payout.main:app", registered_person=registered_person)

if __name__ == "__main__":
    command()
