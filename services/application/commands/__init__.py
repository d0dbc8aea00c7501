"""The commands of the application service, one verb per file. Each command loads its objects, decides by the domain's rules, and
records the result."""
