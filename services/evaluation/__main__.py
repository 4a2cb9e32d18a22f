"""The command line of the evaluation service: `python -m services.evaluation api | worker | migrate | parked`."""

from services.evaluation.worker import worker
from shared.command import service_command

command = service_command(worker(), app="services.evaluation.main:app")

if __name__ == "__main__":
    command()
