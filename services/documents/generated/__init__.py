"""Papers the platform makes: what stands in them comes signed from the service that owns the matter; here it is typeset."""
