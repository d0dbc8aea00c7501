"""Every process is killed while people work, and no acknowledged change may be missing."""
