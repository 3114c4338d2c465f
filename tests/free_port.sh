#!/usr/bin/env bash
# Prints the first port from the given one on that nothing listens on.
port=${1:?port}
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
echo "$port"
