"""Building blocks of migrations, first edition. Migrations that ran depend on it: a change is a second edition."""

from collections.abc import Sequence

from alembic import op

from shared.persistence import plumbing

GRANTS = {
    "outbox": ("INSERT", "SELECT, INSERT, DELETE"),
    "positions": ("", "SELECT, INSERT, UPDATE"),
    "parked_events": ("SELECT", "SELECT, INSERT, DELETE"),
    "idempotency_keys": ("SELECT, INSERT, UPDATE", "SELECT, DELETE"),
    "business_clock": ("SELECT", "SELECT"),
    "timers": ("SELECT", "SELECT, INSERT, UPDATE"),
}


def create(service: str) -> None:
    """Create the plumbing tables of a service with the rights of its roles, business time standing at zero."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")  # trusted: the owner of a database may
    plumbing.metadata.create_all(op.get_bind(), checkfirst=False)
    op.execute("""INSERT INTO business_clock (id, "offset", movable) VALUES (1, interval '0', false)""")
    for table, (api, worker) in GRANTS.items():
        grant(service, table, api=api, worker=worker)


def drop() -> None:
    """Undo `create`."""
    plumbing.metadata.drop_all(op.get_bind(), checkfirst=False)


def grant(service: str, table: str, *, api: str = "", worker: str = "") -> None:
    """Give the service's two roles exactly these rights on `table`."""
    for role, rights in ((f"{service}_api", api), (f"{service}_worker", worker)):
        op.execute(f'REVOKE ALL ON "{table}" FROM "{role}"')
        if rights:
            op.execute(f'GRANT {rights} ON "{table}" TO "{role}"')


def append_only(table: str) -> None:
    """Refuse every UPDATE, DELETE and TRUNCATE on `table`, the owner's too (DOMAIN §4, 11)."""
    op.execute(
        f"""
        CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ao_{table}';
        END $$
        """
    )
    op.execute(
        f"""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}"
            FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()
        """
    )


def immutable(table: str, columns: Sequence[str]) -> None:
    """Refuse any change of `columns` once a row is there."""
    changed = " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in columns)
    op.execute(
        f"""
        CREATE FUNCTION {table}_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {changed} THEN
                RAISE EXCEPTION 'a fixed column of % never changes', TG_TABLE_NAME
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'im_{table}';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        f"""
        CREATE TRIGGER immutable BEFORE UPDATE ON "{table}"
            FOR EACH ROW EXECUTE FUNCTION {table}_immutable()
        """
    )


def guard_lifecycle(table: str, *, births: Sequence[str], transitions: Sequence[tuple[str, str]]) -> None:
    """Let `status` begin and move only as its life cycle says, `version` counting every change from 1.

    `transitions` are the pairs of different states; an edge to the same state counts the version alone.
    """
    born = ", ".join(f"'{state}'" for state in births)
    pairs = ", ".join(f"'{before}>{after}'" for before, after in transitions if before != after)
    op.execute(
        f"""
        CREATE FUNCTION {table}_lifecycle() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.version <> 1 OR NEW.status <> ALL (ARRAY[{born}]) THEN
                    RAISE EXCEPTION 'a row of % is not born like this', TG_TABLE_NAME
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_{table}';
                END IF;
            ELSIF NEW.version NOT IN (OLD.version, OLD.version + 1)
                OR (NEW.status <> OLD.status AND (NEW.version = OLD.version
                    OR OLD.status || '>' || NEW.status <> ALL (ARRAY[{pairs}]::text[]))) THEN
                RAISE EXCEPTION 'a row of % does not move like this', TG_TABLE_NAME
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_{table}';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        f"""
        CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON "{table}"
            FOR EACH ROW EXECUTE FUNCTION {table}_lifecycle()
        """
    )


def drop_guards(table: str, *names: str) -> None:
    """Drop the trigger functions of `append_only`, `immutable` or `lifecycle` together with their triggers."""
    for name in names:
        op.execute(f"DROP FUNCTION {table}_{name}() CASCADE")
