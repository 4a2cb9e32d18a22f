-- Public notices. A payout says the period of its notice: the foreign key holds both together.
CREATE TABLE notices (
    id uuid NOT NULL,
    area text NOT NULL,
    published_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    published_by uuid NOT NULL,
    phone text NOT NULL,
    address text NOT NULL,
    CONSTRAINT pk_notices PRIMARY KEY (id),
    CONSTRAINT uq_notices_period UNIQUE (id, area, published_at, ends_at),
    CONSTRAINT ck_notices_period CHECK (ends_at > published_at),
    CONSTRAINT ck_notices_contact CHECK (phone <> '' AND address <> ''),
    CONSTRAINT fk_notices_published_by FOREIGN KEY (published_by) REFERENCES persons (id)
);
CREATE INDEX ix_notices_ends_at ON notices (ends_at);
CREATE INDEX ix_notices_area ON notices (area, id);

ALTER TABLE payouts
    ADD COLUMN notice_id uuid,
    ADD CONSTRAINT fk_payouts_notice FOREIGN KEY (notice_id, area, published_at, notice_ends_at)
        REFERENCES notices (id, area, published_at, ends_at);
CREATE INDEX ix_payouts_notice ON payouts (notice_id, id) WHERE notice_id IS NOT NULL;
