
# Names, fields and values of selectors, from the fleet as it was seen last.
_archipel_values() {
    local -a found
    # Inside quotes the shell's own copy of the line has lost them.
    local line="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX"
    found=("${(@f)$(archipel complete "$line" 2>/dev/null)}")
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
