-- The Merkle tree of RFC 9162 over the log: 256 hashes to a tile. Of level 0 they are hashes of leaves, of level n the
-- roots of 256 tiles of level n - 1.
CREATE TABLE tree_tiles (
    tile_level smallint NOT NULL,
    tile_index bigint NOT NULL,
    hashes bytea NOT NULL,
    root bytea NOT NULL,
    CONSTRAINT pk_tree_tiles PRIMARY KEY (tile_level, tile_index),
    CONSTRAINT ck_tree_tiles_place CHECK (tile_level >= 0 AND tile_index >= 0),
    CONSTRAINT ck_tree_tiles_root_is_sha256 CHECK (octet_length(root) = 32),
    CONSTRAINT ck_tree_tiles_tile_is_full CHECK (octet_length(hashes) = 8192)
);
ALTER TABLE tree_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL; -- hashes do not get smaller

-- Heads of the tree as they were signed, and what witnesses said of them.
CREATE TABLE checkpoints (
    tree_size bigint NOT NULL,
    root bytea NOT NULL,
    note text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_checkpoints PRIMARY KEY (tree_size),
    CONSTRAINT ck_checkpoints_of_entries CHECK (tree_size > 0),
    CONSTRAINT ck_checkpoints_root_is_sha256 CHECK (octet_length(root) = 32)
);
CREATE TABLE cosignatures (
    tree_size bigint NOT NULL,
    witness text NOT NULL,
    line text NOT NULL,
    cosigned_at timestamptz NOT NULL,
    CONSTRAINT pk_cosignatures PRIMARY KEY (tree_size, witness),
    CONSTRAINT ck_cosignatures_not_empty CHECK (witness <> '' AND line <> ''),
    CONSTRAINT fk_cosignatures_tree_size FOREIGN KEY (tree_size) REFERENCES checkpoints (tree_size)
);
