from _cycle.c import x
y = 1
