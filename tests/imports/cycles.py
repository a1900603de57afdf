# Modules that import each other.
import _cycle.a
try: import _cycle.c
except ImportError as e: print(str(e).split(" (")[0])
