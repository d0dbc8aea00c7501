"""Generated documents: the service that owns the case states their facts, signed; this package typesets them."""
