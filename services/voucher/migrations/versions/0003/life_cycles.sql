DROP TRIGGER lifecycle ON vouchers;
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON vouchers
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{offered,claimed}',
        '{offered>claimed,claimed>in_use,expired>in_use,in_use>claimed,in_use>certified,void_uncertified>certified,certified>in_use,settling>in_use,certified>lapsed,settling>lapsed,certified>settling,settling>redeemed,lapsed>redeemed,in_use>redeemed,void_uncertified>redeemed,settling>certified,redeemed>clawed_back,claimed>given_back,offered>expired,claimed>expired,in_use>void_uncertified,offered>cancelled,claimed>cancelled,in_use>cancelled}');
