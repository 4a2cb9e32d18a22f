-- The root over the hashes of a tile: each level joins the pairs of the one below.
CREATE FUNCTION tile_root(hashes bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    WHILE octet_length(hashes) > 32 LOOP
        hashes := (
            SELECT string_agg(sha256('\x01'::bytea || substr(hashes, 64 * pair + 1, 64)), ''::bytea ORDER BY pair)
            FROM generate_series(0, octet_length(hashes) / 64 - 1) AS pair);
    END LOOP;
    RETURN hashes;
END $$;

-- Tiles are written by the database alone, from the entries themselves: no process may, and so none writes a wrong one.
-- Where an entry is missing, its tile is not full, and the log does not go on.
CREATE FUNCTION log_entries_grow_tree() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    place smallint := 0;
    nodes bigint := (SELECT leaf_index + 1 FROM log_entries ORDER BY leaf_index DESC LIMIT 1);
    begin_at bigint;
BEGIN
    LOOP
        begin_at := coalesce((
            SELECT tile_index + 1 FROM tree_tiles WHERE tile_level = place ORDER BY tile_index DESC LIMIT 1), 0);
        EXIT WHEN nodes IS NULL OR begin_at >= nodes / 256;
        IF place = 0 THEN
            INSERT INTO tree_tiles
            SELECT 0, tile, hashes, tile_root(hashes) FROM (
                SELECT leaf_index / 256 AS tile,
                    string_agg(sha256('\x00'::bytea || envelope), ''::bytea ORDER BY leaf_index) AS hashes
                FROM log_entries
                WHERE leaf_index >= begin_at * 256 AND leaf_index < nodes / 256 * 256
                GROUP BY leaf_index / 256
            ) AS full_tiles;
        ELSE
            INSERT INTO tree_tiles
            SELECT place, tile, hashes, tile_root(hashes) FROM (
                SELECT tile_index / 256 AS tile, string_agg(root, ''::bytea ORDER BY tile_index) AS hashes
                FROM tree_tiles
                WHERE tile_level = place - 1 AND tile_index >= begin_at * 256 AND tile_index < nodes / 256 * 256
                GROUP BY tile_index / 256
            ) AS full_tiles;
        END IF;
        nodes := nodes / 256;
        place := place + 1;
    END LOOP;
    RETURN NULL;
END $$;

-- By name it comes after `chain`: a broken chain is named first. Also for the log that is there.
CREATE TRIGGER grow_tree AFTER INSERT ON log_entries
    FOR EACH STATEMENT EXECUTE FUNCTION log_entries_grow_tree();
INSERT INTO log_entries SELECT * FROM log_entries WHERE false; -- a statement: the tree of what is there is built
