
# Names, fields and values of selectors, from the fleet as it was seen last.
_archipel_values() {
    local -a found
    found=("${(@f)$(archipel complete "$LBUFFER" 2>/dev/null)}")
    if [[ -z "${found[1]}" ]]; then
        _archipel "$@"
        return
    fi
    # A selector in quotes may go on.
    if [[ -n "$QIPREFIX" ]]; then
        compadd -S '' -a found
    else
        compadd -a found
    fi
}
compdef _archipel_values archipel
