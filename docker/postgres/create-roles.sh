#!/bin/sh
# Runs once, when the database's volume is empty. docs/howto/run-in-production.md explains the three roles.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
  --set=owner_password="$TAGWARDEN_OWNER_PASSWORD" --set=app_password="$TAGWARDEN_APP_PASSWORD" <<'SQL'
CREATE ROLE tagwarden_app NOLOGIN;
CREATE ROLE tagwarden_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE tagwarden LOGIN PASSWORD :'app_password';
GRANT tagwarden_app TO tagwarden_owner, tagwarden;
CREATE DATABASE tagwarden OWNER tagwarden_owner;
REVOKE ALL ON DATABASE tagwarden FROM PUBLIC;
GRANT CONNECT ON DATABASE tagwarden TO tagwarden;
SQL
