ALTER TABLE eligibility_verdicts
    DROP CONSTRAINT ck_eligibility_verdicts_step,
    ADD CONSTRAINT ck_eligibility_verdicts_step CHECK (step IN ('claim', 'certification', 'answer'));
