"""Everything is killed while people work, and nothing they were promised may be missing."""
