# Where the outside parts of the tests are; sourced by run.sh and setup.sh.
# shellcheck shell=bash
#
#   NUTKIN_CACHE   downloads and Python environments, shared by all checkouts (default: ~/.cache/nutkin)
export NUTKIN_CACHE="${NUTKIN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nutkin}"
export PEERS_HOME="${PEERS_HOME:-$NUTKIN_CACHE/peers}"
# Pinned: a new release of a client must not break an old commit.
export NUTKIN_PYTHON="$NUTKIN_CACHE/python-1"
NUTKIN_PYTHON_PACKAGES="confluent-kafka[avro,json,protobuf,schemaregistry]==2.16.0 confluent-sql==0.7.0"
