"""Claims at a counter (现场代办) for people without a session of their own: card read, photo, two officers (A2)."""
