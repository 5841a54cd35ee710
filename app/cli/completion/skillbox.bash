# bash completion for skillbox. To load it now:
#   source <(skillbox completion bash)
# For every session:
#   skillbox completion bash > ~/.local/share/bash-completion/completions/skillbox

# Sets `kind` to what the option $2 of the command $1 takes; false: it takes no value.
_skillbox_value()
{
    kind=''
    case "$1:$2" in
@VALUES@
    esac
    [[ -n $kind ]]
}

# Sets `kind` to what the positional argument number $2 of the command $1 is.
_skillbox_positional()
{
    kind=nothing
    case "$1:$2" in
@POSITIONALS@
    esac
}

# Sets `offered` to the commands and options of the command $1.
_skillbox_words()
{
    commands='' options=''
    case "$1" in
@WORDS@
    esac
}

_skillbox_offer()
{
    case "$1" in
        words\ *) COMPREPLY=($(compgen -W "${1#words }" -- "$2")) ;;
        skills) COMPREPLY=($(compgen -W "$(skillbox __complete skills 2>/dev/null)" -- "$2")) ;;
        executions) COMPREPLY=($(compgen -W "last $(skillbox __complete executions 2>/dev/null)" -- "$2")) ;;
        skills-or-directories)
            compopt -o filenames 2>/dev/null
            COMPREPLY=($(compgen -W "$(skillbox __complete skills 2>/dev/null)" -- "$2")
                       $(compgen -d -- "$2")) ;;
        directories) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$2")) ;;
        files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$2")) ;;
    esac
}

_skillbox()
{
    local IFS=$' \t\n' cur=${COMP_WORDS[COMP_CWORD]} where='' kind='' pending='' word
    local commands options
    local -i position=0 i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $pending ]]; then
            pending=''
            continue
        fi
        case "$where:$word" in
@COMMANDS@
            *:-*) _skillbox_value "$where" "$word" && pending=$kind ;;
            *) position+=1 ;;
        esac
    done
    if [[ -n $pending ]]; then
        _skillbox_offer "$pending" "$cur"
        return
    fi
    _skillbox_words "$where"
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
    elif [[ -n $commands ]]; then
        COMPREPLY=($(compgen -W "$commands" -- "$cur"))
    else
        _skillbox_positional "$where" "$position"
        _skillbox_offer "$kind" "$cur"
    fi
}

complete -F _skillbox skillbox
