# SPDX-License-Identifier: ISC
# shellcheck shell=bash

# fault_helper: $HELPER, the program that breaks one system call of another.
# Ends the script, as done, on a processor that it is not written for.
fault_helper()
{
	HELPER=$(dirname "$BIN")/still/syscall-fault
	"$HELPER" /dev/null none 0 true
	case $? in
	0) ;;
	69)
		echo "skipped: not written for this processor"
		exit 0
		;;
	*) exit 1 ;;
	esac
}
