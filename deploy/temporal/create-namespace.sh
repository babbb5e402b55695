#!/bin/sh
# Makes the namespace and its search attributes as they should be; may be run again at any time.
# Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and HISTORY_RETENTION (such as 90d).
set -eu

attempt=1
until temporal operator cluster health >/dev/null 2>&1; do
    [ "$attempt" -lt 60 ] || { echo "Temporal at $TEMPORAL_ADDRESS doesn't answer" >&2; exit 1; }
    attempt=$((attempt + 1))
    sleep 2
done

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$HISTORY_RETENTION"
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$HISTORY_RETENTION"
fi

# A new namespace reaches every part of the server within seconds, not at once.
attempt=1
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
    --name ComplaintStage --type Keyword \
    --name Department --type Keyword \
    --name Severity --type Keyword \
    --name Escalated --type Bool; do
    [ "$attempt" -lt 15 ] || { echo "could not create the search attributes" >&2; exit 1; }
    attempt=$((attempt + 1))
    sleep 2
done
