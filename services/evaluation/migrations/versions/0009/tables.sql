-- What a record was merged into, beside the end of that chain: a merger may be undone (R16). Of those merged before, only
-- the end is known; none of them is undone, since voucher has no case of theirs.
ALTER TABLE persons ADD COLUMN merged_into UUID;
UPDATE persons SET merged_into = survivor_id;
ALTER TABLE persons
    ADD CONSTRAINT ck_persons_merged_into CHECK (merged_into <> id),
    ADD CONSTRAINT ck_persons_merged CHECK (survivor_id IS NULL OR merged_into IS NOT NULL);
