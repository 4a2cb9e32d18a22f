-- A release names the releaser on its payouts, and a merger the surviving person: neither is a step of the payout.
DROP TRIGGER step ON payouts;
CREATE TRIGGER step AFTER INSERT OR UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION guard_step(
    '{"+": ["released_by", "key_person_id"],
      "=": ["open_holds", "second_approved_by", "debt_settled_at"],
      "checked": ["fund_id"],
      "reviewed": ["reviewed_by"],
      "failed>reviewed": ["reviewed_by", "approved_by", "second_approved_by", "batched_by", "released_by"],
      "returned>reviewed": ["reviewed_by", "approved_by", "second_approved_by", "batched_by", "released_by"],
      "approved": ["approved_by", "attempt"],
      "published": ["notice_id", "published_at", "notice_ends_at"],
      "batched": ["batched_by"],
      "sent": ["code"], "paid": ["offset_fen"], "failed": ["code"], "returned": ["code"],
      "rejected": ["code", "final"], "withdrawn": ["code"], "reversed": ["code"]}',
    '{fund_id,reviewed_by,approved_by,second_approved_by,batched_by,released_by,notice_id,published_at,'
    'notice_ends_at,debt_settled_at}'
);
