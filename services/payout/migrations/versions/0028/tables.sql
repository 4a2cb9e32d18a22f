-- Since when a record counts under another one: what was said for either since is said anew once they are parted (R16).
CREATE TABLE merger_facts (
    record_id uuid NOT NULL,
    merged_at timestamptz NOT NULL,
    CONSTRAINT pk_merger_facts PRIMARY KEY (record_id)
);
