# The same from a shell, whose standard input must not be the engine's either; 255 is bash's own.
for number in $(seq 3 254); do
    if [ -e "/proc/$$/fd/$number" ]; then
        echo "BROKEN: $number -> $(readlink "/proc/$$/fd/$number")"
        exit 1
    fi
done
echo "CONTAINED: 0, 1 and 2"
