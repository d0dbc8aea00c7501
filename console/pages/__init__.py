"""The console's pages, a module for each area. Every module has a `blueprint`; `console.app` finds them."""
