#compdef carnet
# Completion of carnet for zsh. Made by `carnet completions zsh`.
_carnet() {
    local line value help
    local -a all open
    while IFS=$'\t' read -r value help; do
        value=${value//:/\\:}
        [[ -n $help ]] && value+=:$help
        case $value in
        *[=/\<@]|*[=/\<@]:*|*\\:|*\\::*) open+=("$value") ;;
        *) all+=("$value") ;;
        esac
    done < <(carnet complete --index $((CURRENT - 1)) -- "${(@Q)words[1,CURRENT]}" 2>/dev/null)
    local found=1
    # -U: what carnet offers fits already, whatever the case (`jea` is `Jeanne`).
    (($#open)) && _describe -V 'carnet' open -U -S '' && found=0
    (($#all)) && _describe -V 'carnet' all -U && found=0
    return $found
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _carnet "$@"; else compdef _carnet carnet; fi
