-- A report that answers no file notifies credits on the account: a row of it is about money that came back, or that came in.
ALTER TABLE bank_reports ALTER COLUMN file_id DROP NOT NULL;

ALTER TABLE bank_report_rows
    ADD COLUMN kind text DEFAULT 'answer' NOT NULL,
    ADD COLUMN reference text,
    ADD COLUMN booked_on date,
    ALTER COLUMN file_id DROP NOT NULL,
    ALTER COLUMN answer DROP NOT NULL,
    DROP CONSTRAINT ck_bank_report_rows_matched,
    ADD CONSTRAINT ck_bank_report_rows_columns CHECK (
        CASE kind
            WHEN 'answer' THEN num_nonnulls(file_id, answer) = 2 AND num_nonnulls(reference, booked_on) = 0
            WHEN 'returned' THEN num_nonnulls(reference, booked_on, amount_fen, reason) = 4
                AND num_nonnulls(file_id, answer, number_index) = 0
            WHEN 'incoming' THEN num_nonnulls(reference, booked_on, amount_fen) = 3
                AND num_nonnulls(file_id, answer, number_index, named_id, instruction_id, reason) = 0
            ELSE false END
    ),
    ADD CONSTRAINT ck_bank_report_rows_reference CHECK (reference ~ '^[0-9A-Za-z][0-9A-Za-z./_-]{0,34}$'),
    ADD CONSTRAINT ck_bank_report_rows_matched CHECK (
        CASE kind WHEN 'incoming' THEN coalesce(outcome IN ('applied', 'known', 'contradictory'), true)
            ELSE outcome IS NULL OR (outcome = 'unmatched') = (instruction_id IS NULL) END
    ),
    ADD CONSTRAINT fk_bank_report_rows_report_id FOREIGN KEY (report_id) REFERENCES bank_reports (id),
    ADD CONSTRAINT fk_bank_report_rows_instruction_id FOREIGN KEY (instruction_id) REFERENCES instructions (id);
-- A row answers an instruction, a row gives its money back, and a reference of the bank is applied by one row.
DROP INDEX uq_bank_report_rows_applied;
CREATE UNIQUE INDEX uq_bank_report_rows_applied ON bank_report_rows (kind, instruction_id) WHERE outcome = 'applied';
CREATE UNIQUE INDEX uq_bank_report_rows_credited ON bank_report_rows (reference) WHERE outcome = 'applied';
