-- Movements of a debt, and what is set off: INSERT and SELECT only, for the owner too (DOMAIN §4, 11).
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON clawback_movements
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON clawback_offsets
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
