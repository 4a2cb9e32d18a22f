"""Completed enrolments, as received from the training service."""
