# timeout: 120
# Every module that a program is likely to want can be imported.
names = """abc argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 calendar cmath cmd code
codecs codeop collections collections.abc colorsys compileall concurrent.futures configparser contextlib contextvars
copy copyreg csv dataclasses datetime decimal difflib dis doctest email email.message encodings.idna encodings.utf_8 enum errno
faulthandler filecmp fileinput fnmatch fractions functools gc getopt getpass gettext glob graphlib gzip hashlib
heapq hmac html html.parser http http.client http.cookies http.server importlib importlib.metadata inspect io ipaddress itertools json keyword
linecache locale logging logging.handlers lzma mailbox marshal math mimetypes modulefinder multiprocessing netrc
numbers opcode operator optparse os os.path pathlib pdb pickle pickletools pkgutil platform plistlib posixpath pprint
profile pstats py_compile pyclbr pydoc queue quopri random re reprlib rlcompleter runpy sched secrets select
selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat statistics string stringprep
struct subprocess symtable sys sysconfig tabnanny tarfile tempfile textwrap threading time timeit token tokenize
tomllib trace traceback tracemalloc types typing unicodedata unittest unittest.mock urllib.parse urllib.request uuid
warnings wave weakref webbrowser wsgiref.simple_server xml.dom.minidom xml.etree.ElementTree xml.sax xmlrpc.client zipapp zipfile zipimport zlib zoneinfo
""".split()
import importlib
bad = []
for name in names:
    try: importlib.import_module(name)
    except BaseException as e: bad.append((name, repr(e)))
print(len(names), bad)
