print("loading", __name__); from .. import hidden; from .thing import T
