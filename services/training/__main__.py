"""The command line of the training service: `python -m services.training api | worker | migrate | parked`."""

from services.training.worker import worker
from shared.command import service_command
from shared.persons import registered_person

command = service_command(worker(), app="services.training.main:app", registered_person=registered_person)

if __name__ == "__main__":
    command()
