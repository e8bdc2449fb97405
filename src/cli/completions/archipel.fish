
# Names, fields and values of selectors, from the fleet as it was seen last.
complete -c archipel -a '(archipel complete (commandline -cp | string collect) 2>/dev/null)'
