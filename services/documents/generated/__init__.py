"""Generated documents. The service that owns a case signs the facts of its document, and this package typesets them."""
