"""Evaluation 评价·持证: what was assessed, by whom, and which certificates it gave."""
