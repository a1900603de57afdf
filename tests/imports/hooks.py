# Finders and loaders of one's own, path hooks, zip files, module attributes.
import sys, importlib.abc, importlib.machinery, importlib.util, os, tempfile, zipfile
class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.startswith("magic_"): return importlib.machinery.ModuleSpec(name, self, origin="thin air")
    def create_module(self, spec): return None
    def exec_module(self, module): module.answer = module.__name__[6:]
sys.meta_path.insert(0, Finder())
import magic_word; print(magic_word.answer, magic_word.__spec__.origin, magic_word)
folder = tempfile.mkdtemp()
with open(os.path.join(folder, "made.py"), "w") as f: f.write("x = 1\ndef f(): return __name__\n")
sys.path.append(folder)
import made; print(made.x, made.f(), os.path.basename(made.__file__), type(made.__loader__).__name__, made.__spec__.has_location)
archive = os.path.join(folder, "a.zip")
with zipfile.ZipFile(archive, "w") as z: z.writestr("zipped.py", "y = 2"); z.writestr("zpkg/__init__.py", "z = 3"); z.writestr("zpkg/data.txt", "text")
sys.path.insert(0, archive)
import zipped, zpkg; print(zipped.y, zpkg.z, archive in zpkg.__file__)
import pkgutil; print(pkgutil.get_data("zpkg", "data.txt"), sorted(m.name for m in pkgutil.iter_modules([archive])))
spec = importlib.util.spec_from_file_location("byname", os.path.join(folder, "made.py")); m = importlib.util.module_from_spec(spec); spec.loader.exec_module(m); print(m.f())
import importlib.resources; print(importlib.resources.files("zpkg").joinpath("data.txt").read_text())
with open(os.path.join(folder, "made.py"), "w") as f: f.write("x = 'changed and longer'\n")
importlib.invalidate_caches(); importlib.reload(made); print(made.x, made.f())
