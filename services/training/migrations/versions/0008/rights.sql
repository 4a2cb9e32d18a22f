-- An application that is entered anew may say another area and another kind, until it is listed (A9).
GRANT UPDATE (area, kind) ON institutions TO training_api;
