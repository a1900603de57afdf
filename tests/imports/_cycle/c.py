from _cycle.d import y
x = 1
