"""`python -m services.evaluation api|worker|migrate|parked`."""

from services.evaluation.worker import worker
from shared.command import service_command

if __name__ == "__main__":
    service_command(worker(), app="services.evaluation.main:app")()
