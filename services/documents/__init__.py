"""The documents service: the uploaded files of every subject, with their versions and checksums, and the generated documents. The
bytes are in the object store."""
