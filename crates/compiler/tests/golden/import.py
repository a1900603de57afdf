import a, b.c, d.e as f
from g import h, i as j
from . import k
from ..l import m
from n import *
def fn():
    import a.b
    from c import d
