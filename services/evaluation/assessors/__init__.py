"""Assessors (考评员): registered people with the skills that they may assess."""
