-- A fund's figures are moved by postings and by nothing else: no role may write them.
CREATE OR REPLACE FUNCTION ledger_postings_move_funds() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
END $$;
