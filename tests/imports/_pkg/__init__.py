"""A package for the import tests."""
print("loading", __name__, __package__, __path__ is not None, __spec__.name)
__all__ = ["one", "value"]
value = "from package"
hidden = 1
def __getattr__(name):
    if name == "dynamic": return "made on demand"
    raise AttributeError(f"no {name}")
