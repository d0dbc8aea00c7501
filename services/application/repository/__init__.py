"""Load and keep: plain functions over a Session, a module for each thing that is kept. `lock` says what is locked."""
