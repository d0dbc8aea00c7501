"""Backups of every deployment form, their restore, and the removal of old ones: docs/operations/backup.md."""
