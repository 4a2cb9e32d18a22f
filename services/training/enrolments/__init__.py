"""Enrolments: a person's place in a class, and the seat that it takes; `presentations` requests them."""
