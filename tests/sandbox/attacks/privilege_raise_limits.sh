# Raises the shell's own limits.
for limit in -c -n -u -f -l; do
    before=$(ulimit -H $limit)
    [ "$before" = unlimited ] && { echo "BROKEN: ulimit $limit is unlimited"; exit 1; }
    if ulimit -H $limit unlimited 2>/dev/null || ulimit -H $limit $((before + 1)) 2>/dev/null; then
        echo "BROKEN: ulimit $limit raised from $before"
        exit 1
    fi
done
echo "CONTAINED: $(ulimit -n) files, $(ulimit -u) processes"
