-- A benefit that is live under another record of the person is live: refused for that, a payout is not judged again.
CREATE OR REPLACE FUNCTION is_cause_gone(refused payouts, today date) RETURNS boolean LANGUAGE sql STABLE AS $$
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
$$;
