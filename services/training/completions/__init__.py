"""The end of a class: finishing, completion tests (结业考核), verification."""
