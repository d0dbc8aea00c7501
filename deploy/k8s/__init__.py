"""Kubernetes: hand-written bases and components; the overlays of the province and the cities are generated from one table of
tenants."""
