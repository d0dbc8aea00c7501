"""The rules of documents and of how long they are kept."""
