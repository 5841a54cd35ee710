# Runs the programs that make root of anybody, where the host has them.
for program in /usr/bin/su /usr/bin/sudo /usr/bin/pkexec /usr/bin/newgrp /bin/su; do
    [ -x "$program" ] || continue
    case $program in
        *sudo | *pkexec) got=$("$program" -n /usr/bin/id -u 2>/dev/null </dev/null) ;;
        *newgrp) got=$(echo id -g | "$program" root 2>/dev/null) ;;
        *) got=$("$program" -c "id -u" root 2>/dev/null </dev/null) ;;
    esac
    if [ "$got" = 0 ]; then
        echo "BROKEN: $program made us root"
        exit 1
    fi
done
echo "CONTAINED: still $(id -u)"
