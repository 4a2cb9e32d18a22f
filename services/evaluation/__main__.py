"""The command line of the evaluation service: `python -m services.evaluation api | worker | migrate | parked`."""

from services.evaluation.worker import worker
from shared.command import service_command
from shared.persons import registered_person

command = service_command(worker(), app="services.evaluation.main:app", registered_person=registered_person)

if __name__ == "__main__":
    command()
