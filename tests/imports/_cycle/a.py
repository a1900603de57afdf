print("a begins")
from . import b
value = "a"
print("a ends", b.seen)
