"""The published language: marshmallow schemas of the services' commands, queries, answers and events, one module or package per
publisher."""
