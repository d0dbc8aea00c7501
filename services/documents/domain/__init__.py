"""The rules of documents and of their retention."""
