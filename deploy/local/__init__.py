"""The whole system on one machine, without containers: real PostgreSQL, real Kafka, the services and their outside.

Linux only. It starts the services by command line and imports none of them.
"""
