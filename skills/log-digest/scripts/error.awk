# Prints the output object of a run that fails with MESSAGE.

BEGIN {
    print "{\"error\":" json_string(ENVIRON["MESSAGE"]) "}"
}
