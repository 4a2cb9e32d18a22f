"""The command line of the voucher service: `python -m services.voucher api | worker | migrate | parked`."""

from services.voucher.worker import worker
from services.voucher.workers.queries import registered_person
from shared.command import service_command

command = service_command(worker(), app="services.voucher.main:app", registered_person=registered_person)

if __name__ == "__main__":
    command()
