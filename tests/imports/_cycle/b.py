print("b begins")
from . import a
seen = hasattr(a, "value")
print("b ends")
