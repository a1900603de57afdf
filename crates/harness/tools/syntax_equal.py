"""Compiles whole libraries and compares the syntax trees of two interpreters.

    taipan     syntax_equal.py export FOLDER        the library inside the binary, as files
    PYTHON     syntax_equal.py scan OUT ROOT...     every .py file below the roots: does it compile, what is its tree
    any Python syntax_equal.py compare A B [-v]     two such lists, A's interpreter being the model

A list has a line a file: path, what compiling says ("ok" or the error), the digest of
`ast.dump(ast.parse(source), include_attributes=True)` or the error. `compare` ends with code 1 if a file that A
compiles is refused by B, or if trees differ.

    show PATH                                       the dump of one file, a node a line (to look at with diff)
"""

import ast
import hashlib
import os
import sys
import warnings


def files(roots):
    for root in roots:
        if os.path.isfile(root):
            yield root
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(f for f in folders if f != '__pycache__')
            for name in sorted(names):
                if name.endswith('.py'):
                    yield os.path.join(folder, name)


def said(error):
    return f'{type(error).__name__}: {error}'.replace('\t', ' ').replace('\n', ' ')


def scan_file(path):
    with open(path, 'rb') as f:
        source = f.read()
    try:
        compile(source, path, 'exec', dont_inherit=True)
        compiled = 'ok'
    except (SyntaxError, ValueError, RecursionError, MemoryError) as e:
        compiled = said(e)
    try:
        tree = ast.dump(ast.parse(source, path), include_attributes=True)
        # What repr escapes depends on the version of Unicode.
        tree = hashlib.sha1(tree.encode('ascii', 'backslashreplace')).hexdigest()
    except (SyntaxError, ValueError, RecursionError, MemoryError) as e:
        tree = said(e)
    return compiled, tree


def scan(out, roots):
    warnings.simplefilter('ignore')
    with open(out, 'w', encoding='utf-8') as f:
        for path in files(roots):
            print(path, *scan_file(path), sep='\t', file=f, flush=True)


def read(path):
    with open(path, encoding='utf-8') as f:
        return {p: (c, t) for p, c, t in (line.rstrip('\n').split('\t') for line in f)}


def compare(a, b, verbose):
    a, b = read(a), read(b)
    both = [p for p in a if p in b]
    refused = [p for p in both if a[p][0] == 'ok' != b[p][0]]
    allowed = [p for p in both if a[p][0] != 'ok' == b[p][0]]
    parsed = [p for p in both if ': ' not in a[p][1] and ': ' not in b[p][1]]
    differ = [p for p in parsed if a[p][1] != b[p][1]]
    print(f'{len(both)} files: {sum(b[p][0] == "ok" for p in both)} compile, {len(refused)} of them only in the model, '
          f'{len(allowed)} only in the other; {len(parsed)} trees, {len(differ)} differ')
    for title, paths in (('refused', refused), ('allowed', allowed), ('differs', differ)):
        for p in paths:
            print(title, p, *(b[p][:1] if title == 'refused' else a[p][:1] if title == 'allowed' else ()), sep='\t')
    if verbose:
        for p in both:
            if a[p][0] != 'ok' and b[p][0] != 'ok' and a[p][0] != b[p][0]:
                print('says', p, a[p][0], b[p][0], sep='\t')
    return 1 if refused or differ else 0


def export(folder, prefix=''):
    import _imp
    for name, is_package in _imp._library_list(prefix):
        path = os.path.join(folder, *(prefix + name).split('.'))
        path = os.path.join(path, '__init__.py') if is_package else path + '.py'
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as f:
            f.write(_imp._library_source(prefix + name))
        if is_package:
            export(folder, prefix + name + '.')


def show(path):
    with open(path, 'rb') as f:
        tree = ast.dump(ast.parse(f.read(), path), include_attributes=True, indent=1)
    sys.stdout.buffer.write((tree + '\n').encode('ascii', 'backslashreplace'))


def main(args):
    match args:
        case ['export', folder]:
            export(folder)
        case ['scan', out, *roots] if roots:
            scan(out, roots)
        case ['compare', a, b]:
            return compare(a, b, False)
        case ['compare', a, b, '-v']:
            return compare(a, b, True)
        case ['show', path]:
            show(path)
        case _:
            sys.exit(__doc__)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
