// Runs a Python script in CPython compiled to WebAssembly (the npm package
// pyodide), with this machine's files under /host and arguments in ARGV.
import fs from "fs";
import { loadPyodide } from "pyodide";

const py = await loadPyodide();
py.FS.mkdir("/host");
py.FS.mount(py.FS.filesystems.NODEFS, { root: "/" }, "/host");
py.globals.set("ARGV", py.toPy(process.argv.slice(3)));
py.runPython(fs.readFileSync(process.argv[2], "utf8"));
