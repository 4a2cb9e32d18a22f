"""Corrections of closed sessions' attendance, and make-ups (更正、补卡), by an officer (D4)."""
