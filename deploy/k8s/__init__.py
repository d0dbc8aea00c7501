"""Kubernetes. Bases and components are written by hand; the overlays of the province and the cities are generated from one table
of tenants."""
