# Reads totals, then shapes in their final order, and prints the output object.

BEGIN {
    FS = "\t"
    n = split("trace debug info warning error fatal", order, " ")
    for (i = 1; i <= n; ++i)
        RANK[order[i]] = i
    top = ENVIRON["TOP"] + 0
    least = ENVIRON["MIN_LEVEL"] == "" ? 0 : RANK[ENVIRON["MIN_LEVEL"]]
}

FNR == NR {
    total[$1] = $2
    next
}

listed < top && RANK[$2] + 0 >= least {
    ++listed
    shapes = shapes (listed > 1 ? "," : "") "{\"count\":" $1 ",\"level\":\"" $2 "\",\"shape\":" \
             json_string($4) ",\"first_line\":" $3 ",\"example\":" json_string($5) "}"
}

END {
    printf "{\"lines\":%d,\"messages\":%d,\"continuations\":%d", \
           total["lines"], total["messages"], total["continuations"]
    printf ",\"levels\":{"
    for (i = n; i >= 1; --i)
        printf "\"%s\":%d,", order[i], total["level " order[i]]
    printf "\"none\":%d}", total["level none"]
    printf ",\"first_time\":%s,\"last_time\":%s", time(total["first_time"]), time(total["last_time"])
    printf ",\"distinct_shapes\":%d,\"shapes\":[%s]", total["distinct_shapes"], shapes
    if (total["overflow"])
        warnings = "\"more than 50000 shapes: the rest is counted as (other)\""
    printf ",\"warnings\":[%s]}\n", warnings
}

function time(text) {
    return text == "" ? "null" : json_string(text)
}
