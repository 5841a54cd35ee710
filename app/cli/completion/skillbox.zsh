#compdef skillbox
# zsh completion for skillbox. To load it now:
#   source <(skillbox completion zsh)
# For every session, with a folder of your $fpath:
#   skillbox completion zsh > "${fpath[1]}/_skillbox"

_skillbox_value()
{
    kind=''
    case "$1:$2" in
@VALUES@
    esac
    [[ -n $kind ]]
}

_skillbox_positional()
{
    kind=nothing
    case "$1:$2" in
@POSITIONALS@
    esac
}

_skillbox_words()
{
    commands=() options=()
    case "$1" in
@WORDS@
    esac
}

_skillbox_offer()
{
    local -a found
    case "$1" in
        words\ *) compadd -- ${=1#words } ;;
        skills|skills-or-directories)
            found=(${(f)"$(skillbox __complete skills 2>/dev/null)"})
            (( $#found )) && compadd -- $found
            [[ $1 == skills ]] || _files -/ ;;
        executions)
            found=(last ${(f)"$(skillbox __complete executions 2>/dev/null)"})
            compadd -- $found ;;
        directories) _files -/ ;;
        files) _files ;;
    esac
}

_skillbox()
{
    local where='' kind='' pending='' word
    local -a commands options
    local -i position=0 i
    for ((i = 2; i < CURRENT; i++)); do
        word=$words[i]
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
        _skillbox_offer "$pending"
        return
    fi
    _skillbox_words "$where"
    if [[ $words[CURRENT] == -* ]]; then
        _describe -o option options
    elif (( $#commands )); then
        _describe command commands
    else
        _skillbox_positional "$where" "$position"
        _skillbox_offer "$kind"
    fi
}

if [[ $funcstack[1] == _skillbox ]]; then
    _skillbox "$@"
else
    compdef _skillbox skillbox
fi
