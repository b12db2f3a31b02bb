# Completion of carnet for bash. Made by `carnet completions bash`.
_carnet() {
    local line=${COMP_LINE:0:COMP_POINT} words=() i piece rest trimmed last cut value
    rest=$line
    # Bash cuts words at : and = (COMP_WORDBREAKS). What no blank parts is one word.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        trimmed=${rest#"${rest%%[![:space:]]*}"}
        if ((i == COMP_CWORD)); then piece=$trimmed; else piece=${COMP_WORDS[i]}; fi
        last=$((${#words[@]} - 1))
        if ((last >= 0)) && [[ $trimmed == "$rest" ]]; then
            words[last]+=$piece
        else
            words+=("$piece")
        fi
        rest=${trimmed#"$piece"}
    done
    last=$((${#words[@]} - 1))
    local current=${words[last]}
    local before=${current%"${current##*[:=]}"}
    COMPREPLY=()
    while IFS=$'\t' read -r value _; do
        case $current in
        # Readline puts the quote around it; what the shell would run or end the quote with is made inert.
        \'*) value=${value//\'/\'\\\'\'} ;;
        \"*)
            [[ $value == *!* ]] && continue # Nothing keeps history from it there.
            value=${value//\\/\\\\}
            value=${value//\"/\\\"}
            value=${value//\$/\\\$}
            value=${value//\`/\\\`}
            ;;
        *)
            value=$(printf '%q' "$value")
            [[ $COMP_WORDBREAKS == *:* ]] && value=${value#"$before"}
            ;;
        esac
        COMPREPLY+=("$value")
    done < <(carnet complete --raw --index "$last" -- "${words[@]}" 2>/dev/null)
    if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[:=/\<@] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o nosort -F _carnet carnet 2>/dev/null || complete -F _carnet carnet
