"""Class sessions (课次): when, where and under whom a class meets; the calendar of trainers and rooms."""
