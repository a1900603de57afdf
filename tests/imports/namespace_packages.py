# A package without __init__ in two folders of the path.
import sys, os
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, "_nsA"), os.path.join(here, "_nsB")]
import _space.in_a, _space.in_b
print(_space.in_a.where, _space.in_b.where, len(list(_space.__path__)), getattr(_space, "__file__", None), type(_space.__path__).__name__)
