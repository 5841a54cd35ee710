# The same from a shell, which opens none for modules of its own; 255 is bash's.
set -- /proc/$$/fd/*
for descriptor; do
    case ${descriptor##*/} in
        0 | 1 | 2 | 255) ;;
        *) echo "BROKEN: $descriptor -> $(readlink "$descriptor")"; exit 1 ;;
    esac
done
echo "CONTAINED: $*"
