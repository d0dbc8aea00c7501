"""The whole platform in one process: SQLite, files on disk, the bus in memory."""
