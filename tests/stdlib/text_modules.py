# textwrap, difflib, string, csv, pprint, shlex, argparse, configparser, html, urllib.parse, base64, hashlib.
import textwrap, difflib, csv, io, pprint, shlex, argparse, configparser, html, urllib.parse, base64, hashlib, unicodedata, locale, fnmatch, glob, logging, sys, tokenize, ast, struct, zlib, uuid
print(textwrap.fill("the quick brown fox jumps over the lazy dog", 16), textwrap.dedent("  a\n    b"), textwrap.shorten("a b c d", 5), textwrap.indent("x\ny", "> "))
print("".join(difflib.unified_diff(["a\n", "b\n"], ["a\n", "c\n"])), difflib.get_close_matches("appel", ["ape", "apple"]), difflib.SequenceMatcher(None, "abcd", "bcde").ratio())
print(list(csv.reader(["a,\"b,c\",d", "1,2,\"x\"\"y\""])), list(csv.DictReader(["h1,h2", "1,2"]))); o = io.StringIO(); csv.writer(o).writerow([1, "a,b", 'q"', None]); print(repr(o.getvalue()))
pprint.pprint({"key%d" % i: list(range(i)) for i in range(12)}, width=60); print(shlex.split("a 'b c' \"d\\\"e\" f\\ g"), shlex.quote("it's"))
p = argparse.ArgumentParser(prog="prog"); p.add_argument("x", type=int); p.add_argument("--flag", action="store_true"); p.add_argument("-n", default=3, type=int, help="number"); print(p.parse_args(["5", "--flag", "-n4"])); print(p.format_usage())
c = configparser.ConfigParser(); c.read_string("[a]\nx = 1\ny = %(x)s2\n[b]\nz: yes\n"); print(c["a"]["y"], c.getboolean("b", "z"), c.sections())
print(html.escape("<a & 'b'>"), html.unescape("&lt;&eacute;&#x41;"), urllib.parse.urlparse("http://u@h:80/p;q?a=1#f"), urllib.parse.quote("a b/é"), urllib.parse.parse_qs("a=1&a=2&b="), urllib.parse.urljoin("http://a/b/c", "../d"), urllib.parse.urlencode({"k": "v w"}))
print(base64.b64encode(b"hello"), base64.b32decode("NBSWY3DP"), hashlib.sha256(b"x").hexdigest()[:16], hashlib.md5(b"").hexdigest(), zlib.crc32(b"abc"), zlib.decompress(zlib.compress(b"a" * 100)) == b"a" * 100, uuid.UUID(int=5), uuid.uuid5(uuid.NAMESPACE_DNS, "x"))
print(unicodedata.name("é"), unicodedata.normalize("NFD", "é").encode(), unicodedata.category("A"), unicodedata.lookup("SNOWMAN"), fnmatch.filter(["a.py", "b.txt"], "*.py"), fnmatch.translate("*.py"))
logging.basicConfig(stream=sys.stdout, format="%(levelname)s:%(name)s:%(message)s", level=logging.INFO); logging.info("hello %s", "w"); logging.getLogger("a.b").warning("warn"); logging.debug("hidden")
print(ast.dump(ast.parse("x = f(1, *a)[2:3]")), ast.unparse(ast.parse("def f(a,*,b=1)->int:\n  return a if b else -a**2")), ast.literal_eval("{'a': [1, (2.5, None)]}"), [t.string for t in tokenize.generate_tokens(io.StringIO("x=1+y\n").readline)])
