"""Documents: what was uploaded about which subject, its versions and checksums. The bytes lie in the object store."""
