-- What was paid may come back, and goes on from there (R23).
DROP TRIGGER lifecycle ON payouts;
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON payouts
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{opened,rejected}',
        '{opened>checked,checked>reviewed,reviewed>approved,approved>published,published>cleared,approved>cleared,'
        'cleared>batched,batched>sent,unknown>sent,sent>paid,unknown>paid,sent>failed,unknown>failed,sent>unknown,'
        'failed>reviewed,paid>returned,returned>reviewed,paid>reversed,opened>rejected,'
        'checked>rejected,reviewed>rejected,approved>rejected,'
        'published>rejected,cleared>rejected,batched>rejected,failed>rejected,returned>rejected,opened>withdrawn,'
        'checked>withdrawn,reviewed>withdrawn,approved>withdrawn,published>withdrawn,cleared>withdrawn,batched>withdrawn,'
        'failed>withdrawn,returned>withdrawn}'
    );
