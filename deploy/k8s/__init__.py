"""Kubernetes: bases and components by hand, the overlays of province and cities written from one table of tenants."""
