"""What all services share."""

__version__ = "0.1.0"
"""The release that this code is of; a worker and an API say it in `skill_voucher_build_info`."""
