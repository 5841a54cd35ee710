# fish completion for skillbox. To load it now:
#   skillbox completion fish | source
# For every session:
#   skillbox completion fish > ~/.config/fish/completions/skillbox.fish

function __skillbox_takes_value
    switch "$argv[1]:$argv[2]"
@VALUES@
    end
    return 1
end

# Prints the command that is being completed and how many arguments it has so far.
function __skillbox_state
    set -l where ''
    set -l position 0
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$where:$word"
@COMMANDS@
            case '*:-*'
                __skillbox_takes_value "$where" "$word"; and set skip 1
            case '*'
                set position (math $position + 1)
        end
    end
    echo "$where:$position"
end

function __skillbox_at
    string match -q -- "$argv[1]:*" (__skillbox_state)
end

function __skillbox_argument
    string match -q -- "$argv[1]" (__skillbox_state)
end

complete -c skillbox -f
@WORDS@
