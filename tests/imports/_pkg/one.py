print("loading", __name__); from . import value; from .sub import thing; x = 1
