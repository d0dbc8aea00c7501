"""Organisations, calls, applications, the register, and all quotas."""
