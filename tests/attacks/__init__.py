"""Attacks on the running parts, as an insider with one password would try them: each must fail for the reason named.

One file a way in: `test_broker.py` comes with a client of Kafka, `test_http.py` with a socket and nothing else.
To add an attack, write it as the insider would, with what that insider holds and nothing else: the credentials of one
principal of Kafka (`kafka.access("payout")`, whose `options()` open any client), one database role (`tests.databases`:
`api`, `worker`), one token, one finger on the console. Then assert the refusal by its code, never only that something
failed, and that nothing has changed; and let the honest act beside it succeed, so that the test cannot pass because
nothing works.
"""
