"""The service that owns organisations, calls, applications, the register of consortia, and all quotas."""
