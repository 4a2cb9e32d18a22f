"""Reference data that all services share: skills, areas, departments, working days.

It is package data, so that it is equal in all services of a release. A row states its source.
"""
