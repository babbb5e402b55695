#!/bin/sh
# Prints .env.example with a fresh secret in every empty place. Usage: sh deploy/new-env.sh > .env
set -eu
umask 077

while IFS= read -r line; do
    case "$line" in
        '#'*) ;;
        *_PASSWORD=) line="$line$(openssl rand -hex 24)" ;;
        *_KEY=) line="$line$(openssl rand -base64 32)" ;;
    esac
    printf '%s\n' "$line"
done < "$(dirname "$0")/../.env.example"
