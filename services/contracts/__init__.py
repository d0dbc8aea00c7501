"""The published language: marshmallow schemas of commands, queries and events, one module per publisher."""
