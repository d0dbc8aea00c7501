"""The console's pages, one module for each area. Every module has a `blueprint`, which `console.app` finds."""
