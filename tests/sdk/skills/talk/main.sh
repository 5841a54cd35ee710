echo one
echo "two: ünï"
echo three
printf %s "$(cat /sandbox/input.json)" > "$SANDBOX_OUTPUT"
