# Will not be asked to end: ignores every signal that can be ignored, in children too.
trap '' TERM INT HUP QUIT USR1 USR2 ALRM
sleep 3 &
end=$((SECONDS + 3))
while [ $SECONDS -lt $end ]; do :; done
echo "BROKEN: ran for 3 s"
exit 1
