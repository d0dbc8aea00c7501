"""Functions that load and store objects through a Session, one module for each kind of object. The parameter `lock` says that the
loaded rows are locked."""
