# args: one "two words" --flag -x
# stdin: first line\nsecond\n
# Arguments and standard input.
import sys
print(sys.argv, __name__, sys.stdin.readline(), repr(input("prompt> ")))
try: input()
except EOFError as e: print("EOF", e)
print(sys.flags.optimize, sys.orig_argv[-1], sys.stdin.isatty(), sys.executable != "")
