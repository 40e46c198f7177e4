
# shellcheck shell=bash disable=SC2154
# _nidus_values, _nidus_paths, _nidus_words, _nidus_verbs and _nidus_verb stand above: they are
# made from nidus's tables.

_nidus_offer() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_nidus_files() {
	local more=()
	compopt -o filenames 2>/dev/null
	mapfile -t more < <(compgen -f -- "$cur")
	COMPREPLY+=("${more[@]}")
}

# The living: by name, else by id.
_nidus_sandboxes() {
	"${COMP_WORDS[0]}" list 2>/dev/null | awk 'NR > 1 { print $2 == "-" ? $1 : $2 }'
}

# The profiles of the user and of the administrator, beside those that nidus brings along.
_nidus_profiles() {
	local place
	for place in "${XDG_CONFIG_HOME:-$HOME/.config}/nidus/profiles" /etc/nidus/profiles; do
		[[ -d $place ]] && (cd "$place" && compgen -f)
	done
}

# Value number $2 of the option $1.
_nidus_value() {
	local words=${_nidus_words[$1]}
	[[ $1 == --profile ]] && words+=" $(_nidus_profiles)"
	if (($2 == 1)) && [[ -n $words ]]; then
		_nidus_offer "$words"
	fi
	if [[ ${_nidus_paths[$1]} == *$2* ]]; then
		_nidus_files
	fi
}

# Word number $1 is the first after run. bash cuts --opt=value into three words.
_nidus_run() {
	local i=$1 word count
	while ((i < COMP_CWORD)); do
		word=${COMP_WORDS[i]}
		if [[ $word == -- ]]; then
			((i += 1))
			break
		fi
		[[ $word == -?* ]] || break
		if [[ ${COMP_WORDS[i + 1]} == = ]]; then
			if ((COMP_CWORD <= i + 2)); then
				_nidus_value "$word" 1
				return
			fi
			((i += 3))
			continue
		fi
		count=${_nidus_values[$word]:-0}
		if ((COMP_CWORD <= i + count)); then
			_nidus_value "$word" $((COMP_CWORD - i))
			return
		fi
		((i += 1 + count))
	done
	if ((i < COMP_CWORD)); then # arguments of the command
		_nidus_files
	elif [[ ${COMP_WORDS[i - 1]} != -- && $cur == -* ]]; then
		_nidus_offer "${!_nidus_values[*]}"
	else
		mapfile -t COMPREPLY < <(compgen -c -- "$cur")
	fi
}

_nidus() {
	local cur=${COMP_WORDS[COMP_CWORD]} i=1 word
	COMPREPLY=()
	[[ $cur == = ]] && cur=
	while ((i < COMP_CWORD)); do
		word=${COMP_WORDS[i]}
		[[ $word == --log-* ]] || break
		if [[ ${COMP_WORDS[i + 1]} == = ]]; then
			((i += 1))
		fi
		if ((COMP_CWORD <= i + 1)); then
			_nidus_value "$word" 1
			return
		fi
		((i += 2))
	done
	if ((i == COMP_CWORD)); then
		if [[ $cur == -* ]]; then
			_nidus_offer '--help --version --log-level --log-format'
		else
			_nidus_offer "$_nidus_verbs"
		fi
	elif [[ ${COMP_WORDS[i]} == run ]]; then
		_nidus_run $((i + 1))
	else
		_nidus_verb "${COMP_WORDS[i]}"
	fi
}

complete -F _nidus nidus
