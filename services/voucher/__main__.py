"""The command line of the voucher service: `python -m services.voucher api | worker | migrate | parked`."""

from services.voucher.worker import worker
from shared.command import service_command

command = service_command(worker(), app="services.voucher.main:app")

if __name__ == "__main__":
    command()
