"""Completed enrolments, as heard from the training service."""
