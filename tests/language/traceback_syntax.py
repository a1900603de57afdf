# A syntax error in a string that is compiled, printed by the interpreter.
# stderr: compare
# exit: 1
exec(compile("x = 1\nfoo(a b)\n", "made up", "exec"))
