#!/bin/sh
# A database for each service, and a role that owns it and enters no other. PostgreSQL runs this once, when its data is new.
set -eu
for name in application review evaluation notification documents gateway; do
  psql --quiet --set ON_ERROR_STOP=1 --set name="$name" <<SQL
\getenv password PASSWORD_$name
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
