"""Load and store: plain functions over a Session, one module for each kind of object. `lock` states which rows are locked."""
