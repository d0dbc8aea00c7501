"""Generated documents. The service that owns a case signs the facts that the document states, and this package typesets the
document."""
