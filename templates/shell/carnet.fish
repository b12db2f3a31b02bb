# Completion of carnet for fish. Made by `carnet completions fish`.
function __carnet_complete
    set -l before (commandline --current-process --tokenize --cut-at-cursor)
    carnet complete --index (count $before) -- $before (commandline --current-token --cut-at-cursor | string unescape) 2>/dev/null
end
complete --command carnet --no-files --keep-order --arguments '(__carnet_complete)'
