"""Daily supervision (日常监管) of institutions, and what it does to their classes and trainees (A14)."""
