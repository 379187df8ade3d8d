# SPDX-License-Identifier: MIT
# offer.zsh FUNCTIONS LINE: prints what zsh offers after LINE, with the completion functions of that folder.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; stty columns 200; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell "zstyle ':completion:*' list-prompt ''; zstyle ':completion:*' menu no; LISTMAX=0; setopt no_list_beep; bindkey '^I' list-choices"
zpty -w shell "print READY''-NOW"
zpty -r -m shell line '*READY-NOW*'
zpty -w -n shell "$2"$'\t'
zpty -w -n shell $'\C-u'
zpty -w shell "print END''-NOW"
zpty -r -m shell line '*END-NOW*'
print -r -- "$line"
zpty -d shell
