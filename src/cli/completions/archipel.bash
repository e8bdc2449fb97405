
# Names, fields and values of selectors, from the fleet as it was seen last.
_archipel_values() {
    local found
    found=$(archipel complete "${COMP_LINE:0:COMP_POINT}" "${COMP_WORDS[COMP_CWORD]}" 2>/dev/null)
    if [[ -z $found ]]; then
        _archipel "$@"
        return
    fi
    mapfile -t COMPREPLY <<<"$found"
    # A selector in quotes may go on.
    case ${COMP_WORDS[COMP_CWORD]} in
        [\'\"]*) compopt -o nospace ;;
    esac
}
complete -F _archipel_values -o nosort -o bashdefault -o default archipel
