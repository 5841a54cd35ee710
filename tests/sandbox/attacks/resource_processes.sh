# Floods the machine with processes from a shell.
for number in $(seq 200); do
    sleep 600 2>/dev/null &
done 2>/tmp/errors
count=$(jobs -p | wc -l)
if [ "$count" -gt 40 ]; then
    echo "BROKEN: $count processes"
    exit 1
fi
echo "CONTAINED: $count processes"
