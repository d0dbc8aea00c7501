"""Documents: uploaded files of a subject with their versions and checksums. The bytes are in the object store."""
