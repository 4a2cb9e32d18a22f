"""The worker's own check-in and check-out with the rotating code of a class session (签到、签退)."""
