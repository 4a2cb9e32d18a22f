-- A file, what is in it, and who took it away.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_files
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_file_items
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_file_downloads
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
