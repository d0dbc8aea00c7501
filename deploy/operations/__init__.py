"""The operator's work on a platform: find faults, move deadlines, replay events, verify the audit log."""
