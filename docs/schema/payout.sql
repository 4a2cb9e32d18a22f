-- The payout service's schema, read from a migrated database; written by `make schema`.

CREATE TABLE accounts (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    owner_kind text NOT NULL,
    owner_id text NOT NULL,
    revision integer NOT NULL,
    bank_code text NOT NULL,
    account_number bytea NOT NULL,
    account_name bytea NOT NULL,
    number_index bytea NOT NULL,
    name_index bytea NOT NULL,
    proposed_by uuid NOT NULL,
    endorsed_by uuid,
    endorsed_name_index bytea,
    confirmed_by uuid,
    confirmed_name_index bytea,
    usable_from timestamp with time zone,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT uq_accounts_owner UNIQUE (id, owner_kind, owner_id),
    CONSTRAINT uq_accounts_revision UNIQUE (owner_kind, owner_id, revision),
    CONSTRAINT fk_accounts_confirmed_by FOREIGN KEY (confirmed_by) REFERENCES persons(id),
    CONSTRAINT fk_accounts_endorsed_by FOREIGN KEY (endorsed_by) REFERENCES persons(id),
    CONSTRAINT fk_accounts_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT ck_accounts_confirmed CHECK ((status <> ALL (ARRAY['confirmed'::text, 'closed'::text])) OR confirmed_by IS NOT NULL AND usable_from IS NOT NULL),
    CONSTRAINT ck_accounts_confirmed_name CHECK (confirmed_by IS NULL OR confirmed_name_index = name_index),
    CONSTRAINT ck_accounts_distinct_persons CHECK (proposed_by <> endorsed_by AND proposed_by <> confirmed_by AND endorsed_by <> confirmed_by AND endorsed_by::text <> owner_id AND confirmed_by::text <> owner_id),
    CONSTRAINT ck_accounts_endorsed CHECK ((status = ANY (ARRAY['proposed'::text, 'retired'::text])) OR endorsed_by IS NOT NULL),
    CONSTRAINT ck_accounts_endorsed_name CHECK (endorsed_by IS NULL OR endorsed_name_index = name_index),
    CONSTRAINT ck_accounts_owner_kind CHECK (owner_kind = ANY (ARRAY['institution'::text, 'enterprise'::text, 'worker'::text]))
);
CREATE INDEX ix_accounts_number_index ON accounts USING btree (number_index);
CREATE INDEX ix_accounts_overdue ON accounts USING btree (status, entered_at) WHERE (status = ANY (ARRAY['proposed'::text, 'endorsed'::text]));
CREATE UNIQUE INDEX uq_accounts_pending ON accounts USING btree (owner_kind, owner_id) WHERE (status = ANY (ARRAY['proposed'::text, 'endorsed'::text]));
CREATE TRIGGER cooling_off AFTER UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION accounts_cooling_off();
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.account');
CREATE TRIGGER immutable BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION guard_columns('owner_kind', 'owner_id', 'revision', 'bank_code', 'number_index', 'name_index', 'proposed_by');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{proposed}', '{proposed>endorsed,endorsed>confirmed,proposed>retired,endorsed>retired,confirmed>retired,confirmed>closed}');
CREATE TRIGGER one_owner AFTER UPDATE ON accounts FOR EACH ROW WHEN (new.status <> old.status AND (new.status = ANY (ARRAY['endorsed'::text, 'confirmed'::text]))) EXECUTE FUNCTION accounts_one_owner();
CREATE TRIGGER step AFTER INSERT OR UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION guard_step('{"endorsed": ["endorsed_by", "endorsed_name_index"],
      "confirmed": ["confirmed_by", "confirmed_name_index", "usable_from"]}', '{endorsed_by,endorsed_name_index,confirmed_by,confirmed_name_index,usable_from}');
GRANT INSERT, SELECT, UPDATE (status, version, endorsed_by, endorsed_name_index, confirmed_by, confirmed_name_index, usable_from) ON accounts TO payout_api;
GRANT SELECT, UPDATE (status, version) ON accounts TO payout_worker;

CREATE TABLE bank_report_rows (
    id uuid NOT NULL,
    report_id uuid NOT NULL,
    number integer NOT NULL,
    file_id uuid,
    named_id uuid,
    instruction_id uuid,
    answer text,
    amount_fen bigint,
    number_index bytea,
    reason text,
    outcome text,
    judged_at timestamp with time zone,
    proposed_by uuid,
    dismissed_by uuid,
    dismissed_at timestamp with time zone,
    kind text NOT NULL DEFAULT 'answer'::text,
    reference text,
    booked_on date,
    CONSTRAINT pk_bank_report_rows PRIMARY KEY (id),
    CONSTRAINT uq_bank_report_rows_number UNIQUE (report_id, number),
    CONSTRAINT fk_bank_report_rows_dismissed_by FOREIGN KEY (dismissed_by) REFERENCES persons(id),
    CONSTRAINT fk_bank_report_rows_instruction_id FOREIGN KEY (instruction_id) REFERENCES instructions(id),
    CONSTRAINT fk_bank_report_rows_item FOREIGN KEY (instruction_id, file_id) REFERENCES payment_file_items(instruction_id, file_id),
    CONSTRAINT fk_bank_report_rows_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT fk_bank_report_rows_report FOREIGN KEY (report_id, file_id) REFERENCES bank_reports(id, file_id),
    CONSTRAINT fk_bank_report_rows_report_id FOREIGN KEY (report_id) REFERENCES bank_reports(id),
    CONSTRAINT ck_bank_report_rows_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_bank_report_rows_answer CHECK (answer = ANY (ARRAY['paid'::text, 'failed'::text, 'accepted'::text])),
    CONSTRAINT ck_bank_report_rows_columns CHECK (
CASE kind
    WHEN 'answer'::text THEN num_nonnulls(file_id, answer) = 2 AND num_nonnulls(reference, booked_on) = 0
    WHEN 'returned'::text THEN num_nonnulls(reference, booked_on, amount_fen, reason) = 4 AND num_nonnulls(file_id, answer, number_index) = 0
    WHEN 'incoming'::text THEN num_nonnulls(reference, booked_on, amount_fen) = 3 AND num_nonnulls(file_id, answer, number_index, named_id, instruction_id, reason) = 0
    ELSE false
END),
    CONSTRAINT ck_bank_report_rows_dismissed CHECK ((dismissed_by IS NULL) = (dismissed_at IS NULL)),
    CONSTRAINT ck_bank_report_rows_distinct_persons CHECK (proposed_by <> dismissed_by),
    CONSTRAINT ck_bank_report_rows_held CHECK (proposed_by IS NULL OR COALESCE(outcome = ANY (ARRAY['contradictory'::text, 'mismatched'::text, 'unmatched'::text]), false)),
    CONSTRAINT ck_bank_report_rows_judged CHECK ((outcome IS NULL) = (judged_at IS NULL)),
    CONSTRAINT ck_bank_report_rows_matched CHECK (
CASE kind
    WHEN 'incoming'::text THEN COALESCE(outcome = ANY (ARRAY['applied'::text, 'known'::text, 'contradictory'::text]), true)
    ELSE outcome IS NULL OR (outcome = 'unmatched'::text) = (instruction_id IS NULL)
END),
    CONSTRAINT ck_bank_report_rows_number CHECK (number > 0),
    CONSTRAINT ck_bank_report_rows_outcome CHECK (outcome = ANY (ARRAY['applied'::text, 'known'::text, 'contradictory'::text, 'mismatched'::text, 'unmatched'::text])),
    CONSTRAINT ck_bank_report_rows_proposed CHECK (dismissed_by IS NULL OR proposed_by IS NOT NULL),
    CONSTRAINT ck_bank_report_rows_reason CHECK (reason ~ '^[a-z][a-z0-9_]{0,47}$'::text),
    CONSTRAINT ck_bank_report_rows_reference CHECK (reference ~ '^[0-9A-Za-z][0-9A-Za-z./_-]{0,34}$'::text)
);
CREATE INDEX ix_bank_report_rows_held ON bank_report_rows USING btree (id) WHERE ((outcome = ANY (ARRAY['contradictory'::text, 'mismatched'::text, 'unmatched'::text])) AND (dismissed_at IS NULL));
CREATE INDEX ix_bank_report_rows_waiting ON bank_report_rows USING btree (report_id, number) WHERE (outcome IS NULL);
CREATE UNIQUE INDEX uq_bank_report_rows_applied ON bank_report_rows USING btree (kind, instruction_id) WHERE (outcome = 'applied'::text);
CREATE UNIQUE INDEX uq_bank_report_rows_credited ON bank_report_rows USING btree (reference) WHERE (outcome = 'applied'::text);
CREATE CONSTRAINT TRIGGER applied AFTER UPDATE ON bank_report_rows DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.kind = 'answer'::text AND new.outcome = 'applied'::text AND old.outcome IS NULL) EXECUTE FUNCTION bank_report_rows_applied();
CREATE TRIGGER by_two BEFORE UPDATE ON bank_report_rows FOR EACH ROW EXECUTE FUNCTION guard_set_aside();
CREATE CONSTRAINT TRIGGER credited AFTER UPDATE ON bank_report_rows DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.kind <> 'answer'::text AND (new.outcome = ANY (ARRAY['applied'::text, 'known'::text])) AND old.outcome IS NULL) EXECUTE FUNCTION bank_report_rows_credited();
CREATE TRIGGER immutable BEFORE UPDATE ON bank_report_rows FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'report_id', 'number', 'file_id', 'named_id', 'instruction_id', 'answer', 'amount_fen', 'number_index', 'reason');
CREATE TRIGGER immutable_credit BEFORE UPDATE ON bank_report_rows FOR EACH ROW EXECUTE FUNCTION guard_columns('kind', 'reference', 'booked_on');
CREATE TRIGGER judged BEFORE UPDATE ON bank_report_rows FOR EACH ROW WHEN (new.outcome IS DISTINCT FROM old.outcome OR new.judged_at IS DISTINCT FROM old.judged_at) EXECUTE FUNCTION bank_report_rows_judged();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON bank_report_rows FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER whole AFTER INSERT ON bank_report_rows REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION bank_report_rows_whole();
GRANT INSERT, SELECT, UPDATE (proposed_by, dismissed_by, dismissed_at) ON bank_report_rows TO payout_api;
GRANT SELECT, UPDATE (outcome, judged_at) ON bank_report_rows TO payout_worker;

CREATE TABLE bank_reports (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    file_id uuid,
    digest text NOT NULL,
    count integer NOT NULL,
    uploaded_by uuid NOT NULL,
    confirmed_by uuid,
    CONSTRAINT pk_bank_reports PRIMARY KEY (id),
    CONSTRAINT uq_bank_reports_file UNIQUE (id, file_id),
    CONSTRAINT fk_bank_reports_confirmed_by FOREIGN KEY (confirmed_by) REFERENCES persons(id),
    CONSTRAINT fk_bank_reports_file_id FOREIGN KEY (file_id) REFERENCES payment_files(id),
    CONSTRAINT fk_bank_reports_uploaded_by FOREIGN KEY (uploaded_by) REFERENCES persons(id),
    CONSTRAINT ck_bank_reports_confirmed CHECK ((status <> ALL (ARRAY['confirmed'::text, 'applied'::text])) OR confirmed_by IS NOT NULL),
    CONSTRAINT ck_bank_reports_count CHECK (count > 0),
    CONSTRAINT ck_bank_reports_digest CHECK (digest ~ '^[0-9a-f]{64}$'::text),
    CONSTRAINT ck_bank_reports_distinct_persons CHECK (uploaded_by <> confirmed_by)
);
CREATE INDEX ix_bank_reports_overdue ON bank_reports USING btree (status, entered_at) WHERE (status = 'uploaded'::text);
CREATE UNIQUE INDEX uq_bank_reports_digest ON bank_reports USING btree (digest) WHERE (status <> 'rejected'::text);
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON bank_reports DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.bank_report');
CREATE CONSTRAINT TRIGGER filled AFTER INSERT ON bank_reports DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bank_reports_filled();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON bank_reports FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{uploaded}', '{uploaded>confirmed,uploaded>rejected,confirmed>applied}');
CREATE TRIGGER moved BEFORE UPDATE ON bank_reports FOR EACH ROW WHEN (new.status <> old.status) EXECUTE FUNCTION bank_reports_moved();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON bank_reports FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER step AFTER INSERT OR UPDATE ON bank_reports FOR EACH ROW EXECUTE FUNCTION guard_step('{"confirmed": ["confirmed_by"]}', '{confirmed_by}');
GRANT INSERT, SELECT, UPDATE (status, version, confirmed_by) ON bank_reports TO payout_api;
GRANT SELECT, UPDATE (status, version) ON bank_reports TO payout_worker;

CREATE TABLE business_clock (
    id smallint NOT NULL,
    offset interval NOT NULL,
    movable boolean NOT NULL,
    moved_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_business_clock PRIMARY KEY (id),
    CONSTRAINT ck_business_clock_immovable CHECK (movable OR "offset" = '00:00:00'::interval),
    CONSTRAINT ck_business_clock_never_back CHECK ("offset" >= '00:00:00'::interval),
    CONSTRAINT ck_business_clock_one_row CHECK (id = 1)
);
GRANT SELECT ON business_clock TO payout_api;
GRANT SELECT ON business_clock TO payout_worker;

CREATE TABLE calendar_exceptions (
    day date NOT NULL,
    works boolean NOT NULL,
    CONSTRAINT pk_calendar_exceptions PRIMARY KEY (day)
);
GRANT SELECT ON calendar_exceptions TO payout_api;
GRANT SELECT ON calendar_exceptions TO payout_worker;

CREATE TABLE certificate_copies (
    certificate_id uuid NOT NULL,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    kind text NOT NULL,
    act text NOT NULL,
    assessed_on date,
    issued_on date NOT NULL,
    priced_on date NOT NULL,
    jws text NOT NULL,
    copied_at timestamp with time zone NOT NULL,
    occasion text NOT NULL DEFAULT 'first'::text,
    CONSTRAINT pk_certificate_copies PRIMARY KEY (certificate_id),
    CONSTRAINT uq_certificate_copies_payable UNIQUE (certificate_id, person_id, skill_code, level, occasion),
    CONSTRAINT ck_certificate_copies_act CHECK (act = ANY (ARRAY['first'::text, 'review'::text])),
    CONSTRAINT ck_certificate_copies_level CHECK (level >= 0 AND level <= 5),
    CONSTRAINT ck_certificate_copies_occasion CHECK (act = split_part(occasion, ':'::text, 1)),
    CONSTRAINT ck_certificate_copies_priced_on CHECK (priced_on = COALESCE(assessed_on, issued_on))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON certificate_copies FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT SELECT ON certificate_copies TO payout_api;
GRANT INSERT, SELECT ON certificate_copies TO payout_worker;

CREATE TABLE certificate_statuses (
    certificate_id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    row_lock boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_certificate_statuses PRIMARY KEY (certificate_id),
    CONSTRAINT ck_certificate_statuses_row_lock CHECK (NOT row_lock),
    CONSTRAINT ck_certificate_statuses_status CHECK (status = ANY (ARRAY['imported'::text, 'valid'::text, 'suspended'::text, 'revoked'::text, 'expired'::text, 'superseded'::text]))
);
CREATE TRIGGER monotonic BEFORE UPDATE ON certificate_statuses FOR EACH ROW EXECUTE FUNCTION certificate_statuses_monotonic();
GRANT SELECT, UPDATE (row_lock) ON certificate_statuses TO payout_api;
GRANT INSERT, SELECT, UPDATE ON certificate_statuses TO payout_worker;

CREATE TABLE class_facts (
    class_id uuid NOT NULL,
    verified_on date NOT NULL,
    CONSTRAINT pk_class_facts PRIMARY KEY (class_id)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON class_facts FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT SELECT ON class_facts TO payout_api;
GRANT INSERT, SELECT ON class_facts TO payout_worker;

CREATE TABLE clawback_movements (
    id uuid NOT NULL,
    clawback_id uuid NOT NULL,
    payout_id uuid NOT NULL,
    kind text NOT NULL,
    amount_fen bigint NOT NULL,
    instruction_id uuid,
    incoming_id uuid,
    matched_by uuid,
    business_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_clawback_movements PRIMARY KEY (id),
    CONSTRAINT fk_clawback_movements_clawback FOREIGN KEY (clawback_id, payout_id) REFERENCES clawbacks(id, payout_id),
    CONSTRAINT fk_clawback_movements_incoming_id FOREIGN KEY (incoming_id) REFERENCES incoming_payments(id),
    CONSTRAINT fk_clawback_movements_matched_by FOREIGN KEY (matched_by) REFERENCES persons(id),
    CONSTRAINT fk_clawback_movements_offset FOREIGN KEY (instruction_id, clawback_id) REFERENCES clawback_offsets(instruction_id, clawback_id),
    CONSTRAINT ck_clawback_movements_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_clawback_movements_incoming CHECK ((kind = 'incoming'::text) = (incoming_id IS NOT NULL)),
    CONSTRAINT ck_clawback_movements_kind CHECK (kind = ANY (ARRAY['debt'::text, 'offset'::text, 'incoming'::text, 'write_off'::text])),
    CONSTRAINT ck_clawback_movements_offset CHECK ((kind = 'offset'::text) = (instruction_id IS NOT NULL))
);
CREATE INDEX ix_clawback_movements_clawback ON clawback_movements USING btree (clawback_id, id);
CREATE UNIQUE INDEX uq_clawback_movements_debt ON clawback_movements USING btree (clawback_id) WHERE (kind = 'debt'::text);
CREATE UNIQUE INDEX uq_clawback_movements_offset ON clawback_movements USING btree (instruction_id, clawback_id) WHERE (kind = 'offset'::text);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON clawback_movements FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE CONSTRAINT TRIGGER money AFTER INSERT ON clawback_movements DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_money();
CREATE TRIGGER move AFTER INSERT ON clawback_movements FOR EACH ROW EXECUTE FUNCTION clawback_movements_move();
CREATE CONSTRAINT TRIGGER set_off AFTER INSERT ON clawback_movements DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.kind = 'offset'::text) EXECUTE FUNCTION payouts_set_off();
GRANT INSERT, SELECT ON clawback_movements TO payout_api;
GRANT INSERT, SELECT ON clawback_movements TO payout_worker;

CREATE TABLE clawback_offsets (
    instruction_id uuid NOT NULL,
    clawback_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    CONSTRAINT pk_clawback_offsets PRIMARY KEY (instruction_id, clawback_id),
    CONSTRAINT fk_clawback_offsets_clawback_id FOREIGN KEY (clawback_id) REFERENCES clawbacks(id),
    CONSTRAINT fk_clawback_offsets_instruction_id FOREIGN KEY (instruction_id) REFERENCES instructions(id),
    CONSTRAINT ck_clawback_offsets_amount CHECK (amount_fen > 0)
);
CREATE INDEX ix_clawback_offsets_clawback ON clawback_offsets USING btree (clawback_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON clawback_offsets FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE CONSTRAINT TRIGGER sent AFTER INSERT ON clawback_offsets DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION clawback_offsets_sent();
CREATE TRIGGER within AFTER INSERT ON clawback_offsets FOR EACH ROW EXECUTE FUNCTION clawback_offsets_within();
GRANT SELECT ON clawback_offsets TO payout_api;
GRANT INSERT, SELECT ON clawback_offsets TO payout_worker;

CREATE TABLE clawbacks (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    payout_id uuid NOT NULL,
    fund_id uuid NOT NULL,
    area text NOT NULL,
    debtor_kind text NOT NULL,
    debtor_id text NOT NULL,
    amount_fen bigint NOT NULL,
    outstanding_fen bigint NOT NULL DEFAULT '0'::bigint,
    reason_code text NOT NULL,
    due_on date,
    measure text,
    measure_by uuid,
    endorsed_by uuid,
    decided_by uuid,
    measure_parts smallint,
    measure_due_on date,
    plan_parts smallint,
    plan_due_on date,
    plan_fen bigint,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_clawbacks PRIMARY KEY (id),
    CONSTRAINT uq_clawbacks_payout_id UNIQUE (id, payout_id),
    CONSTRAINT fk_clawbacks_decided_by FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT fk_clawbacks_endorsed_by FOREIGN KEY (endorsed_by) REFERENCES persons(id),
    CONSTRAINT fk_clawbacks_fund FOREIGN KEY (payout_id, fund_id) REFERENCES payouts(id, fund_id),
    CONSTRAINT fk_clawbacks_measure_by FOREIGN KEY (measure_by) REFERENCES persons(id),
    CONSTRAINT fk_clawbacks_payout FOREIGN KEY (payout_id, amount_fen, debtor_kind, debtor_id) REFERENCES payouts(id, amount_fen, payee_kind, payee_id),
    CONSTRAINT ck_clawbacks_distinct_persons CHECK (measure_by <> endorsed_by AND measure_by <> decided_by AND endorsed_by <> decided_by),
    CONSTRAINT ck_clawbacks_due CHECK ((status = ANY (ARRAY['proposed'::text, 'rejected'::text])) OR due_on IS NOT NULL),
    CONSTRAINT ck_clawbacks_ended CHECK ((status <> ALL (ARRAY['settled'::text, 'written_off'::text])) OR outstanding_fen = 0),
    CONSTRAINT ck_clawbacks_measure CHECK (measure = ANY (ARRAY['fraud'::text, 'instalments'::text, 'enforcement'::text, 'write_off'::text])),
    CONSTRAINT ck_clawbacks_outstanding CHECK (outstanding_fen >= 0 AND outstanding_fen <= amount_fen),
    CONSTRAINT ck_clawbacks_parts CHECK (measure <> 'instalments'::text OR measure_parts IS NOT NULL AND measure_due_on IS NOT NULL),
    CONSTRAINT ck_clawbacks_proposed CHECK (measure IS NULL OR measure_by IS NOT NULL)
);
CREATE INDEX ix_clawbacks_debtor ON clawbacks USING btree (debtor_id, fund_id);
CREATE INDEX ix_clawbacks_status ON clawbacks USING btree (status, id);
CREATE UNIQUE INDEX uq_clawbacks_payout ON clawbacks USING btree (payout_id) WHERE (status <> 'rejected'::text);
CREATE TRIGGER decided BEFORE UPDATE ON clawbacks FOR EACH ROW WHEN (new.status <> old.status AND (new.status = ANY (ARRAY['open'::text, 'instalments'::text, 'enforced'::text, 'written_off'::text]))) EXECUTE FUNCTION clawbacks_decided();
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON clawbacks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.clawback');
CREATE TRIGGER immutable BEFORE UPDATE ON clawbacks FOR EACH ROW EXECUTE FUNCTION guard_columns('payout_id', 'fund_id', 'area', 'debtor_kind', 'debtor_id', 'amount_fen', 'created_at');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON clawbacks FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{proposed,open}', '{proposed>open,proposed>rejected,open>instalments,overdue>instalments,open>overdue,instalments>overdue,open>enforced,instalments>enforced,overdue>enforced,open>written_off,instalments>written_off,overdue>written_off,enforced>written_off,open>settled,instalments>settled,overdue>settled,enforced>settled}');
CREATE CONSTRAINT TRIGGER money AFTER INSERT OR UPDATE OF outstanding_fen ON clawbacks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_money();
CREATE TRIGGER opened BEFORE INSERT ON clawbacks FOR EACH ROW EXECUTE FUNCTION clawbacks_opened();
CREATE TRIGGER step AFTER INSERT OR UPDATE ON clawbacks FOR EACH ROW EXECUTE FUNCTION guard_step('{"+": ["outstanding_fen"],
      "=": ["measure", "measure_by", "endorsed_by", "decided_by", "measure_parts", "measure_due_on"],
      "open": ["reason_code", "due_on", "measure", "decided_by"],
      "instalments": ["measure", "decided_by", "plan_parts", "plan_due_on", "plan_fen", "due_on"],
      "enforced": ["measure", "decided_by"], "written_off": ["measure", "decided_by"],
      "settled": ["measure"], "rejected": ["measure"]}', '{endorsed_by,decided_by,measure_parts,measure_due_on,plan_parts,plan_due_on,plan_fen}');
GRANT INSERT, SELECT, UPDATE (status, version, reason_code, due_on, measure, measure_by, endorsed_by, decided_by, measure_parts, measure_due_on, plan_parts, plan_due_on, plan_fen) ON clawbacks TO payout_api;
GRANT INSERT, SELECT, UPDATE (status, version, reason_code, due_on, measure, decided_by) ON clawbacks TO payout_worker;

CREATE TABLE dated_rules (
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    value bigint NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_dated_rules PRIMARY KEY (name, valid_from),
    CONSTRAINT ex_dated_rules_days EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&),
    CONSTRAINT ck_dated_rules_days CHECK (valid_to >= valid_from),
    CONSTRAINT ck_dated_rules_value CHECK (value >= 0)
);
GRANT SELECT ON dated_rules TO payout_api;
GRANT SELECT ON dated_rules TO payout_worker;

CREATE TABLE deliveries (
    instruction_id uuid NOT NULL,
    payout_id uuid NOT NULL,
    calls integer NOT NULL DEFAULT 0,
    next_call_at timestamp with time zone NOT NULL,
    given_at timestamp with time zone,
    outcome text,
    reason text,
    answered_at timestamp with time zone,
    amount_fen bigint NOT NULL,
    returned_at timestamp with time zone,
    channel text NOT NULL DEFAULT 'http'::text,
    CONSTRAINT pk_deliveries PRIMARY KEY (instruction_id),
    CONSTRAINT fk_deliveries_instruction FOREIGN KEY (instruction_id, payout_id) REFERENCES instructions(id, payout_id),
    CONSTRAINT ck_deliveries_amount CHECK (amount_fen >= 0),
    CONSTRAINT ck_deliveries_answered CHECK ((outcome IS NULL) = (answered_at IS NULL)),
    CONSTRAINT ck_deliveries_called CHECK (channel = 'http'::text OR calls = 0),
    CONSTRAINT ck_deliveries_calls CHECK (calls >= 0),
    CONSTRAINT ck_deliveries_outcome CHECK (outcome = ANY (ARRAY['paid'::text, 'failed'::text, 'returned'::text])),
    CONSTRAINT ck_deliveries_returned CHECK ((returned_at IS NOT NULL) = (NOT outcome IS DISTINCT FROM 'returned'::text))
);
CREATE INDEX ix_deliveries_due ON deliveries USING btree (next_call_at) WHERE ((outcome IS NULL) AND (channel = 'http'::text));
CREATE INDEX ix_deliveries_unwritten ON deliveries USING btree (instruction_id) WHERE ((given_at IS NULL) AND (channel <> 'http'::text));
CREATE UNIQUE INDEX uq_deliveries_live ON deliveries USING btree (payout_id) WHERE ((outcome IS NULL) OR (outcome = 'paid'::text));
CREATE TRIGGER by_channel BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION deliveries_by_channel();
CREATE TRIGGER final BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION deliveries_final();
CREATE TRIGGER immutable BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION guard_columns('channel');
CREATE TRIGGER in_file BEFORE UPDATE ON deliveries FOR EACH ROW WHEN (new.channel <> 'http'::text AND new.given_at IS DISTINCT FROM old.given_at) EXECUTE FUNCTION deliveries_in_file();
CREATE TRIGGER owed AFTER INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION deliveries_owed();
CREATE CONSTRAINT TRIGGER reported AFTER UPDATE ON deliveries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.channel <> 'http'::text AND old.outcome IS NULL AND new.outcome IS NOT NULL) EXECUTE FUNCTION deliveries_reported();
GRANT SELECT ON deliveries TO payout_api;
GRANT INSERT, SELECT, UPDATE (calls, next_call_at, given_at, outcome, reason, answered_at, returned_at) ON deliveries TO payout_worker;

CREATE TABLE fund_rules (
    fund_source text NOT NULL,
    programme text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    audience text NOT NULL,
    confirm text NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_fund_rules PRIMARY KEY (fund_source, programme, valid_from),
    CONSTRAINT ex_fund_rules_overlap EXCLUDE USING gist (fund_source WITH =, programme WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&)
);
GRANT SELECT ON fund_rules TO payout_api;
GRANT SELECT ON fund_rules TO payout_worker;

CREATE TABLE funds (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    fund_source text NOT NULL,
    area text NOT NULL,
    year smallint NOT NULL,
    budget_fen bigint NOT NULL DEFAULT '0'::bigint,
    reserved_fen bigint NOT NULL DEFAULT '0'::bigint,
    spent_fen bigint NOT NULL DEFAULT '0'::bigint,
    approved_fen bigint NOT NULL DEFAULT '0'::bigint,
    proposed_fen bigint,
    proposed_by uuid NOT NULL,
    approved_by uuid,
    receivable_fen bigint NOT NULL DEFAULT '0'::bigint,
    written_off_fen bigint NOT NULL DEFAULT '0'::bigint,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    proposed_status text,
    CONSTRAINT pk_funds PRIMARY KEY (id),
    CONSTRAINT fk_funds_approved_by FOREIGN KEY (approved_by) REFERENCES persons(id),
    CONSTRAINT fk_funds_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT ck_funds_approved CHECK (approved_fen >= 0),
    CONSTRAINT ck_funds_distinct_persons CHECK (proposed_by <> approved_by),
    CONSTRAINT ck_funds_not_negative CHECK (budget_fen >= 0 AND reserved_fen >= 0 AND spent_fen >= 0 AND receivable_fen >= 0 AND written_off_fen >= 0),
    CONSTRAINT ck_funds_one_proposal CHECK (num_nonnulls(proposed_fen, proposed_status) < 2),
    CONSTRAINT ck_funds_proposed CHECK (proposed_fen <> 0),
    CONSTRAINT ck_funds_proposed_status CHECK (proposed_status = ANY (ARRAY['carried_over'::text, 'closed'::text])),
    CONSTRAINT ck_funds_within_budget CHECK ((reserved_fen + spent_fen + receivable_fen + written_off_fen) <= budget_fen),
    CONSTRAINT ck_funds_year CHECK (year >= 2021 AND year <= 2099)
);
CREATE UNIQUE INDEX uq_funds_key ON funds USING btree (fund_source, area, year) WHERE (status <> 'rejected'::text);
CREATE CONSTRAINT TRIGGER as_approved AFTER INSERT OR UPDATE OF budget_fen, approved_fen ON funds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.budget_fen <> 0 OR new.approved_fen <> 0) EXECUTE FUNCTION funds_as_approved();
CREATE TRIGGER by_two BEFORE UPDATE ON funds FOR EACH ROW WHEN (new.approved_fen <> old.approved_fen OR new.status <> old.status AND (new.status = ANY (ARRAY['carried_over'::text, 'closed'::text]))) EXECUTE FUNCTION funds_by_two();
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON funds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.fund');
CREATE TRIGGER immutable BEFORE UPDATE ON funds FOR EACH ROW EXECUTE FUNCTION guard_columns('fund_source', 'area', 'year');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON funds FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{proposed}', '{proposed>open,proposed>rejected,open>carried_over,open>closed,carried_over>closed}');
GRANT INSERT (id, status, version, open_holds, created_at, fund_source, area, year, proposed_fen, proposed_by, approved_by, proposed_status), SELECT, UPDATE (status, version, approved_fen, proposed_fen, proposed_by, approved_by, proposed_status) ON funds TO payout_api;
GRANT SELECT, UPDATE (status, version) ON funds TO payout_worker;

CREATE TABLE idempotency_keys (
    principal text NOT NULL,
    method text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    body_hash bytea NOT NULL,
    response_status smallint,
    response_body text,
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (principal, method, route, key)
);
GRANT INSERT, SELECT, UPDATE (response_status, response_body) ON idempotency_keys TO payout_api;
GRANT DELETE, SELECT ON idempotency_keys TO payout_worker;

CREATE TABLE incoming_payments (
    id uuid NOT NULL,
    reference text NOT NULL,
    amount_fen bigint NOT NULL,
    matched_fen bigint NOT NULL DEFAULT '0'::bigint,
    received_on date NOT NULL,
    recorded_by uuid,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_incoming_payments PRIMARY KEY (id),
    CONSTRAINT uq_incoming_payments_reference UNIQUE (reference),
    CONSTRAINT fk_incoming_payments_recorded_by FOREIGN KEY (recorded_by) REFERENCES persons(id),
    CONSTRAINT ck_incoming_payments_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_incoming_payments_matched CHECK (matched_fen >= 0 AND matched_fen <= amount_fen)
);
CREATE INDEX ix_incoming_payments_free ON incoming_payments USING btree (id) WHERE (matched_fen < amount_fen);
CREATE TRIGGER immutable BEFORE UPDATE ON incoming_payments FOR EACH ROW EXECUTE FUNCTION guard_columns('reference', 'amount_fen', 'received_on', 'recorded_by', 'recorded_at');
CREATE TRIGGER named BEFORE INSERT ON incoming_payments FOR EACH ROW EXECUTE FUNCTION incoming_payments_named();
GRANT INSERT, SELECT ON incoming_payments TO payout_api;
GRANT INSERT, SELECT ON incoming_payments TO payout_worker;

CREATE TABLE institution_facts (
    credit_code text NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    row_lock boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_institution_facts PRIMARY KEY (credit_code),
    CONSTRAINT ck_institution_facts_row_lock CHECK (NOT row_lock),
    CONSTRAINT ck_institution_facts_status CHECK (status = ANY (ARRAY['applied'::text, 'listed'::text, 'warned'::text, 'suspended'::text, 'removed'::text]))
);
GRANT SELECT, UPDATE (row_lock) ON institution_facts TO payout_api;
GRANT INSERT, SELECT, UPDATE ON institution_facts TO payout_worker;

CREATE TABLE instructions (
    id uuid NOT NULL,
    payout_id uuid NOT NULL,
    attempt integer NOT NULL,
    account_id uuid NOT NULL,
    payee_kind text NOT NULL,
    payee_id text NOT NULL,
    amount_fen bigint NOT NULL,
    pinned_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_instructions PRIMARY KEY (id),
    CONSTRAINT uq_instructions_attempt UNIQUE (payout_id, attempt),
    CONSTRAINT uq_instructions_payout UNIQUE (id, payout_id),
    CONSTRAINT fk_instructions_account FOREIGN KEY (account_id, payee_kind, payee_id) REFERENCES accounts(id, owner_kind, owner_id),
    CONSTRAINT fk_instructions_payout FOREIGN KEY (payout_id, amount_fen, payee_kind, payee_id) REFERENCES payouts(id, amount_fen, payee_kind, payee_id),
    CONSTRAINT ck_instructions_attempt CHECK (attempt > 0),
    CONSTRAINT ck_instructions_own_id CHECK ((attempt = 1) = (id = payout_id))
);
CREATE TRIGGER after_death AFTER INSERT ON instructions FOR EACH ROW WHEN (new.payee_kind = 'worker'::text) EXECUTE FUNCTION instructions_after_death();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON instructions FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER usable AFTER INSERT ON instructions FOR EACH ROW EXECUTE FUNCTION instructions_usable();
CREATE TRIGGER with_approval AFTER INSERT ON instructions FOR EACH ROW EXECUTE FUNCTION instructions_of_approval();
GRANT INSERT, SELECT ON instructions TO payout_api;
GRANT SELECT ON instructions TO payout_worker;

CREATE TABLE ledger_postings (
    transaction_id uuid NOT NULL,
    account text NOT NULL,
    fund_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    CONSTRAINT pk_ledger_postings PRIMARY KEY (transaction_id, account),
    CONSTRAINT fk_ledger_postings_transaction FOREIGN KEY (transaction_id, fund_id) REFERENCES ledger_transactions(id, fund_id),
    CONSTRAINT ck_ledger_postings_account CHECK (account = ANY (ARRAY['appropriation'::text, 'available'::text, 'reserved'::text, 'spent'::text, 'receivable'::text, 'written_off'::text])),
    CONSTRAINT ck_ledger_postings_amount CHECK (amount_fen <> 0)
);
CREATE INDEX ix_ledger_postings_balance ON ledger_postings USING btree (fund_id, account) INCLUDE (amount_fen);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_postings FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_postings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balanced();
CREATE TRIGGER move_funds AFTER INSERT ON ledger_postings REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_postings_move_funds();
CREATE TRIGGER reserve_in_year AFTER INSERT ON ledger_postings REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_reserves_in_year();
GRANT INSERT, SELECT ON ledger_postings TO payout_api;
GRANT INSERT, SELECT ON ledger_postings TO payout_worker;

CREATE TABLE ledger_transactions (
    id uuid NOT NULL,
    kind text NOT NULL,
    fund_id uuid NOT NULL,
    payout_id uuid,
    business_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_ledger_transactions PRIMARY KEY (id),
    CONSTRAINT uq_ledger_transactions_fund UNIQUE (id, fund_id),
    CONSTRAINT fk_ledger_transactions_fund_id FOREIGN KEY (fund_id) REFERENCES funds(id),
    CONSTRAINT fk_ledger_transactions_payout_id FOREIGN KEY (payout_id) REFERENCES payouts(id),
    CONSTRAINT ck_ledger_transactions_kind CHECK (kind = ANY (ARRAY['budget'::text, 'reduction'::text, 'reserve'::text, 'free'::text, 'spend'::text, 'return'::text, 'recall'::text, 'recover'::text, 'write_off'::text])),
    CONSTRAINT ck_ledger_transactions_payout CHECK ((kind = ANY (ARRAY['budget'::text, 'reduction'::text])) = (payout_id IS NULL))
);
CREATE INDEX ix_ledger_transactions_payout ON ledger_transactions USING btree (payout_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_transactions FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balanced();
CREATE CONSTRAINT TRIGGER money AFTER INSERT ON ledger_transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.payout_id IS NOT NULL) EXECUTE FUNCTION payouts_money();
CREATE TRIGGER worker_only BEFORE INSERT ON ledger_transactions FOR EACH ROW EXECUTE FUNCTION ledger_transactions_worker_only();
GRANT INSERT, SELECT ON ledger_transactions TO payout_api;
GRANT INSERT, SELECT ON ledger_transactions TO payout_worker;

CREATE TABLE merger_facts (
    record_id uuid NOT NULL,
    merged_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_merger_facts PRIMARY KEY (record_id)
);
GRANT INSERT, SELECT, UPDATE (merged_at) ON merger_facts TO payout_worker;

CREATE TABLE money_returns (
    id uuid NOT NULL,
    reference text NOT NULL,
    instruction_id uuid NOT NULL,
    payout_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    code text NOT NULL,
    taken boolean NOT NULL,
    reported_at timestamp with time zone NOT NULL,
    proposed_by uuid,
    dismissed_by uuid,
    dismissed_at timestamp with time zone,
    CONSTRAINT pk_money_returns PRIMARY KEY (id),
    CONSTRAINT fk_money_returns_dismissed_by FOREIGN KEY (dismissed_by) REFERENCES persons(id),
    CONSTRAINT fk_money_returns_instruction FOREIGN KEY (instruction_id, payout_id) REFERENCES instructions(id, payout_id),
    CONSTRAINT fk_money_returns_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT ck_money_returns_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_money_returns_dismissed CHECK ((dismissed_by IS NULL) = (dismissed_at IS NULL)),
    CONSTRAINT ck_money_returns_distinct_persons CHECK (proposed_by <> dismissed_by),
    CONSTRAINT ck_money_returns_proposed CHECK (dismissed_by IS NULL OR proposed_by IS NOT NULL),
    CONSTRAINT ck_money_returns_taken CHECK (NOT taken OR proposed_by IS NULL)
);
CREATE UNIQUE INDEX uq_money_returns_reference ON money_returns USING btree (reference);
CREATE UNIQUE INDEX uq_money_returns_taken ON money_returns USING btree (instruction_id) WHERE taken;
CREATE TRIGGER by_two BEFORE UPDATE ON money_returns FOR EACH ROW EXECUTE FUNCTION guard_set_aside();
CREATE TRIGGER immutable BEFORE UPDATE ON money_returns FOR EACH ROW EXECUTE FUNCTION guard_columns('reference', 'instruction_id', 'payout_id', 'amount_fen', 'code', 'taken', 'reported_at');
CREATE CONSTRAINT TRIGGER taken AFTER INSERT ON money_returns DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.taken) EXECUTE FUNCTION money_returns_taken();
GRANT SELECT, UPDATE (proposed_by, dismissed_by, dismissed_at) ON money_returns TO payout_api;
GRANT INSERT, SELECT ON money_returns TO payout_worker;

CREATE TABLE notices (
    id uuid NOT NULL,
    area text NOT NULL,
    published_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    published_by uuid NOT NULL,
    phone text NOT NULL,
    address text NOT NULL,
    CONSTRAINT pk_notices PRIMARY KEY (id),
    CONSTRAINT uq_notices_period UNIQUE (id, area, published_at, ends_at),
    CONSTRAINT fk_notices_published_by FOREIGN KEY (published_by) REFERENCES persons(id),
    CONSTRAINT ck_notices_contact CHECK (phone <> ''::text AND address <> ''::text),
    CONSTRAINT ck_notices_period CHECK (ends_at > published_at)
);
CREATE INDEX ix_notices_area ON notices USING btree (area, id);
CREATE INDEX ix_notices_ends_at ON notices USING btree (ends_at);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON notices FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON notices TO payout_api;
GRANT SELECT ON notices TO payout_worker;

CREATE TABLE objections (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    payout_id uuid NOT NULL,
    area text NOT NULL,
    objector_id uuid NOT NULL,
    filed_by uuid NOT NULL,
    channel text NOT NULL,
    statement bytea NOT NULL,
    evidence_digest text,
    due_on date NOT NULL,
    outcome text,
    reason_code text,
    proposed_by uuid,
    decided_by uuid,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    about text NOT NULL DEFAULT 'notice'::text,
    organisation text,
    CONSTRAINT pk_objections PRIMARY KEY (id),
    CONSTRAINT fk_objections_decided_by FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT fk_objections_filed_by FOREIGN KEY (filed_by) REFERENCES persons(id),
    CONSTRAINT fk_objections_objector_id FOREIGN KEY (objector_id) REFERENCES persons(id),
    CONSTRAINT fk_objections_payout_id FOREIGN KEY (payout_id) REFERENCES payouts(id),
    CONSTRAINT fk_objections_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT ck_objections_about CHECK (about = ANY (ARRAY['notice'::text, 'rejection'::text])),
    CONSTRAINT ck_objections_as_proposed CHECK ((status = ANY (ARRAY['filed'::text, 'proposed'::text, 'lodged'::text])) OR status = outcome),
    CONSTRAINT ck_objections_channel CHECK (channel = ANY (ARRAY['app'::text, 'counter'::text, 'officer'::text])),
    CONSTRAINT ck_objections_decided CHECK ((status = ANY (ARRAY['filed'::text, 'proposed'::text, 'lodged'::text])) = (decided_by IS NULL)),
    CONSTRAINT ck_objections_distinct_persons CHECK (proposed_by <> decided_by AND proposed_by <> objector_id AND decided_by <> objector_id),
    CONSTRAINT ck_objections_evidence CHECK (evidence_digest ~ '^[0-9a-f]{64}$'::text),
    CONSTRAINT ck_objections_organisation CHECK (organisation IS NULL OR about = 'rejection'::text),
    CONSTRAINT ck_objections_outcome CHECK (outcome = ANY (ARRAY['upheld'::text, 'dismissed'::text])),
    CONSTRAINT ck_objections_own CHECK (channel <> 'app'::text OR filed_by = objector_id),
    CONSTRAINT ck_objections_proposed CHECK (
CASE about
    WHEN 'notice'::text THEN status <> 'lodged'::text AND (status = 'filed'::text) = (proposed_by IS NULL)
    ELSE (status <> ALL (ARRAY['filed'::text, 'proposed'::text])) AND proposed_by IS NULL
END),
    CONSTRAINT ck_objections_reason CHECK (num_nonnulls(outcome, reason_code,
CASE about
    WHEN 'notice'::text THEN proposed_by
    ELSE decided_by
END) = ANY (ARRAY[0, 3]))
);
CREATE INDEX ix_objections_due ON objections USING btree (due_on) WHERE (status = ANY (ARRAY['filed'::text, 'proposed'::text, 'lodged'::text]));
CREATE INDEX ix_objections_objector ON objections USING btree (objector_id, id);
CREATE INDEX ix_objections_payout ON objections USING btree (payout_id);
CREATE UNIQUE INDEX uq_objections_open ON objections USING btree (payout_id, objector_id) WHERE (status = ANY (ARRAY['filed'::text, 'proposed'::text]));
CREATE UNIQUE INDEX uq_objections_rejection ON objections USING btree (payout_id) WHERE (about = 'rejection'::text);
CREATE TRIGGER about_as_made BEFORE UPDATE ON objections FOR EACH ROW EXECUTE FUNCTION guard_columns('about', 'organisation');
CREATE TRIGGER by_a_third AFTER UPDATE ON objections FOR EACH ROW WHEN (new.about = 'rejection'::text AND new.decided_by IS NOT NULL AND old.decided_by IS NULL) EXECUTE FUNCTION objections_by_a_third();
CREATE TRIGGER by_two AFTER UPDATE ON objections FOR EACH ROW WHEN (new.about = 'notice'::text AND new.decided_by IS NOT NULL AND old.decided_by IS NULL) EXECUTE FUNCTION objections_by_two();
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON objections DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.objection');
CREATE CONSTRAINT TRIGGER freezes AFTER INSERT OR UPDATE ON objections DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION objections_freeze();
CREATE TRIGGER immutable BEFORE UPDATE ON objections FOR EACH ROW EXECUTE FUNCTION guard_columns('payout_id', 'area', 'objector_id', 'filed_by', 'channel', 'statement', 'evidence_digest', 'due_on', 'created_at');
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON objections FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON objections FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{filed,lodged}', '{filed>proposed,proposed>filed,proposed>upheld,proposed>dismissed,lodged>upheld,lodged>dismissed}');
CREATE TRIGGER on_notice BEFORE INSERT ON objections FOR EACH ROW WHEN (new.about = 'notice'::text) EXECUTE FUNCTION objections_on_notice();
CREATE TRIGGER on_rejection BEFORE INSERT ON objections FOR EACH ROW WHEN (new.about = 'rejection'::text) EXECUTE FUNCTION objections_on_rejection();
CREATE CONSTRAINT TRIGGER reopens AFTER UPDATE ON objections DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.about = 'rejection'::text AND new.status = 'upheld'::text) EXECUTE FUNCTION objections_reopen();
CREATE TRIGGER step AFTER INSERT OR UPDATE ON objections FOR EACH ROW EXECUTE FUNCTION guard_step('{"proposed": ["outcome", "reason_code", "proposed_by"],
      "filed": ["outcome", "reason_code", "proposed_by"],
      "lodged>upheld": ["outcome", "reason_code", "decided_by"],
      "lodged>dismissed": ["outcome", "reason_code", "decided_by"],
      "upheld": ["decided_by"], "dismissed": ["decided_by"]}', '{outcome,reason_code,proposed_by,decided_by}');
GRANT INSERT, SELECT, UPDATE (status, version, outcome, reason_code, proposed_by, decided_by) ON objections TO payout_api;
GRANT SELECT ON objections TO payout_worker;

CREATE TABLE offsets (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    CONSTRAINT pk_offsets PRIMARY KEY (consumer, topic, partition)
);
GRANT INSERT, SELECT, UPDATE ON offsets TO payout_worker;

CREATE TABLE outbox (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    partition smallint NOT NULL,
    envelope text NOT NULL,
    written_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT ck_outbox_carriable CHECK (octet_length(envelope) <= 262144 AND octet_length(aggregate_id) <= 200 AND partition >= 0 AND partition <= 11),
    CONSTRAINT ck_outbox_own_events CHECK (split_part(aggregate_type, '.'::text, 1) = own_service())
);
CREATE INDEX ix_outbox_partition_id ON outbox USING btree (partition, id);
CREATE UNIQUE INDEX uq_outbox_version ON outbox USING btree (aggregate_type, aggregate_id, version);
GRANT INSERT (aggregate_type, aggregate_id, version, partition, envelope) ON outbox TO payout_api;
GRANT DELETE, INSERT, SELECT ON outbox TO payout_worker;

CREATE TABLE parked_discards (
    id bigint NOT NULL,
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_type text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    envelope bytea NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    parked_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    first_account text NOT NULL,
    first_person uuid NOT NULL,
    second_account text NOT NULL,
    second_person uuid NOT NULL,
    discarded_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_parked_discards PRIMARY KEY (id),
    CONSTRAINT ck_parked_discards_distinct_persons CHECK (first_person <> second_person),
    CONSTRAINT ck_parked_discards_reason CHECK (reason <> ''::text)
);
CREATE UNIQUE INDEX uq_parked_discards_place ON parked_discards USING btree (consumer, topic, partition, "position");
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON parked_discards FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON parked_discards TO payout_worker;

CREATE TABLE parked_events (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_type text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    envelope bytea NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    parked_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_parked_events PRIMARY KEY (id)
);
CREATE INDEX ix_parked_events_aggregate ON parked_events USING btree (aggregate_id, aggregate_type, consumer, version);
CREATE UNIQUE INDEX uq_parked_events_place ON parked_events USING btree (consumer, topic, partition, "position");
GRANT SELECT ON parked_events TO payout_api;
GRANT DELETE, INSERT, SELECT ON parked_events TO payout_worker;

CREATE TABLE payment_batch_items (
    payout_id uuid NOT NULL,
    attempt integer NOT NULL,
    batch_id uuid NOT NULL,
    fund_id uuid NOT NULL,
    CONSTRAINT pk_payment_batch_items PRIMARY KEY (payout_id, attempt),
    CONSTRAINT fk_payment_batch_items_batch FOREIGN KEY (batch_id, fund_id) REFERENCES payment_batches(id, fund_id),
    CONSTRAINT fk_payment_batch_items_instruction FOREIGN KEY (payout_id, attempt) REFERENCES instructions(payout_id, attempt),
    CONSTRAINT fk_payment_batch_items_payout FOREIGN KEY (payout_id, fund_id) REFERENCES payouts(id, fund_id)
);
CREATE INDEX ix_payment_batch_items_batch ON payment_batch_items USING btree (batch_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payment_batch_items FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON payment_batch_items TO payout_api;
GRANT SELECT ON payment_batch_items TO payout_worker;

CREATE TABLE payment_batches (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    fund_id uuid NOT NULL,
    area text NOT NULL,
    count integer NOT NULL,
    amount_fen bigint NOT NULL,
    built_by uuid NOT NULL,
    released_by uuid,
    second_release_above_fen bigint NOT NULL,
    endorsed_by uuid,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    channel text NOT NULL DEFAULT 'http'::text,
    CONSTRAINT pk_payment_batches PRIMARY KEY (id),
    CONSTRAINT uq_payment_batches_fund UNIQUE (id, fund_id),
    CONSTRAINT fk_payment_batches_built_by FOREIGN KEY (built_by) REFERENCES persons(id),
    CONSTRAINT fk_payment_batches_endorsed_by FOREIGN KEY (endorsed_by) REFERENCES persons(id),
    CONSTRAINT fk_payment_batches_fund_id FOREIGN KEY (fund_id) REFERENCES funds(id),
    CONSTRAINT fk_payment_batches_released_by FOREIGN KEY (released_by) REFERENCES persons(id),
    CONSTRAINT ck_payment_batches_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_payment_batches_channel CHECK (channel = ANY (ARRAY['http'::text, 'iso20022'::text, 'csv'::text])),
    CONSTRAINT ck_payment_batches_count CHECK (count > 0),
    CONSTRAINT ck_payment_batches_distinct_persons CHECK (built_by <> released_by AND built_by <> endorsed_by AND endorsed_by <> released_by),
    CONSTRAINT ck_payment_batches_released CHECK (status = 'built'::text OR released_by IS NOT NULL),
    CONSTRAINT ck_payment_batches_released_by_two CHECK (status = 'built'::text OR amount_fen <= second_release_above_fen OR endorsed_by IS NOT NULL)
);
CREATE INDEX ix_payment_batches_status ON payment_batches USING btree (status, id);
CREATE TRIGGER accepted BEFORE INSERT ON payment_batches FOR EACH ROW WHEN (new.channel <> 'http'::text) EXECUTE FUNCTION payment_batches_accepted();
CREATE TRIGGER by_two BEFORE INSERT ON payment_batches FOR EACH ROW EXECUTE FUNCTION payment_batches_by_two();
CREATE TRIGGER endorsed BEFORE UPDATE ON payment_batches FOR EACH ROW WHEN (new.endorsed_by IS DISTINCT FROM old.endorsed_by) EXECUTE FUNCTION payment_batches_by_two();
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON payment_batches DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.payment_batch');
CREATE TRIGGER immutable BEFORE UPDATE ON payment_batches FOR EACH ROW EXECUTE FUNCTION guard_columns('fund_id', 'area', 'count', 'amount_fen', 'built_by', 'second_release_above_fen', 'channel');
CREATE TRIGGER in_year BEFORE INSERT ON payment_batches FOR EACH ROW EXECUTE FUNCTION payment_batches_in_year();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON payment_batches FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{built}', '{built>released,released>settled}');
CREATE TRIGGER released_in_year BEFORE UPDATE ON payment_batches FOR EACH ROW WHEN (old.status = 'built'::text AND new.status = 'released'::text) EXECUTE FUNCTION payment_batches_in_year();
CREATE TRIGGER step AFTER INSERT OR UPDATE ON payment_batches FOR EACH ROW EXECUTE FUNCTION guard_step('{"=": ["endorsed_by"], "released": ["released_by"]}', '{endorsed_by,released_by}');
GRANT INSERT, SELECT, UPDATE (status, version, released_by, endorsed_by) ON payment_batches TO payout_api;
GRANT SELECT, UPDATE (status, version) ON payment_batches TO payout_worker;

CREATE TABLE payment_file_downloads (
    id uuid NOT NULL,
    file_id uuid NOT NULL,
    digest text NOT NULL,
    account text NOT NULL,
    person_id uuid NOT NULL,
    downloaded_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_payment_file_downloads PRIMARY KEY (id),
    CONSTRAINT fk_payment_file_downloads_file FOREIGN KEY (file_id, digest) REFERENCES payment_files(id, digest),
    CONSTRAINT fk_payment_file_downloads_person_id FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX ix_payment_file_downloads_file ON payment_file_downloads USING btree (file_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payment_file_downloads FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON payment_file_downloads TO payout_api;
GRANT SELECT ON payment_file_downloads TO payout_worker;

CREATE TABLE payment_file_items (
    instruction_id uuid NOT NULL,
    file_id uuid NOT NULL,
    CONSTRAINT pk_payment_file_items PRIMARY KEY (instruction_id),
    CONSTRAINT uq_payment_file_items_file UNIQUE (instruction_id, file_id),
    CONSTRAINT fk_payment_file_items_file_id FOREIGN KEY (file_id) REFERENCES payment_files(id),
    CONSTRAINT fk_payment_file_items_instruction_id FOREIGN KEY (instruction_id) REFERENCES deliveries(instruction_id)
);
CREATE INDEX ix_payment_file_items_file ON payment_file_items USING btree (file_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payment_file_items FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER of_batch AFTER INSERT ON payment_file_items REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payment_file_items_of_batch();
GRANT SELECT ON payment_file_items TO payout_api;
GRANT INSERT, SELECT ON payment_file_items TO payout_worker;

CREATE TABLE payment_files (
    id uuid NOT NULL,
    batch_id uuid NOT NULL,
    version integer NOT NULL,
    channel text NOT NULL,
    count integer NOT NULL,
    amount_fen bigint NOT NULL,
    digest text NOT NULL,
    written_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_payment_files PRIMARY KEY (id),
    CONSTRAINT uq_payment_files_digest UNIQUE (id, digest),
    CONSTRAINT uq_payment_files_version UNIQUE (batch_id, version),
    CONSTRAINT fk_payment_files_batch_id FOREIGN KEY (batch_id) REFERENCES payment_batches(id),
    CONSTRAINT ck_payment_files_channel CHECK (channel = ANY (ARRAY['iso20022'::text, 'csv'::text])),
    CONSTRAINT ck_payment_files_digest CHECK (digest ~ '^[0-9a-f]{64}$'::text),
    CONSTRAINT ck_payment_files_totals CHECK (count > 0 AND amount_fen > 0),
    CONSTRAINT ck_payment_files_version CHECK (version > 0)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payment_files FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE CONSTRAINT TRIGGER filled AFTER INSERT ON payment_files DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payment_files_filled();
GRANT SELECT ON payment_files TO payout_api;
GRANT INSERT, SELECT ON payment_files TO payout_worker;

CREATE TABLE payout_decisions (
    payout_id uuid NOT NULL,
    version integer NOT NULL,
    action text NOT NULL,
    account text NOT NULL,
    person_id uuid NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_payout_decisions PRIMARY KEY (payout_id, version),
    CONSTRAINT fk_payout_decisions_payout_id FOREIGN KEY (payout_id) REFERENCES payouts(id),
    CONSTRAINT fk_payout_decisions_person_id FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payout_decisions FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER of_step AFTER INSERT ON payout_decisions FOR EACH ROW EXECUTE FUNCTION payout_decisions_of_step();
GRANT INSERT, SELECT ON payout_decisions TO payout_api;
GRANT SELECT ON payout_decisions TO payout_worker;

CREATE TABLE payout_holds (
    id uuid NOT NULL,
    payout_id uuid NOT NULL,
    source text NOT NULL,
    source_id text NOT NULL,
    reason_code text NOT NULL,
    placed_by uuid,
    placed_at timestamp with time zone NOT NULL,
    lifted_by uuid,
    lifted_at timestamp with time zone,
    CONSTRAINT pk_payout_holds PRIMARY KEY (id),
    CONSTRAINT fk_payout_holds_lifted_by FOREIGN KEY (lifted_by) REFERENCES persons(id),
    CONSTRAINT fk_payout_holds_payout_id FOREIGN KEY (payout_id) REFERENCES payouts(id),
    CONSTRAINT fk_payout_holds_placed_by FOREIGN KEY (placed_by) REFERENCES persons(id),
    CONSTRAINT ck_payout_holds_by_two CHECK (source <> 'taken_over'::text OR placed_by IS NOT NULL AND (lifted_at IS NULL OR lifted_by <> placed_by)),
    CONSTRAINT ck_payout_holds_lifted CHECK (lifted_at IS NULL OR lifted_at >= placed_at),
    CONSTRAINT ck_payout_holds_lifted_by CHECK (lifted_by IS NULL OR lifted_at IS NOT NULL),
    CONSTRAINT ck_payout_holds_source CHECK (source = ANY (ARRAY['officer'::text, 'eligibility'::text, 'voucher'::text, 'institution'::text, 'certificate'::text, 'revocation'::text, 'signature'::text, 'duplicate_person'::text, 'bank'::text, 'sending'::text, 'objection'::text, 'taken_over'::text]))
);
CREATE INDEX ix_payout_holds_source ON payout_holds USING btree (source, source_id) WHERE (lifted_at IS NULL);
CREATE UNIQUE INDEX uq_payout_holds_open ON payout_holds USING btree (payout_id, source, source_id) WHERE (lifted_at IS NULL);
CREATE TRIGGER after_death BEFORE UPDATE ON payout_holds FOR EACH ROW WHEN (old.source = 'voucher'::text AND old.reason_code = 'holder_deceased'::text AND old.lifted_at IS NULL) EXECUTE FUNCTION payout_holds_after_death();
CREATE CONSTRAINT TRIGGER counted AFTER INSERT OR UPDATE ON payout_holds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_count_holds();
CREATE CONSTRAINT TRIGGER decided AFTER INSERT OR UPDATE ON payout_holds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payout_holds_decided();
CREATE TRIGGER final BEFORE UPDATE ON payout_holds FOR EACH ROW EXECUTE FUNCTION payout_holds_final();
CREATE TRIGGER immutable BEFORE UPDATE ON payout_holds FOR EACH ROW EXECUTE FUNCTION guard_columns('payout_id', 'source', 'source_id', 'reason_code', 'placed_by', 'placed_at');
CREATE CONSTRAINT TRIGGER of_objection AFTER INSERT OR UPDATE ON payout_holds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.source = 'objection'::text) EXECUTE FUNCTION objections_freeze();
GRANT INSERT, SELECT, UPDATE (lifted_by, lifted_at) ON payout_holds TO payout_api;
GRANT INSERT, SELECT, UPDATE (lifted_by, lifted_at) ON payout_holds TO payout_worker;

CREATE TABLE payouts (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    voucher_id uuid NOT NULL,
    person_id uuid NOT NULL,
    key_person_id uuid NOT NULL,
    certificate_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    benefit text NOT NULL,
    programme text NOT NULL,
    fund_source text NOT NULL,
    area text NOT NULL,
    institution text NOT NULL,
    payee_kind text NOT NULL,
    payee_id text NOT NULL,
    mandate_id uuid,
    rate_id integer,
    amount_fen bigint NOT NULL,
    opened_on date NOT NULL,
    eligibility_decided_on date NOT NULL,
    second_approval_above_fen bigint NOT NULL,
    fund_id uuid,
    attempt integer NOT NULL DEFAULT 0,
    reviewed_by uuid,
    approved_by uuid,
    second_approved_by uuid,
    batched_by uuid,
    released_by uuid,
    published_at timestamp with time zone,
    notice_ends_at timestamp with time zone,
    code text,
    debt_settled_at timestamp with time zone,
    offset_fen bigint NOT NULL DEFAULT '0'::bigint,
    final boolean NOT NULL DEFAULT false,
    notice_id uuid,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    occasion text NOT NULL DEFAULT 'first'::text,
    reopens uuid,
    CONSTRAINT pk_payouts PRIMARY KEY (id),
    CONSTRAINT uq_payouts_fund UNIQUE (id, fund_id),
    CONSTRAINT uq_payouts_owed UNIQUE (id, amount_fen, payee_kind, payee_id),
    CONSTRAINT uq_payouts_reopens UNIQUE (reopens),
    CONSTRAINT fk_payouts_approved_by FOREIGN KEY (approved_by) REFERENCES persons(id),
    CONSTRAINT fk_payouts_batched_by FOREIGN KEY (batched_by) REFERENCES persons(id),
    CONSTRAINT fk_payouts_certificate FOREIGN KEY (certificate_id, person_id, skill_code, level, occasion) REFERENCES certificate_copies(certificate_id, person_id, skill_code, level, occasion),
    CONSTRAINT fk_payouts_fund_id FOREIGN KEY (fund_id) REFERENCES funds(id),
    CONSTRAINT fk_payouts_notice FOREIGN KEY (notice_id, area, published_at, notice_ends_at) REFERENCES notices(id, area, published_at, ends_at),
    CONSTRAINT fk_payouts_rate_id FOREIGN KEY (rate_id) REFERENCES rates(id),
    CONSTRAINT fk_payouts_released_by FOREIGN KEY (released_by) REFERENCES persons(id),
    CONSTRAINT fk_payouts_reopens FOREIGN KEY (reopens) REFERENCES payouts(id),
    CONSTRAINT fk_payouts_reviewed_by FOREIGN KEY (reviewed_by) REFERENCES persons(id),
    CONSTRAINT fk_payouts_second_approved_by FOREIGN KEY (second_approved_by) REFERENCES persons(id),
    CONSTRAINT ck_payouts_approved CHECK ((status = ANY (ARRAY['opened'::text, 'checked'::text, 'reviewed'::text, 'rejected'::text, 'withdrawn'::text])) OR approved_by IS NOT NULL AND attempt > 0),
    CONSTRAINT ck_payouts_attempt CHECK (attempt >= 0),
    CONSTRAINT ck_payouts_batched CHECK ((status <> ALL (ARRAY['batched'::text, 'sent'::text, 'paid'::text, 'failed'::text, 'returned'::text, 'unknown'::text, 'reversed'::text])) OR batched_by IS NOT NULL),
    CONSTRAINT ck_payouts_code CHECK ((status <> ALL (ARRAY['rejected'::text, 'withdrawn'::text, 'reversed'::text])) OR code IS NOT NULL),
    CONSTRAINT ck_payouts_debt_settled CHECK (debt_settled_at IS NULL OR status = 'reversed'::text),
    CONSTRAINT ck_payouts_distinct_persons CHECK (reviewed_by <> approved_by AND reviewed_by <> second_approved_by AND reviewed_by <> batched_by AND reviewed_by <> released_by AND reviewed_by <> person_id AND reviewed_by <> key_person_id AND approved_by <> second_approved_by AND approved_by <> batched_by AND approved_by <> released_by AND approved_by <> person_id AND approved_by <> key_person_id AND second_approved_by <> batched_by AND second_approved_by <> released_by AND second_approved_by <> person_id AND second_approved_by <> key_person_id AND batched_by <> released_by AND batched_by <> person_id AND batched_by <> key_person_id AND released_by <> person_id AND released_by <> key_person_id),
    CONSTRAINT ck_payouts_final CHECK (NOT final OR status = 'rejected'::text),
    CONSTRAINT ck_payouts_level CHECK (level >= 0 AND level <= 5),
    CONSTRAINT ck_payouts_mandate CHECK (payee_kind = 'worker'::text OR mandate_id IS NOT NULL),
    CONSTRAINT ck_payouts_offset CHECK (offset_fen >= 0 AND offset_fen <= amount_fen),
    CONSTRAINT ck_payouts_open_holds CHECK (open_holds >= 0),
    CONSTRAINT ck_payouts_payee_kind CHECK (payee_kind = ANY (ARRAY['institution'::text, 'enterprise'::text, 'worker'::text])),
    CONSTRAINT ck_payouts_published CHECK ((status = ANY (ARRAY['opened'::text, 'checked'::text, 'reviewed'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text])) OR published_at IS NOT NULL AND notice_ends_at > published_at),
    CONSTRAINT ck_payouts_rate CHECK (amount_fen > 0 AND rate_id IS NOT NULL OR status = 'rejected'::text AND amount_fen >= 0),
    CONSTRAINT ck_payouts_released CHECK ((status <> ALL (ARRAY['sent'::text, 'paid'::text, 'failed'::text, 'returned'::text, 'unknown'::text, 'reversed'::text])) OR released_by IS NOT NULL),
    CONSTRAINT ck_payouts_reserved CHECK ((status = ANY (ARRAY['opened'::text, 'rejected'::text, 'withdrawn'::text])) OR fund_id IS NOT NULL),
    CONSTRAINT ck_payouts_reviewed CHECK ((status = ANY (ARRAY['opened'::text, 'checked'::text, 'rejected'::text, 'withdrawn'::text])) OR reviewed_by IS NOT NULL),
    CONSTRAINT ck_payouts_second_approved CHECK ((status = ANY (ARRAY['opened'::text, 'checked'::text, 'reviewed'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text])) OR amount_fen <= second_approval_above_fen OR second_approved_by IS NOT NULL)
);
CREATE INDEX ix_payouts_area ON payouts USING btree (area, id);
CREATE INDEX ix_payouts_fund ON payouts USING btree (fund_id, id) WHERE (fund_id IS NOT NULL);
CREATE INDEX ix_payouts_institution ON payouts USING btree (institution, id);
CREATE INDEX ix_payouts_judged_again ON payouts USING btree (code, id) WHERE ((status = 'rejected'::text) AND (NOT final));
CREATE INDEX ix_payouts_late_disbursement ON payouts USING btree (notice_ends_at) WHERE (status = ANY (ARRAY['cleared'::text, 'batched'::text]));
CREATE INDEX ix_payouts_late_review ON payouts USING btree (opened_on) WHERE (status = ANY (ARRAY['opened'::text, 'checked'::text, 'reviewed'::text, 'approved'::text]));
CREATE INDEX ix_payouts_notice ON payouts USING btree (notice_id, id) WHERE (notice_id IS NOT NULL);
CREATE INDEX ix_payouts_overdue ON payouts USING btree (status, entered_at) WHERE (status = ANY (ARRAY['failed'::text, 'returned'::text]));
CREATE INDEX ix_payouts_payee ON payouts USING btree (payee_id, id);
CREATE INDEX ix_payouts_person ON payouts USING btree (person_id);
CREATE INDEX ix_payouts_status ON payouts USING btree (status, id);
CREATE INDEX ix_payouts_voucher ON payouts USING btree (voucher_id, id);
CREATE INDEX ix_payouts_waiting ON payouts USING btree (fund_source, area, id) WHERE ((status = 'opened'::text) AND (open_holds = 0));
CREATE UNIQUE INDEX uq_payouts_live_certificate ON payouts USING btree (certificate_id, benefit) WHERE ((status <> ALL (ARRAY['rejected'::text, 'withdrawn'::text])) AND ((status <> 'reversed'::text) OR (debt_settled_at IS NULL)));
CREATE UNIQUE INDEX uq_payouts_live_key ON payouts USING btree (key_person_id, skill_code, level, benefit, occasion) WHERE ((status <> ALL (ARRAY['rejected'::text, 'withdrawn'::text])) AND ((status <> 'reversed'::text) OR (debt_settled_at IS NULL)));
CREATE UNIQUE INDEX uq_payouts_live_voucher ON payouts USING btree (voucher_id) WHERE ((status <> ALL (ARRAY['rejected'::text, 'withdrawn'::text])) AND ((status <> 'reversed'::text) OR (debt_settled_at IS NULL)));
CREATE TRIGGER after_final BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_after_final();
CREATE TRIGGER class_verified BEFORE UPDATE ON payouts FOR EACH ROW WHEN (new.status = 'checked'::text AND old.status <> 'checked'::text) EXECUTE FUNCTION payouts_class_verified();
CREATE CONSTRAINT TRIGGER counted AFTER INSERT OR UPDATE OF open_holds ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_count_holds();
CREATE CONSTRAINT TRIGGER created_final AFTER INSERT ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.final) EXECUTE FUNCTION payouts_final_by_two();
CREATE TRIGGER debt_settled BEFORE UPDATE ON payouts FOR EACH ROW WHEN (new.debt_settled_at IS DISTINCT FROM old.debt_settled_at) EXECUTE FUNCTION payouts_debt_settled();
CREATE CONSTRAINT TRIGGER decided AFTER UPDATE ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.version <> old.version) EXECUTE FUNCTION payouts_decided();
CREATE CONSTRAINT TRIGGER delivered AFTER UPDATE ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status <> old.status AND (new.status = ANY (ARRAY['sent'::text, 'paid'::text, 'failed'::text, 'returned'::text]))) EXECUTE FUNCTION payouts_delivered();
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.payout');
CREATE CONSTRAINT TRIGGER final_by_two AFTER UPDATE ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.final AND NOT old.final) EXECUTE FUNCTION payouts_final_by_two();
CREATE TRIGGER immutable BEFORE UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION guard_columns('voucher_id', 'person_id', 'certificate_id', 'skill_code', 'level', 'benefit', 'programme', 'fund_source', 'area', 'institution', 'payee_kind', 'payee_id', 'mandate_id', 'rate_id', 'amount_fen', 'opened_on', 'eligibility_decided_on', 'second_approval_above_fen', 'created_at');
CREATE TRIGGER keep_fund BEFORE UPDATE ON payouts FOR EACH ROW WHEN (old.fund_id IS NOT NULL AND new.fund_id IS DISTINCT FROM old.fund_id) EXECUTE FUNCTION payouts_keep_fund();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{opened,rejected}', '{opened>checked,checked>reviewed,reviewed>approved,approved>published,published>cleared,approved>cleared,cleared>batched,batched>sent,unknown>sent,sent>paid,unknown>paid,sent>failed,unknown>failed,sent>unknown,failed>reviewed,paid>returned,returned>reviewed,paid>reversed,opened>rejected,checked>rejected,reviewed>rejected,approved>rejected,published>rejected,cleared>rejected,batched>rejected,failed>rejected,returned>rejected,opened>withdrawn,checked>withdrawn,reviewed>withdrawn,approved>withdrawn,published>withdrawn,cleared>withdrawn,batched>withdrawn,failed>withdrawn,returned>withdrawn}');
CREATE CONSTRAINT TRIGGER money AFTER INSERT OR UPDATE OF status, fund_id ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_money();
CREATE TRIGGER occasion_as_opened BEFORE UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION guard_columns('occasion');
CREATE CONSTRAINT TRIGGER on_a_notice AFTER UPDATE ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status = 'published'::text AND old.status <> 'published'::text) EXECUTE FUNCTION payouts_on_a_notice();
CREATE TRIGGER on_notice AFTER UPDATE ON payouts FOR EACH ROW WHEN (new.status <> old.status AND (new.status = ANY (ARRAY['published'::text, 'cleared'::text]))) EXECUTE FUNCTION payouts_on_notice();
CREATE TRIGGER owed BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_owed();
CREATE TRIGGER priced BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_priced();
CREATE CONSTRAINT TRIGGER rejected_by_two AFTER UPDATE ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status = 'rejected'::text AND (old.status = ANY (ARRAY['approved'::text, 'published'::text, 'cleared'::text, 'batched'::text]))) EXECUTE FUNCTION payouts_rejected_by_two();
CREATE TRIGGER released AFTER UPDATE ON payouts FOR EACH ROW WHEN (new.released_by IS NOT NULL AND new.released_by IS DISTINCT FROM old.released_by) EXECUTE FUNCTION payouts_released();
CREATE CONSTRAINT TRIGGER reopened_by_two AFTER UPDATE ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.reopens IS NOT NULL AND new.status = 'rejected'::text AND old.status <> 'rejected'::text AND NOT new.final) EXECUTE FUNCTION payouts_reopened_by_two();
CREATE TRIGGER reopens_as_opened BEFORE UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION guard_columns('reopens');
CREATE CONSTRAINT TRIGGER returned_by_report AFTER UPDATE ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status <> old.status AND new.status = 'returned'::text) EXECUTE FUNCTION payouts_returned_by_report();
CREATE CONSTRAINT TRIGGER set_off AFTER UPDATE ON payouts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.offset_fen <> old.offset_fen) EXECUTE FUNCTION payouts_set_off();
CREATE TRIGGER stay_final BEFORE UPDATE ON payouts FOR EACH ROW WHEN (old.final AND NOT new.final) EXECUTE FUNCTION payouts_stay_final();
CREATE TRIGGER step AFTER INSERT OR UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION guard_step('{"+": ["released_by", "key_person_id"],
      "=": ["open_holds", "second_approved_by", "debt_settled_at"],
      "checked": ["fund_id"],
      "reviewed": ["reviewed_by"],
      "failed>reviewed": ["reviewed_by", "approved_by", "second_approved_by", "batched_by", "released_by"],
      "returned>reviewed": ["reviewed_by", "approved_by", "second_approved_by", "batched_by", "released_by"],
      "approved": ["approved_by", "attempt"],
      "published": ["notice_id", "published_at", "notice_ends_at"],
      "batched": ["batched_by"],
      "sent": ["code"], "paid": ["offset_fen"], "failed": ["code"], "returned": ["code"],
      "rejected": ["code", "final"], "withdrawn": ["code"], "reversed": ["code"]}', '{fund_id,reviewed_by,approved_by,second_approved_by,batched_by,released_by,notice_id,published_at,notice_ends_at,debt_settled_at}');
CREATE TRIGGER steps_by_worker BEFORE UPDATE ON payouts FOR EACH ROW WHEN (new.status <> old.status AND (new.status = ANY (ARRAY['checked'::text, 'cleared'::text, 'sent'::text, 'paid'::text, 'failed'::text, 'returned'::text, 'unknown'::text]))) EXECUTE FUNCTION payouts_steps_by_worker();
CREATE TRIGGER steps_free_of_holds BEFORE UPDATE ON payouts FOR EACH ROW WHEN (new.status <> old.status AND new.open_holds > 0 AND (new.status = ANY (ARRAY['checked'::text, 'reviewed'::text, 'approved'::text, 'published'::text, 'cleared'::text, 'batched'::text, 'sent'::text]))) EXECUTE FUNCTION payouts_steps_free();
CREATE TRIGGER steps_on_certificate BEFORE UPDATE ON payouts FOR EACH ROW WHEN (new.status <> old.status AND (new.status = ANY (ARRAY['approved'::text, 'batched'::text, 'sent'::text]))) EXECUTE FUNCTION payouts_steps_on_certificate();
CREATE TRIGGER steps_on_complete_facts BEFORE UPDATE ON payouts FOR EACH ROW WHEN (new.second_approved_by IS DISTINCT FROM old.second_approved_by AND new.second_approved_by IS NOT NULL OR new.status <> old.status AND (new.status = ANY (ARRAY['checked'::text, 'reviewed'::text, 'approved'::text, 'published'::text, 'cleared'::text, 'batched'::text, 'sent'::text]))) EXECUTE FUNCTION payouts_steps_on_facts();
GRANT INSERT, SELECT, UPDATE (status, version, open_holds, attempt, reviewed_by, approved_by, second_approved_by, batched_by, released_by, published_at, notice_ends_at, code, debt_settled_at, final, notice_id) ON payouts TO payout_api;
GRANT INSERT, SELECT, UPDATE (status, version, open_holds, key_person_id, fund_id, code, debt_settled_at, offset_fen) ON payouts TO payout_worker;

CREATE TABLE persons (
    id uuid NOT NULL,
    version integer NOT NULL,
    area text NOT NULL,
    subject_digest text NOT NULL,
    real_name_level smallint NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    survivor_id uuid,
    masked_name text,
    merged_into uuid,
    CONSTRAINT pk_persons PRIMARY KEY (id),
    CONSTRAINT ck_persons_merged CHECK (survivor_id IS NULL OR merged_into IS NOT NULL),
    CONSTRAINT ck_persons_merged_into CHECK (merged_into <> id),
    CONSTRAINT ck_persons_survivor CHECK (survivor_id <> id)
);
CREATE INDEX ix_persons_survivor_id ON persons USING btree (survivor_id);
GRANT SELECT ON persons TO payout_api;
GRANT INSERT, SELECT, UPDATE ON persons TO payout_worker;

CREATE TABLE positions (
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT pk_positions PRIMARY KEY (consumer, aggregate_type, aggregate_id)
);
GRANT INSERT, SELECT, UPDATE ON positions TO payout_worker;

CREATE TABLE rate_changes (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    programme text NOT NULL,
    certificate_kind text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    amount_fen bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    payee text NOT NULL,
    source text NOT NULL,
    rate_id integer,
    proposed_by uuid NOT NULL,
    decided_by uuid,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_rate_changes PRIMARY KEY (id),
    CONSTRAINT fk_rate_changes_decided_by FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT fk_rate_changes_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT fk_rate_changes_rate_id FOREIGN KEY (rate_id) REFERENCES rates(id),
    CONSTRAINT ck_rate_changes_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_rate_changes_days CHECK (valid_to >= valid_from),
    CONSTRAINT ck_rate_changes_decided CHECK (status <> 'approved'::text OR decided_by IS NOT NULL),
    CONSTRAINT ck_rate_changes_distinct_persons CHECK (proposed_by <> decided_by)
);
CREATE TRIGGER approved AFTER UPDATE ON rate_changes FOR EACH ROW WHEN (new.status = 'approved'::text AND old.status <> 'approved'::text) EXECUTE FUNCTION rate_changes_approved();
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON rate_changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.rate');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON rate_changes FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{proposed}', '{proposed>approved,proposed>rejected}');
CREATE TRIGGER step AFTER INSERT OR UPDATE ON rate_changes FOR EACH ROW EXECUTE FUNCTION guard_step('{"approved": ["decided_by"]}', '{decided_by}');
GRANT INSERT, SELECT, UPDATE (status, version, decided_by) ON rate_changes TO payout_api;
GRANT SELECT ON rate_changes TO payout_worker;

CREATE TABLE rates (
    id integer NOT NULL,
    programme text NOT NULL,
    certificate_kind text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    amount_fen bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    payee text NOT NULL,
    confirm text NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_rates PRIMARY KEY (id),
    CONSTRAINT ex_rates_overlap EXCLUDE USING gist (programme WITH =, certificate_kind WITH =, level WITH =, act WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&),
    CONSTRAINT ck_rates_act CHECK (act = ANY (ARRAY['first'::text, 'review'::text])),
    CONSTRAINT ck_rates_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_rates_level CHECK (level >= 0 AND level <= 5)
);
GRANT SELECT ON rates TO payout_api;
GRANT SELECT ON rates TO payout_worker;

CREATE TABLE timers (
    name text NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    moved integer NOT NULL,
    CONSTRAINT pk_timers PRIMARY KEY (name)
);
GRANT SELECT ON timers TO payout_api;
GRANT INSERT, SELECT, UPDATE ON timers TO payout_worker;

CREATE TABLE voucher_facts (
    voucher_id uuid NOT NULL,
    version integer NOT NULL,
    person_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    programme text NOT NULL,
    fund_source text NOT NULL,
    area text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    rules_version text NOT NULL,
    eligibility_decided_on date NOT NULL,
    cancelled boolean NOT NULL DEFAULT false,
    enrolment_id uuid,
    class_area text,
    institution text,
    payee_kind text,
    payee_id text,
    mandate_id uuid,
    certificate_id uuid,
    eligibility text,
    row_lock boolean NOT NULL DEFAULT false,
    class_id uuid,
    masked_name text,
    lapsed boolean NOT NULL DEFAULT false,
    occasion text NOT NULL DEFAULT 'first'::text,
    CONSTRAINT pk_voucher_facts PRIMARY KEY (voucher_id),
    CONSTRAINT ck_voucher_facts_certified CHECK (certificate_id IS NULL OR class_area IS NOT NULL AND institution IS NOT NULL AND payee_kind IS NOT NULL AND payee_id IS NOT NULL AND eligibility IS NOT NULL),
    CONSTRAINT ck_voucher_facts_level CHECK (level >= 0 AND level <= 5),
    CONSTRAINT ck_voucher_facts_masked_name CHECK (masked_name ~ '^(\*|[^[:space:]*]\*{1,99})$'::text),
    CONSTRAINT ck_voucher_facts_row_lock CHECK (NOT row_lock)
);
GRANT SELECT, UPDATE (row_lock) ON voucher_facts TO payout_api;
GRANT INSERT, SELECT, UPDATE ON voucher_facts TO payout_worker;

CREATE TABLE voucher_holds (
    hold_id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    reason_code text NOT NULL,
    lifted boolean NOT NULL,
    held_at timestamp with time zone NOT NULL,
    lifted_at timestamp with time zone,
    CONSTRAINT pk_voucher_holds PRIMARY KEY (hold_id),
    CONSTRAINT ck_voucher_holds_lifted CHECK (lifted = (lifted_at IS NOT NULL))
);
CREATE INDEX ix_voucher_holds_voucher_id ON voucher_holds USING btree (voucher_id);
GRANT SELECT ON voucher_holds TO payout_api;
GRANT INSERT, SELECT, UPDATE ON voucher_holds TO payout_worker;

CREATE OR REPLACE FUNCTION accounts_cooling_off()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    moment timestamptz := (SELECT now() + "offset" FROM business_clock);
BEGIN
    IF NEW.status = 'confirmed' AND OLD.status <> 'confirmed' AND NEW.usable_from >= moment + (
        SELECT make_interval(hours => value::integer) FROM dated_rules
        WHERE name = 'account_cooling_off_hours'
            AND (moment AT TIME ZONE 'Asia/Shanghai')::date BETWEEN valid_from AND coalesce(valid_to, 'infinity')
    ) IS NOT TRUE
        OR OLD.status = 'confirmed' AND NEW.usable_from <> OLD.usable_from
    THEN
        RAISE EXCEPTION 'an account is usable after its cool-off and not before'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'co_accounts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION accounts_one_owner()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    -- against two confirmations of one number at once, neither of which sees the other
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(NEW.number_index, 'hex'), 0));
    IF EXISTS (
        SELECT FROM accounts
        WHERE number_index = NEW.number_index AND status = 'confirmed'
            AND owner_of(owner_kind, owner_id) <> owner_of(NEW.owner_kind, NEW.owner_id)
    ) THEN
        RAISE EXCEPTION 'this account number is confirmed for another owner'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'on_accounts';
    END IF;
    IF EXISTS (SELECT FROM accounts WHERE number_index = NEW.number_index AND status = 'closed') THEN
        RAISE EXCEPTION 'the bank has closed this account'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cl_accounts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION awaits_class(about payouts)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
    SELECT is_on('class_verification_awaited') AND NOT EXISTS (
        SELECT FROM voucher_facts AS said JOIN class_facts AS verified USING (class_id)
        WHERE said.voucher_id = about.voucher_id
    )
$function$;

CREATE OR REPLACE FUNCTION bank_report_rows_applied()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM deliveries WHERE instruction_id = NEW.instruction_id AND outcome = NEW.answer
    ) THEN
        RAISE EXCEPTION 'a row is applied by the answer that it gives'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ap_bank_report_rows';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION bank_report_rows_credited()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT (CASE NEW.kind
        WHEN 'returned' THEN EXISTS (
            SELECT FROM money_returns
            WHERE reference = NEW.reference AND instruction_id = NEW.instruction_id AND amount_fen = NEW.amount_fen
                AND (NEW.outcome = 'known' OR taken AND code = NEW.reason)
        ) AND NOT EXISTS (SELECT FROM incoming_payments WHERE NEW.outcome = 'applied' AND reference = NEW.reference)
        ELSE EXISTS (
            SELECT FROM incoming_payments
            WHERE reference = NEW.reference AND amount_fen = NEW.amount_fen
                AND (NEW.outcome = 'known' OR recorded_by IS NULL AND received_on = NEW.booked_on)
        ) AND NOT EXISTS (SELECT FROM money_returns WHERE reference = NEW.reference)
    END) THEN
        RAISE EXCEPTION 'a credit is applied by what it gives, and known by its reference'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ap_bank_report_rows';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION bank_report_rows_judged()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.outcome IS NOT NULL OR NOT EXISTS (
        SELECT FROM bank_reports WHERE id = NEW.report_id AND status = 'confirmed'
    ) THEN
        RAISE EXCEPTION 'a row of a confirmed report has one outcome'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ju_bank_report_rows';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION bank_report_rows_whole()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM bank_reports AS report
        WHERE report.id IN (SELECT report_id FROM added) AND (
            report.status <> 'uploaded'
            OR report.count <> (SELECT count(*) FROM bank_report_rows WHERE report_id = report.id)
        )
    ) OR EXISTS (SELECT FROM added WHERE outcome IS NOT NULL) OR EXISTS (
        SELECT FROM added JOIN bank_reports AS report ON report.id = added.report_id
        WHERE added.file_id IS DISTINCT FROM report.file_id
    ) THEN
        RAISE EXCEPTION 'a report has the rows that it came with'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wh_bank_report_rows';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION bank_reports_filled()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM bank_report_rows WHERE report_id = NEW.id) THEN
        RAISE EXCEPTION 'a report without a row'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_bank_reports';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION bank_reports_moved()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF current_user = (CASE NEW.status WHEN 'applied' THEN 'payout_api' ELSE 'payout_worker' END) THEN
        RAISE EXCEPTION 'officers confirm and reject, the worker applies'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_bank_reports';
    END IF;
    IF NEW.status = 'confirmed' AND (
        SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons WHERE id IN (NEW.uploaded_by, NEW.confirmed_by)
    ) <> 2 THEN
        RAISE EXCEPTION 'one officer uploads a report, and another confirms it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_bank_reports';
    END IF;
    IF NEW.status = 'applied' AND EXISTS (
        SELECT FROM bank_report_rows WHERE report_id = NEW.id AND outcome IS NULL
    ) THEN
        RAISE EXCEPTION 'a row has no outcome yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'al_bank_reports';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION business_year()
 RETURNS integer
 LANGUAGE sql
 STABLE
AS $function$
    SELECT extract(year FROM (now() + "offset") AT TIME ZONE 'Asia/Shanghai')::integer FROM business_clock
$function$;

CREATE OR REPLACE FUNCTION certificate_statuses_monotonic()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.version < OLD.version OR NEW.status <> OLD.status AND (NEW.version = OLD.version OR OLD.status = 'revoked')
    THEN
        RAISE EXCEPTION 'the status of a certificate never goes back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mo_certificate_statuses';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION clawback_movements_move()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    debt clawbacks;
    typed_by uuid;
BEGIN
    UPDATE clawbacks SET outstanding_fen = outstanding_fen
        + CASE NEW.kind WHEN 'debt' THEN NEW.amount_fen ELSE -NEW.amount_fen END
        WHERE id = NEW.clawback_id RETURNING * INTO debt;
    IF debt.status NOT IN ('open', 'instalments', 'overdue', 'enforced')
        OR NEW.kind = 'debt' AND NEW.amount_fen <> debt.amount_fen
        OR NEW.kind = 'offset' AND NOT EXISTS (
            SELECT FROM clawback_offsets JOIN deliveries USING (instruction_id)
            WHERE clawback_offsets.instruction_id = NEW.instruction_id AND clawback_id = NEW.clawback_id
                AND clawback_offsets.amount_fen = NEW.amount_fen AND outcome = 'paid'
        )
    THEN
        RAISE EXCEPTION 'nothing says that this debt moves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mv_clawback_movements';
    END IF;
    IF NEW.kind IN ('incoming', 'write_off') AND debt.outstanding_fen < pending_offsets(NEW.clawback_id) THEN
        RAISE EXCEPTION 'a payment that is with the bank is set off against this debt'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pe_clawback_movements';
    END IF;
    IF NEW.kind = 'incoming' THEN
        UPDATE incoming_payments SET matched_fen = matched_fen + NEW.amount_fen
            WHERE id = NEW.incoming_id RETURNING recorded_by INTO typed_by;
        IF typed_by IS NOT NULL AND (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
            WHERE id IN (typed_by, NEW.matched_by)) <> 2
        THEN
            RAISE EXCEPTION 'money is matched by another person than who typed it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_clawback_movements';
        END IF;
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION clawback_offsets_sent()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM deliveries WHERE instruction_id = NEW.instruction_id) THEN
        RAISE EXCEPTION 'an offset is of a payment that is sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'of_clawback_offsets';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION clawback_offsets_within()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    owed_fen bigint;
BEGIN
    -- against another payment set off against the same debt at this moment
    SELECT clawbacks.outstanding_fen INTO owed_fen
        FROM clawbacks
            JOIN instructions ON instructions.id = NEW.instruction_id
            JOIN payouts ON payouts.id = instructions.payout_id AND payouts.attempt = instructions.attempt
        WHERE clawbacks.id = NEW.clawback_id AND clawbacks.status IN ('open', 'instalments', 'overdue', 'enforced')
            AND clawbacks.debtor_kind = payouts.payee_kind AND clawbacks.debtor_id = payouts.payee_id
            AND clawbacks.fund_id = payouts.fund_id AND payouts.status = 'sent'
            AND NOT EXISTS (SELECT FROM deliveries WHERE instruction_id = NEW.instruction_id)
        FOR UPDATE OF clawbacks;
    IF NOT FOUND OR pending_offsets(NEW.clawback_id) > owed_fen THEN
        RAISE EXCEPTION 'an offset is of the same payee and fund, and within the debt'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'of_clawback_offsets';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION clawbacks_decided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    wanted text := CASE NEW.status WHEN 'open' THEN 'fraud' WHEN 'enforced' THEN 'enforcement' ELSE NEW.status END;
    needed integer := 2;
BEGIN
    IF NEW.status = 'open' AND EXISTS (
        SELECT FROM payouts JOIN certificate_statuses USING (certificate_id)
        WHERE payouts.id = NEW.payout_id AND certificate_statuses.status = 'revoked'
    ) THEN
        RETURN NEW;
    END IF;
    IF NEW.status = 'written_off' THEN
        wanted := 'write_off';
        SELECT CASE WHEN clawback_movements.amount_fen > dated_rules.value THEN 3 ELSE 2 END INTO needed
            FROM clawback_movements, dated_rules, business_clock
            WHERE clawback_id = NEW.id AND kind = 'write_off' AND name = 'write_off_by_two_most_fen'
                AND ((now() + "offset") AT TIME ZONE 'Asia/Shanghai')::date
                    BETWEEN valid_from AND coalesce(valid_to, 'infinity');
    END IF;
    IF (OLD.measure = wanted AND NEW.measure IS NULL AND NEW.measure_by = OLD.measure_by
        AND NEW.endorsed_by IS NOT DISTINCT FROM OLD.endorsed_by
        AND (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
            WHERE id IN (NEW.measure_by, NEW.endorsed_by, NEW.decided_by)) >= needed) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'what is done about a debt is proposed by one officer and decided by another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_clawbacks';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION clawbacks_opened()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.outstanding_fen <> 0 OR NEW.status = 'open' AND NOT EXISTS (
        SELECT FROM payouts JOIN certificate_statuses USING (certificate_id)
        WHERE payouts.id = NEW.payout_id AND certificate_statuses.status = 'revoked'
    ) THEN
        RAISE EXCEPTION 'a debt is opened by a revoked certificate or by two officers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_clawbacks';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION deliveries_by_channel()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM instructions
            JOIN payment_batch_items AS item USING (payout_id, attempt)
            JOIN payment_batches AS batch ON batch.id = item.batch_id
        WHERE instructions.id = NEW.instruction_id AND batch.channel = NEW.channel
    ) THEN
        RAISE EXCEPTION 'an instruction goes by the channel of its batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ch_deliveries';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION deliveries_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.payout_id <> OLD.payout_id OR NEW.amount_fen <> OLD.amount_fen OR NEW.calls < OLD.calls
        OR OLD.outcome IS NULL AND NEW.outcome = 'returned'
        OR OLD.outcome IS NOT NULL AND NOT (
            OLD.outcome = 'paid' AND NEW.outcome = 'returned' AND NEW.answered_at = OLD.answered_at
            AND NEW.given_at IS NOT DISTINCT FROM OLD.given_at
        )
    THEN
        RAISE EXCEPTION 'the bank''s final answer stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_deliveries';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION deliveries_in_file()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM payment_file_items WHERE instruction_id = NEW.instruction_id) THEN
        RAISE EXCEPTION 'an instruction that goes by a file stands in one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fl_deliveries';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION deliveries_owed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.amount_fen = 0) <> (NEW.outcome IS NOT DISTINCT FROM 'paid') OR NOT EXISTS (
        SELECT FROM instructions JOIN payouts ON payouts.id = instructions.payout_id
        WHERE instructions.id = NEW.instruction_id AND NEW.amount_fen = payouts.amount_fen - payouts.offset_fen - (
            SELECT coalesce(sum(amount_fen), 0) FROM clawback_offsets WHERE instruction_id = NEW.instruction_id
        )
    ) THEN
        RAISE EXCEPTION 'the bank is instructed to pay another amount than is owed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ow_deliveries';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION deliveries_reported()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM bank_report_rows AS said
            JOIN bank_reports AS report ON report.id = said.report_id
            JOIN instructions ON instructions.id = said.instruction_id
            JOIN accounts ON accounts.id = instructions.account_id
        WHERE said.instruction_id = NEW.instruction_id AND said.outcome = 'applied' AND said.answer = NEW.outcome
            AND said.amount_fen = NEW.amount_fen AND said.number_index = accounts.number_index
            AND report.status IN ('confirmed', 'applied')
    ) THEN
        RAISE EXCEPTION 'no report of the bank says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 're_deliveries';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION end_of_working_days(first date, days bigint)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
    SELECT (first + ahead + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    FROM generate_series(1, 3 * days::integer + 30) AS ahead
        LEFT JOIN calendar_exceptions ON day = first + ahead
    WHERE coalesce(works, extract(isodow FROM first + ahead) < 6)
    ORDER BY ahead OFFSET days - 1 LIMIT 1
$function$;

CREATE OR REPLACE FUNCTION funds_as_approved()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM funds, business_clock WHERE funds.id = NEW.id AND budget_fen = approved_fen AND budget_fen <= (
            SELECT value FROM dated_rules WHERE name = 'fund_budget_most_fen'
                AND ((now() + "offset") AT TIME ZONE 'Asia/Shanghai')::date
                    BETWEEN valid_from AND coalesce(valid_to, 'infinity')
        )
    ) THEN
        RAISE EXCEPTION 'a budget is what was approved, within the bound'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bu_funds';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION funds_by_two()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.version = OLD.version + 1 AND num_nonnulls(NEW.proposed_fen, NEW.proposed_status) = 0
        AND NEW.proposed_by = OLD.proposed_by
        AND (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
            WHERE id IN (NEW.proposed_by, NEW.approved_by)) = 2
        AND CASE OLD.proposed_status
            WHEN 'carried_over' THEN NEW.year < business_year()
            WHEN 'closed' THEN NEW.reserved_fen = 0
            ELSE OLD.proposed_fen < 0 OR NEW.year >= business_year() AND OLD.status IN ('proposed', 'open') END
        AND CASE WHEN OLD.proposed_status IS NULL
            THEN NEW.approved_fen = OLD.approved_fen + OLD.proposed_fen AND NEW.status IN (OLD.status, 'open')
            ELSE NEW.approved_fen = NEW.reserved_fen + NEW.spent_fen + NEW.receivable_fen + NEW.written_off_fen
                AND NEW.status = OLD.proposed_status END
    ) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'a fund grows, shrinks and ends by what one officer proposed and another approves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_funds';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION guard_columns()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    FOR place IN 0 .. TG_NARGS - 1 LOOP
        IF before -> TG_ARGV[place] IS DISTINCT FROM after -> TG_ARGV[place] THEN
            RAISE EXCEPTION '% of % never changes', TG_ARGV[place], TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'im_' || TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION guard_event()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM outbox
        WHERE aggregate_type = TG_ARGV[0] AND aggregate_id = NEW.id::text AND version = NEW.version
            AND xmin = pg_current_xact_id()::xid
    ) THEN
        RAISE EXCEPTION 'version % of a row of % has no event', NEW.version, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ev_' || TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION guard_history()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ao_' || TG_TABLE_NAME;
END $function$;

CREATE OR REPLACE FUNCTION guard_lifecycle()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.version <> 1 OR NEW.status <> ALL (TG_ARGV[0]::text[]) THEN
            RAISE EXCEPTION 'a row of % is not created like this', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_' || TG_TABLE_NAME;
        END IF;
        NEW.entered_at := NEW.created_at;
        RETURN NEW;
    END IF;
    IF NEW.version NOT IN (OLD.version, OLD.version + 1)
        OR (NEW.status <> OLD.status
            AND (NEW.version = OLD.version OR OLD.status || '>' || NEW.status <> ALL (TG_ARGV[1]::text[])))
    THEN
        RAISE EXCEPTION 'a row of % does not move like this', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_' || TG_TABLE_NAME;
    END IF;
    NEW.entered_at := CASE
        WHEN NEW.status = OLD.status THEN OLD.entered_at
        ELSE now() + (SELECT "offset" FROM business_clock)
    END;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION guard_set_aside()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.dismissed_at IS NOT NULL OR NEW.proposed_by IS DISTINCT FROM coalesce(OLD.proposed_by, NEW.proposed_by)
        OR NEW.dismissed_by IS NOT NULL AND (
            OLD.proposed_by IS NULL OR (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
                WHERE id IN (NEW.proposed_by, NEW.dismissed_by)) <> 2
        )
    THEN
        RAISE EXCEPTION 'a report is set aside by two, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_' || TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION guard_step()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    after jsonb := to_jsonb(NEW);
    own text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF jsonb_strip_nulls(after) ?| TG_ARGV[1]::text[] THEN
            RAISE EXCEPTION 'a new row of % names what comes later', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'st_' || TG_TABLE_NAME;
        END IF;
        RETURN NEW;
    END IF;
    own := '{status,version,entered_at}' || ARRAY(SELECT jsonb_array_elements_text(coalesce(
        TG_ARGV[0]::jsonb -> (OLD.status || '>' || NEW.status),
        TG_ARGV[0]::jsonb -> CASE
            WHEN NEW.version = OLD.version THEN '+' WHEN NEW.status = OLD.status THEN '=' ELSE NEW.status END
    )));
    IF after - own <> to_jsonb(OLD) - own THEN
        RAISE EXCEPTION 'a step on a row of % writes what is not its own', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'st_' || TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION has_incomplete_facts(about payouts)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
    SELECT EXISTS (
        SELECT FROM parked_events
        WHERE consumer = 'payout' AND aggregate_id = ANY (
            ARRAY[
                about.certificate_id::text, about.voucher_id::text, about.person_id::text, about.key_person_id::text,
                about.institution, about.payee_id, about.id::text, about.fund_id::text,
                parked_place('skill-voucher.evaluation', about.certificate_id::text),
                parked_place('skill-voucher.voucher', about.voucher_id::text),
                parked_place('skill-voucher.voucher', about.person_id::text),
                parked_place('skill-voucher.voucher', about.key_person_id::text),
                parked_place('skill-voucher.training', about.institution)
            ] || ARRAY(SELECT id::text FROM persons WHERE survivor_id = about.key_person_id)
            || ARRAY(SELECT batch_id::text FROM payment_batch_items WHERE payout_id = about.id)
            || ARRAY(
                SELECT id::text FROM accounts WHERE owner_kind = about.payee_kind AND owner_id = about.payee_id
            )
        )
    )
$function$;

CREATE OR REPLACE FUNCTION incoming_payments_named()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.matched_fen <> 0 OR NEW.recorded_by IS NULL AND current_user = 'payout_api' THEN
        RAISE EXCEPTION 'what is typed names who typed it, and is matched afterwards'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'na_incoming_payments';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION instructions_after_death()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT is_payable_after_death(NEW.account_id, (SELECT voucher_id FROM payouts WHERE id = NEW.payout_id)) THEN
        RAISE EXCEPTION 'a dead worker is not paid: the heirs have no account yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hr_instructions';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION instructions_of_approval()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payouts
        WHERE id = NEW.payout_id AND attempt = NEW.attempt AND status = 'approved'
            AND payouts.xmin = pg_current_xact_id()::xid
    ) THEN
        RAISE EXCEPTION 'an instruction is pinned by an approval'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ap_instructions';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION instructions_usable()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts, business_clock
        WHERE accounts.id = NEW.account_id AND accounts.status = 'confirmed'
            AND accounts.usable_from <= clock_timestamp() + business_clock."offset"
    ) THEN
        RAISE EXCEPTION 'only a confirmed account whose cool-off is over is paid to'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'us_instructions';
    END IF;
    IF EXISTS (
        SELECT FROM instructions JOIN deliveries ON deliveries.instruction_id = instructions.id
        WHERE instructions.payout_id = NEW.payout_id AND instructions.account_id = NEW.account_id
            AND deliveries.outcome = 'returned'
    ) THEN
        RAISE EXCEPTION 'the bank returned what was paid to this account'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rt_instructions';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION is_cause_gone(refused payouts, today date)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
    SELECT EXISTS (
        SELECT FROM voucher_facts AS said
        WHERE said.voucher_id = refused.voucher_id AND said.certificate_id IS NOT NULL
            AND NOT said.cancelled AND NOT said.lapsed
            AND CASE
                WHEN refused.code = 'rate_missing' THEN EXISTS (
                    SELECT FROM rates JOIN certificate_copies AS copy ON copy.certificate_id = said.certificate_id
                    WHERE rates.programme = said.programme AND rates.certificate_kind = copy.kind
                        AND rates.level = said.level AND rates.act = copy.act
                        AND copy.priced_on BETWEEN rates.valid_from AND coalesce(rates.valid_to, 'infinity'))
                WHEN refused.code = 'fund_source_not_allowed' THEN EXISTS (
                    SELECT FROM fund_rules AS rule
                    WHERE rule.fund_source = said.fund_source AND rule.programme = said.programme
                        AND today BETWEEN rule.valid_from AND coalesce(rule.valid_to, 'infinity'))
                WHEN refused.code = 'ineligible' THEN said.eligibility <> 'ineligible'
                WHEN refused.code = 'payout_already_live' THEN NOT EXISTS (
                    SELECT FROM payouts AS live
                    WHERE live.key_person_id IN (
                            SELECT refused.key_person_id
                            UNION
                            SELECT record.id FROM persons AS own
                                JOIN persons AS record ON coalesce(own.survivor_id, own.id) IN (record.id, record.survivor_id)
                            WHERE own.id = refused.key_person_id)
                        AND live.skill_code = refused.skill_code
                        AND live.level = refused.level AND live.benefit = refused.benefit
                        AND live.occasion = refused.occasion
                        AND live.status NOT IN ('rejected', 'withdrawn')
                        AND NOT (live.status = 'reversed' AND live.debt_settled_at IS NOT NULL))
                ELSE said.certificate_id <> refused.certificate_id
            END
    )
$function$;

CREATE OR REPLACE FUNCTION is_on(switch text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
    SELECT EXISTS (
        SELECT FROM dated_rules, business_clock
        WHERE name = switch AND value = 1
            AND ((now() + "offset") AT TIME ZONE 'Asia/Shanghai')::date
                BETWEEN valid_from AND coalesce(valid_to, 'infinity')
    )
$function$;

CREATE OR REPLACE FUNCTION is_payable_after_death(account uuid, voucher uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
    SELECT NOT EXISTS (
        SELECT FROM voucher_holds AS death, accounts AS named
        WHERE death.voucher_id = voucher AND death.reason_code = 'holder_deceased'
            AND named.id = account AND named.owner_kind = 'worker'
            AND CASE WHEN death.lifted THEN named.created_at >= death.held_at AND named.created_at < death.lifted_at
                ELSE EXISTS (
                    SELECT FROM accounts AS known
                    WHERE known.owner_kind = 'worker' AND known.owner_id = named.owner_id
                        AND known.number_index = named.number_index AND known.created_at < death.held_at
                ) END
    )
$function$;

CREATE OR REPLACE FUNCTION ledger_balanced()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    about ledger_transactions;
    source text;
    target text;
    owed_fund uuid;
BEGIN
    IF TG_TABLE_NAME = 'ledger_transactions' THEN
        about := NEW;
    ELSE
        SELECT * INTO about FROM ledger_transactions WHERE id = NEW.transaction_id;
    END IF;
    source := CASE about.kind
        WHEN 'budget' THEN 'appropriation' WHEN 'reserve' THEN 'available' WHEN 'reduction' THEN 'available'
        WHEN 'return' THEN 'spent' WHEN 'recall' THEN 'spent'
        WHEN 'recover' THEN 'receivable' WHEN 'write_off' THEN 'receivable' ELSE 'reserved' END;
    target := CASE about.kind
        WHEN 'reduction' THEN 'appropriation' WHEN 'reserve' THEN 'reserved' WHEN 'return' THEN 'reserved'
        WHEN 'spend' THEN 'spent' WHEN 'recall' THEN 'receivable'
        WHEN 'write_off' THEN 'written_off' ELSE 'available' END;
    IF about.payout_id IS NOT NULL THEN
        SELECT fund_id INTO owed_fund FROM payouts WHERE id = about.payout_id;
    END IF;
    IF (
        SELECT count(*) = 2 AND sum(amount_fen) = 0
            AND bool_and(CASE account WHEN source THEN amount_fen < 0 WHEN target THEN amount_fen > 0 ELSE false END)
            AND (about.payout_id IS NULL OR about.fund_id = owed_fund)
        FROM ledger_postings WHERE transaction_id = about.id
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'a ledger transaction does not balance'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bl_ledger_transactions';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION ledger_postings_move_funds()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    UPDATE funds SET
        budget_fen = funds.budget_fen + moved.budget_fen,
        reserved_fen = funds.reserved_fen + moved.reserved_fen,
        spent_fen = funds.spent_fen + moved.spent_fen,
        receivable_fen = funds.receivable_fen + moved.receivable_fen,
        written_off_fen = funds.written_off_fen + moved.written_off_fen
    FROM (
        SELECT fund_id,
            coalesce(-sum(amount_fen) FILTER (WHERE account = 'appropriation'), 0) AS budget_fen,
            coalesce(sum(amount_fen) FILTER (WHERE account = 'reserved'), 0) AS reserved_fen,
            coalesce(sum(amount_fen) FILTER (WHERE account = 'spent'), 0) AS spent_fen,
            coalesce(sum(amount_fen) FILTER (WHERE account = 'receivable'), 0) AS receivable_fen,
            coalesce(sum(amount_fen) FILTER (WHERE account = 'written_off'), 0) AS written_off_fen
        FROM added GROUP BY fund_id
    ) AS moved
    WHERE funds.id = moved.fund_id;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION ledger_reserves_in_year()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT transaction_id, fund_id FROM added WHERE account = 'reserved' AND amount_fen > 0)
            AS reserved
            JOIN ledger_transactions ON ledger_transactions.id = transaction_id AND kind = 'reserve'
            JOIN funds ON funds.id = reserved.fund_id
        WHERE funds.status <> 'open' OR funds.year <> business_year()
    ) THEN
        RAISE EXCEPTION 'a fund reserves in its year'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'yr_ledger_transactions';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION ledger_transactions_worker_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF current_user = 'payout_api' AND NEW.kind IN ('reserve', 'spend', 'return') THEN
        RAISE EXCEPTION 'money is reserved, spent and returned by the worker'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_ledger_transactions';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION money_returns_taken()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM deliveries WHERE instruction_id = NEW.instruction_id AND outcome = 'returned'
    ) THEN
        RAISE EXCEPTION 'a report is taken by the payout that goes back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ta_money_returns';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION objections_by_a_third()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    involved uuid[] := ARRAY(
        SELECT person_id FROM payout_decisions WHERE payout_id = NEW.payout_id AND action IN ('hold', 'reject')
        UNION ALL SELECT person_id FROM payouts WHERE id = NEW.payout_id
        UNION ALL SELECT key_person_id FROM payouts WHERE id = NEW.payout_id
    ) || NEW.objector_id;
BEGIN
    IF EXISTS (
        SELECT FROM unnest(involved) AS hand (id) LEFT JOIN persons USING (id)
        WHERE coalesce(survivor_id, hand.id)
            = coalesce((SELECT survivor_id FROM persons WHERE id = NEW.decided_by), NEW.decided_by)
    ) THEN
        RAISE EXCEPTION 'a third officer decides an objection to a rejection'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_objections';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION objections_by_two()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    named uuid[] := (SELECT ARRAY[NEW.proposed_by, NEW.decided_by, NEW.objector_id, person_id] FROM payouts
        WHERE id = NEW.payout_id);
    natural_persons uuid[] := (SELECT array_agg(DISTINCT coalesce(survivor_id, id)) FROM persons WHERE id = ANY (named));
    beneficiary uuid := (SELECT coalesce(survivor_id, id) FROM persons WHERE id = named[4]);
    objector uuid := (SELECT coalesce(survivor_id, id) FROM persons WHERE id = NEW.objector_id);
BEGIN
    -- The beneficiary may be unknown here, or object themselves: neither takes away from the two who decide.
    IF cardinality(natural_persons) <> 3 + (beneficiary IS NOT NULL AND beneficiary <> objector)::integer THEN
        RAISE EXCEPTION 'two officers decide an objection, neither who objects nor whose payout it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_objections';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION objections_freeze()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    objection uuid;
    frozen uuid := NEW.payout_id;
BEGIN
    IF TG_TABLE_NAME = 'objections' THEN
        objection := NEW.id;
    ELSE
        objection := NEW.source_id::uuid;
    END IF;
    IF (SELECT about = 'notice' AND status <> 'dismissed' FROM objections WHERE id = objection AND payout_id = frozen)
        IS DISTINCT FROM EXISTS (
            SELECT FROM payout_holds
            WHERE payout_id = frozen AND source = 'objection' AND source_id = objection::text AND lifted_at IS NULL
        ) THEN
        RAISE EXCEPTION 'an objection to a notice freezes its payout until it is dismissed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fr_objections';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION objections_on_notice()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    today date := ((now() + (SELECT "offset" FROM business_clock)) AT TIME ZONE 'Asia/Shanghai')::date;
    days bigint := (SELECT value FROM dated_rules WHERE name = 'objection_working_days'
        AND today BETWEEN valid_from AND coalesce(valid_to, 'infinity'));
BEGIN
    IF (NEW.due_on < end_of_working_days(today, days) AT TIME ZONE 'Asia/Shanghai' AND EXISTS (
        SELECT FROM payouts
        WHERE id = NEW.payout_id AND area = NEW.area AND status = 'published'
            AND notice_ends_at > now() + (SELECT "offset" FROM business_clock)
    )) IS NOT TRUE THEN
        RAISE EXCEPTION 'an objection is against what is on public notice'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'on_objections';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION objections_on_rejection()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    moment timestamptz := now() + (SELECT "offset" FROM business_clock);
    today date := (moment AT TIME ZONE 'Asia/Shanghai')::date;
    to_decide bigint := (SELECT value FROM dated_rules WHERE name = 'objection_working_days'
        AND today BETWEEN valid_from AND coalesce(valid_to, 'infinity'));
    rejected payouts;
    rejected_on date;
BEGIN
    SELECT * INTO rejected FROM payouts WHERE id = NEW.payout_id;
    rejected_on := (rejected.entered_at AT TIME ZONE 'Asia/Shanghai')::date;
    IF (rejected.final AND rejected.reopens IS NULL AND rejected.area = NEW.area
        AND moment < end_of_working_days(rejected_on, (
            SELECT value FROM dated_rules WHERE name = 'rejection_objection_working_days'
                AND rejected_on BETWEEN valid_from AND coalesce(valid_to, 'infinity')))
        AND NEW.due_on < end_of_working_days(today, to_decide) AT TIME ZONE 'Asia/Shanghai'
        AND CASE WHEN NEW.organisation IS NULL
            THEN coalesce((SELECT survivor_id FROM persons WHERE id = rejected.person_id), rejected.person_id)
                = coalesce((SELECT survivor_id FROM persons WHERE id = NEW.objector_id), NEW.objector_id)
            ELSE rejected.payee_kind <> 'worker' AND rejected.payee_id = NEW.organisation END
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'holder or payee objects to a final rejection in time'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'on_objections';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION objections_reopen()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM payouts WHERE reopens = NEW.payout_id) THEN
        RAISE EXCEPTION 'an objection to a rejection is upheld by opening the payout anew'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ro_objections';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION own_service()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT 'payout' $function$;

CREATE OR REPLACE FUNCTION owner_of(owner_kind text, owner_id text)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    SELECT CASE WHEN owner_kind = 'worker'
        THEN coalesce((SELECT survivor_id::text FROM persons WHERE id = owner_id::uuid), owner_id) ELSE owner_id END
$function$;

CREATE OR REPLACE FUNCTION parked_place(topic text, id text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
    SELECT topic || '/' || crc32(convert_to(id, 'UTF8')) % 12
$function$;

CREATE OR REPLACE FUNCTION payment_batches_accepted()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT is_on('payment_files_accepted') THEN
        RAISE EXCEPTION 'no batch goes in a file yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ac_payment_batches';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payment_batches_by_two()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (
            SELECT FROM dated_rules
            WHERE name = 'second_release_above_fen' AND value = NEW.second_release_above_fen
                AND (NEW.created_at AT TIME ZONE 'Asia/Shanghai')::date
                    BETWEEN valid_from AND coalesce(valid_to, 'infinity')
        ) THEN
            RAISE EXCEPTION 'not the limit in force on the day of building'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'by_payment_batches';
        END IF;
    ELSIF OLD.endorsed_by IS NOT NULL OR EXISTS (
        SELECT FROM payment_batch_items AS item JOIN payouts ON payouts.id = item.payout_id
        WHERE item.batch_id = NEW.id AND NEW.endorsed_by IN (
            payouts.person_id, payouts.key_person_id, payouts.reviewed_by, payouts.approved_by,
            payouts.second_approved_by, payouts.batched_by)
    ) THEN
        RAISE EXCEPTION 'another natural person agrees to a release, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'by_payment_batches';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payment_batches_in_year()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM funds WHERE id = NEW.fund_id AND status NOT IN ('carried_over', 'closed') AND year < business_year()
    ) THEN
        RAISE EXCEPTION 'the year of this fund is over'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'yr_payment_batches';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payment_file_items_of_batch()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (SELECT count(*) FROM added) <> (
        SELECT count(*) FROM added
            JOIN payment_files AS file ON file.id = added.file_id
            JOIN instructions ON instructions.id = added.instruction_id
            JOIN payment_batch_items AS item USING (payout_id, attempt)
            JOIN deliveries ON deliveries.instruction_id = instructions.id
        WHERE item.batch_id = file.batch_id AND deliveries.channel = file.channel
            AND deliveries.outcome IS NULL AND deliveries.given_at IS NULL
    ) OR EXISTS (
        SELECT FROM payment_files AS file
        WHERE file.id IN (SELECT file_id FROM added) AND (file.count, file.amount_fen) NOT IN (
            SELECT count(*), sum(deliveries.amount_fen) FROM payment_file_items AS item
                JOIN deliveries USING (instruction_id) WHERE item.file_id = file.id)
    ) THEN
        RAISE EXCEPTION 'not what goes to the bank by this file'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'of_payment_file_items';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payment_files_filled()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM payment_file_items WHERE file_id = NEW.id) THEN
        RAISE EXCEPTION 'nothing is in this file'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payment_files';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payout_decisions_of_step()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payouts
        WHERE id = NEW.payout_id AND version = NEW.version AND payouts.xmin = pg_current_xact_id()::xid
    ) THEN
        RAISE EXCEPTION 'a decision is written down with its step'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'de_payout_decisions';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payout_holds_after_death()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF current_user <> 'payout_worker' AND EXISTS (
        SELECT FROM payouts AS owed
        WHERE owed.id = OLD.payout_id AND owed.payee_kind = 'worker' AND (
            NOT coalesce((
                SELECT is_payable_after_death(heirs.id, owed.voucher_id) FROM accounts AS heirs, business_clock
                WHERE heirs.owner_kind = 'worker' AND heirs.owner_id = owed.payee_id AND heirs.status = 'confirmed'
                    AND heirs.usable_from <= now() + "offset"
                ORDER BY heirs.revision DESC LIMIT 1
            ), FALSE)
            OR owed.status NOT IN ('failed', 'returned') AND owed.approved_by IS NOT NULL AND EXISTS (
                SELECT FROM instructions
                WHERE instructions.payout_id = owed.id AND instructions.attempt = owed.attempt
                    AND NOT is_payable_after_death(instructions.account_id, owed.voucher_id)
            )
        )
    ) THEN
        RAISE EXCEPTION 'a dead holder is not paid: the heirs have no account yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hr_payout_holds';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payout_holds_decided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    step text := CASE WHEN NEW.lifted_at IS NULL THEN 'hold' ELSE 'lift_hold' END;
    person uuid := CASE WHEN NEW.lifted_at IS NULL THEN NEW.placed_by ELSE NEW.lifted_by END;
BEGIN
    IF person IS NULL AND step = 'lift_hold' AND current_user = 'payout_api' OR person IS NOT NULL AND NOT EXISTS (
        SELECT FROM payout_decisions AS decision
        WHERE decision.payout_id = NEW.payout_id AND decision.action = step AND decision.person_id = person
            AND decision.xmin = pg_current_xact_id()::xid
    ) THEN
        RAISE EXCEPTION 'nobody has decided on this hold'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'de_payout_holds';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payout_holds_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a lifted hold stays as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payout_holds';
    END IF;
    IF (OLD.source IN ('certificate', 'revocation') OR OLD.source = 'voucher' AND OLD.reason_code <> 'holder_deceased')
            AND current_user = 'payout_api'
        OR OLD.source NOT IN ('voucher', 'institution', 'certificate', 'revocation', 'eligibility')
            AND current_user = 'payout_worker'
    THEN
        RAISE EXCEPTION 'this hold is lifted by what placed it, or by an officer'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_payout_holds';
    END IF;
    IF OLD.source IN ('eligibility', 'institution', 'voucher') AND current_user = 'payout_api' AND NOT (
        EXISTS (
            SELECT FROM payout_holds AS taken
            WHERE taken.payout_id = OLD.payout_id AND taken.source = 'taken_over' AND taken.source_id = OLD.id::text
                AND taken.placed_by = NEW.lifted_by AND taken.lifted_at IS NULL
        ) AND (OLD.source = 'voucher' OR OLD.source = 'eligibility' AND OLD.reason_code <> 'ineligible' OR EXISTS (
            SELECT FROM institution_facts WHERE credit_code = OLD.source_id AND status = 'removed'
        ))
    ) THEN
        RAISE EXCEPTION 'one officer answers for this hold, and another lifts it'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_payout_holds';
    END IF;
    IF OLD.source = 'taken_over' AND (
        SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons WHERE id IN (OLD.placed_by, NEW.lifted_by)
    ) <> 2 THEN
        RAISE EXCEPTION 'one officer answers for this hold, and another lifts it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_payout_holds_by_two';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payouts_after_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM payouts AS earlier
        WHERE earlier.voucher_id = NEW.voucher_id AND earlier.final AND earlier.id IS DISTINCT FROM NEW.reopens
    ) OR NEW.reopens IS NOT NULL AND NOT (NEW.status = 'opened' AND EXISTS (
        SELECT FROM payouts AS rejected JOIN objections AS objection ON objection.payout_id = rejected.id
        WHERE rejected.id = NEW.reopens AND rejected.voucher_id = NEW.voucher_id AND rejected.final
            AND objection.about = 'rejection' AND objection.status = 'upheld'
    )) THEN
        RAISE EXCEPTION 'nothing is paid for a voucher that was refused for good, unless an objection was upheld'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payouts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payouts_class_verified()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF awaits_class(NEW) THEN
        RAISE EXCEPTION 'a payout is checked once its class is verified'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cv_payouts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payouts_count_holds()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    about uuid;
BEGIN
    IF TG_TABLE_NAME = 'payouts' THEN
        about := NEW.id;
    ELSE
        about := NEW.payout_id;
    END IF;
    IF (SELECT open_holds FROM payouts WHERE id = about)
        <> (SELECT count(*) FROM payout_holds WHERE payout_id = about AND lifted_at IS NULL) THEN
        RAISE EXCEPTION 'open holds are not counted right'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hc_payouts';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payouts_debt_settled()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.debt_settled_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM clawbacks WHERE payout_id = NEW.id AND status IN ('settled', 'written_off')
    ) THEN
        RAISE EXCEPTION 'a key is free when its debt is settled'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ds_payouts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payouts_decided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    step text := CASE
        WHEN NEW.status <> OLD.status THEN CASE NEW.status
            WHEN 'reviewed' THEN CASE OLD.status WHEN 'checked' THEN 'review' ELSE 'correct' END
            WHEN 'approved' THEN 'approve' WHEN 'published' THEN 'publish' WHEN 'batched' THEN 'batch'
            WHEN 'rejected' THEN 'reject' WHEN 'withdrawn' THEN 'withdraw' END
        WHEN NEW.second_approved_by IS DISTINCT FROM OLD.second_approved_by THEN 'second_approve'
        WHEN NEW.open_holds > OLD.open_holds THEN 'hold'
        WHEN NEW.open_holds < OLD.open_holds THEN 'lift_hold'
        WHEN NEW.debt_settled_at IS NOT DISTINCT FROM OLD.debt_settled_at THEN 'nothing' END;
    person uuid := CASE step WHEN 'review' THEN NEW.reviewed_by WHEN 'correct' THEN NEW.reviewed_by
        WHEN 'approve' THEN NEW.approved_by WHEN 'second_approve' THEN NEW.second_approved_by
        WHEN 'batch' THEN NEW.batched_by END;
BEGIN
    -- What is rejected, withdrawn or lifted for a received fact is the worker's step; a hold names its person itself.
    IF step = 'nothing'
        OR step = 'correct'
            AND num_nonnulls(NEW.approved_by, NEW.second_approved_by, NEW.batched_by, NEW.released_by) > 0
        OR (step IN ('review', 'correct', 'approve', 'second_approve', 'publish', 'batch')
            OR step IN ('reject', 'withdraw', 'lift_hold') AND current_user = 'payout_api')
        AND NOT EXISTS (
            SELECT FROM payout_decisions AS decision
            WHERE decision.payout_id = NEW.id AND decision.version = NEW.version AND decision.action = step
                AND decision.person_id = coalesce(person, decision.person_id)
        )
    THEN
        RAISE EXCEPTION 'nobody has decided this step'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'de_payouts';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payouts_delivered()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM instructions JOIN deliveries ON deliveries.instruction_id = instructions.id
        WHERE instructions.payout_id = NEW.id AND instructions.attempt = NEW.attempt AND CASE NEW.status
            WHEN 'sent' THEN outcome IS NULL OR deliveries.amount_fen = 0 ELSE outcome = NEW.status AND given_at IS NOT NULL END
    ) THEN
        RAISE EXCEPTION 'no instruction of this attempt says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dl_payouts';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payouts_final_by_two()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' OR NOT EXISTS (
        SELECT FROM payout_holds AS hold
            JOIN persons AS holder ON holder.id = hold.placed_by
            JOIN payout_decisions AS decision ON decision.payout_id = NEW.id AND decision.version = NEW.version
            JOIN persons AS rejecter ON rejecter.id = decision.person_id
        WHERE hold.payout_id = NEW.id AND hold.source = 'officer' AND hold.lifted_at IS NULL
            AND coalesce(holder.survivor_id, holder.id) <> coalesce(rejecter.survivor_id, rejecter.id)
    ) THEN
        RAISE EXCEPTION 'a payout is rejected for good under the hold of another officer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_payouts';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payouts_keep_fund()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'the fund of a payout never changes'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'im_payouts';
END $function$;

CREATE OR REPLACE FUNCTION payouts_money()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    about uuid;
    owed payouts;
    reserved_fen bigint;
    spent_fen bigint;
    receivable_fen bigint;
    lost_fen bigint;
BEGIN
    IF TG_TABLE_NAME = 'payouts' THEN
        about := NEW.id;
    ELSE
        about := NEW.payout_id;
    END IF;
    SELECT * INTO owed FROM payouts WHERE id = about;
    SELECT coalesce(sum(amount_fen) FILTER (WHERE account = 'reserved'), 0),
        coalesce(sum(amount_fen) FILTER (WHERE account = 'spent'), 0),
        coalesce(sum(amount_fen) FILTER (WHERE account = 'receivable'), 0),
        coalesce(sum(amount_fen) FILTER (WHERE account = 'written_off'), 0)
        INTO reserved_fen, spent_fen, receivable_fen, lost_fen
        FROM ledger_transactions JOIN ledger_postings ON transaction_id = ledger_transactions.id
        WHERE payout_id = about;
    IF reserved_fen <> (CASE
            WHEN owed.status IN ('opened', 'paid', 'reversed', 'rejected', 'withdrawn') THEN 0
            ELSE owed.amount_fen - owed.offset_fen END)
        OR spent_fen <> (CASE owed.status
            WHEN 'paid' THEN owed.amount_fen WHEN 'reversed' THEN 0 ELSE owed.offset_fen END)
        OR receivable_fen <> (CASE owed.status WHEN 'reversed' THEN coalesce((
                SELECT outstanding_fen FROM clawbacks
                WHERE payout_id = about AND status NOT IN ('proposed', 'rejected')
            ), -1) ELSE 0 END)
        OR lost_fen <> (CASE owed.status WHEN 'reversed' THEN (
                SELECT coalesce(sum(clawback_movements.amount_fen), 0) FROM clawback_movements
                    JOIN clawbacks ON clawbacks.id = clawback_id
                WHERE clawbacks.payout_id = about AND kind = 'write_off'
            ) ELSE 0 END)
    THEN
        RAISE EXCEPTION 'the ledger does not say what the payout says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mn_payouts';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payouts_on_a_notice()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM notices AS notice
            JOIN payout_decisions AS decision ON decision.payout_id = NEW.id AND decision.version = NEW.version
        WHERE notice.id = NEW.notice_id AND decision.action = 'publish' AND decision.person_id = notice.published_by
    ) THEN
        RAISE EXCEPTION 'a payout is published on a notice of its own officer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nt_payouts';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payouts_on_notice()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    ahead interval := (SELECT "offset" FROM business_clock);
    published_on date := (NEW.published_at AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    IF NEW.status = 'published' AND (NEW.published_at >= now() + ahead AND NEW.notice_ends_at >= end_of_working_days(
        published_on, (SELECT value FROM dated_rules WHERE name = 'notice_working_days'
            AND published_on BETWEEN valid_from AND coalesce(valid_to, 'infinity'))
    )) IS NOT TRUE
        OR NEW.status = 'cleared' AND NEW.notice_ends_at > clock_timestamp() + ahead
    THEN
        RAISE EXCEPTION 'the public notice lasts whole working days'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'no_payouts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payouts_owed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM voucher_facts AS said
        WHERE said.voucher_id = NEW.voucher_id AND said.certificate_id = NEW.certificate_id
            AND said.person_id = NEW.person_id AND said.skill_code = NEW.skill_code AND said.level = NEW.level
            AND said.occasion = NEW.occasion
            AND said.programme = NEW.programme AND said.fund_source = NEW.fund_source
            AND said.class_area = NEW.area AND said.institution = NEW.institution
            AND said.mandate_id IS NOT DISTINCT FROM NEW.mandate_id
            AND CASE WHEN said.payee_kind <> 'worker' AND said.mandate_id IS NOT NULL
                THEN (NEW.payee_kind, NEW.payee_id) = (said.payee_kind, said.payee_id)
                ELSE (NEW.payee_kind, NEW.payee_id) = ('worker', said.person_id::text) END
            AND (NEW.status <> 'opened' OR said.eligibility <> 'ineligible' AND NOT said.cancelled)
    ) THEN
        RAISE EXCEPTION 'a payout says something else than its voucher'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ow_payouts';
    END IF;
    IF NEW.key_person_id <> coalesce((SELECT survivor_id FROM persons WHERE id = NEW.person_id), NEW.person_id) THEN
        RAISE EXCEPTION 'a benefit is counted under the surviving record of its person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ow_payouts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payouts_priced()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.rate_id IS NULL THEN
        IF NEW.amount_fen <> 0 THEN
            RAISE EXCEPTION 'an amount without a rate' USING ERRCODE = 'check_violation', CONSTRAINT = 'pr_payouts';
        END IF;
    ELSIF NOT EXISTS (
        SELECT FROM rates JOIN certificate_copies AS copy ON copy.certificate_id = NEW.certificate_id
        WHERE rates.id = NEW.rate_id AND rates.programme = NEW.programme AND rates.certificate_kind = copy.kind
            AND rates.level = NEW.level AND rates.act = copy.act AND rates.amount_fen = NEW.amount_fen
            AND copy.priced_on BETWEEN rates.valid_from AND coalesce(rates.valid_to, 'infinity')
    ) THEN
        RAISE EXCEPTION 'the amount is not that of the rate in force on the day of assessment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pr_payouts';
    END IF;
    IF NOT EXISTS (
        SELECT FROM dated_rules
        WHERE name = 'second_approval_above_fen' AND value = NEW.second_approval_above_fen
            AND NEW.opened_on BETWEEN valid_from AND coalesce(valid_to, 'infinity')
    ) THEN
        RAISE EXCEPTION 'not the limit of second approval in force on the day of opening'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pr_payouts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payouts_rejected_by_two()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF current_user = 'payout_api' AND NOT EXISTS (
        SELECT FROM payout_holds AS hold
            JOIN persons AS holder ON holder.id = hold.placed_by
            JOIN payout_decisions AS decision ON decision.payout_id = NEW.id AND decision.version = NEW.version
            JOIN persons AS rejecter ON rejecter.id = decision.person_id
        WHERE hold.payout_id = NEW.id AND hold.source = 'officer' AND hold.lifted_at IS NULL
            AND coalesce(holder.survivor_id, holder.id) <> coalesce(rejecter.survivor_id, rejecter.id)
    ) THEN
        RAISE EXCEPTION 'an approved payout is rejected under the hold of another officer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_payouts';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payouts_released()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payment_batch_items AS item JOIN payment_batches AS batch ON batch.id = item.batch_id
        WHERE item.payout_id = NEW.id AND item.attempt = NEW.attempt AND batch.status = 'released'
            AND batch.built_by = NEW.batched_by AND batch.released_by = NEW.released_by
    ) THEN
        RAISE EXCEPTION 'a payout is released with its batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rl_payouts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payouts_reopened_by_two()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM payout_decisions WHERE payout_id = NEW.id AND version = NEW.version) THEN
        RAISE EXCEPTION 'what an objection reopened is rejected for good, by two officers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_payouts';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payouts_returned_by_report()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM money_returns
            JOIN instructions ON instructions.id = money_returns.instruction_id
            JOIN deliveries ON deliveries.instruction_id = instructions.id
        WHERE instructions.payout_id = NEW.id AND instructions.attempt = NEW.attempt AND money_returns.taken
            AND money_returns.amount_fen = deliveries.amount_fen AND money_returns.code = NEW.code
    ) THEN
        RAISE EXCEPTION 'no report of the bank says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rp_payouts';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payouts_set_off()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    about uuid;
BEGIN
    IF TG_TABLE_NAME = 'payouts' THEN
        about := NEW.id;
    ELSE
        SELECT payout_id INTO about FROM instructions WHERE id = NEW.instruction_id;
    END IF;
    IF (SELECT offset_fen FROM payouts WHERE id = about) <> (
        SELECT coalesce(sum(clawback_movements.amount_fen), 0) FROM clawback_movements
            JOIN instructions ON instructions.id = clawback_movements.instruction_id
        WHERE instructions.payout_id = about AND kind = 'offset'
    ) THEN
        RAISE EXCEPTION 'what was set off is what the debts were counted for'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'of_payouts';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION payouts_stay_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'a final rejection stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payouts';
END $function$;

CREATE OR REPLACE FUNCTION payouts_steps_by_worker()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF current_user = 'payout_api' THEN
        RAISE EXCEPTION 'this step is the worker''s'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_payouts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payouts_steps_free()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'no step up to the bank is taken under a hold'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'hl_payouts';
END $function$;

CREATE OR REPLACE FUNCTION payouts_steps_on_certificate()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    -- against a certificate revoked between this look and the commit; the service has locked it before
    PERFORM FROM certificate_statuses WHERE certificate_id = NEW.certificate_id AND status = 'valid' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is approved or sent without a valid certificate'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'va_payouts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION payouts_steps_on_facts()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF has_incomplete_facts(NEW) THEN
        RAISE EXCEPTION 'no step is taken while an event about the payout is parked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fc_payouts';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION pending_offsets(about uuid)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
    SELECT coalesce(sum(clawback_offsets.amount_fen), 0)::bigint
    FROM clawback_offsets LEFT JOIN deliveries ON deliveries.instruction_id = clawback_offsets.instruction_id
    WHERE clawback_offsets.clawback_id = about AND deliveries.outcome IS NULL
$function$;

CREATE OR REPLACE FUNCTION rate_changes_approved()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
        WHERE id IN (NEW.proposed_by, NEW.decided_by)) <> 2
    THEN
        RAISE EXCEPTION 'a rate is proposed by one officer and approved by another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_rate_changes';
    END IF;
    -- against two changes that take one number
    LOCK TABLE rates IN SHARE ROW EXCLUSIVE MODE;
    UPDATE rates SET valid_to = NEW.valid_from - 1 WHERE id = NEW.rate_id AND valid_from < NEW.valid_from
        AND (programme, certificate_kind, level, act) = (NEW.programme, NEW.certificate_kind, NEW.level, NEW.act);
    IF NEW.rate_id IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION 'a row is replaced by one for the same certificate, after its first day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rp_rate_changes';
    END IF;
    INSERT INTO rates (id, programme, certificate_kind, level, act, amount_fen, valid_from, valid_to, payee, confirm,
            source)
        SELECT max(id) + 1, NEW.programme, NEW.certificate_kind, NEW.level, NEW.act, NEW.amount_fen, NEW.valid_from,
            NEW.valid_to, NEW.payee, '', NEW.source
        FROM rates;
    RETURN NULL;
END $function$;
