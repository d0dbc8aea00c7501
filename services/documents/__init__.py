"""The documents service. It stores the uploaded files of every subject, with their versions and checksums, and the generated
documents. The bytes of the files are in the object store ("the store")."""
