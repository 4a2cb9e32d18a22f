"""Enrolments: a holder's voucher presented at a class, and the seat that it takes."""
