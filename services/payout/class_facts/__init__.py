"""What training says about classes: which an officer has verified (验收)."""
