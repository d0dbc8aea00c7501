"""Backups that fit every shape, restoring them, and what becomes of old ones: docs/operations/backup.md."""
