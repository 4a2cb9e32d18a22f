-- Everybody reads the tree; nobody but the database writes it.
GRANT SELECT ON tree_tiles TO audit_api, audit_worker;

-- The worker signs heads; what witnesses say of them comes in over the API.
GRANT SELECT ON checkpoints TO audit_api;
GRANT SELECT, INSERT ON checkpoints TO audit_worker;
GRANT SELECT, INSERT ON cosignatures TO audit_api;
GRANT SELECT ON cosignatures TO audit_worker;

-- Packages are taken out by the command line too, as the worker process, and that is recorded.
GRANT INSERT ON exports TO audit_worker;
