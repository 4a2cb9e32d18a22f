-- Everybody reads the tree; nobody but the database writes it.
GRANT SELECT ON tree_tiles TO audit_api, audit_worker;
