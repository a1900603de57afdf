"""A slow interpreter of Taipan's code on CPython's own objects.

It runs a file (CPython's tests, mostly) as the compiler translates it, to find wrong code
without Taipan's runtime:  reference.py PYCODE FILE [unittest arguments]
"""
import builtins, collections.abc, operator, os, struct, subprocess, sys, tempfile, types, typing

KA, KB, KC, INPLACE, SENSE, METHOD = 1, 2, 4, 8, 16, 32
S = lambda b: sys.intern(b.decode('utf-8', 'surrogatepass')) if b.isascii() else b.decode('utf-8', 'surrogatepass')
D = lambda n: struct.unpack('<d', struct.pack('<Q', n))[0]


class Empty:
    def __repr__(self): return '<empty>'


E = Empty()


class Code:
    def __init__(self, name, qualname, first, flags, argcount, posonly, kwonly, nregs, varnames,
                 cellvars, freevars, free_base, names, consts, filename, instrs, handlers):
        self.__dict__.update(locals())
        self.at = {i[0]: i for i in instrs}
        self.cells = dict((r, n) for n, r in cellvars)
        self.frees = {free_base + i: n for i, n in enumerate(freevars)}
        # A stand-in whose attributes tests look at.
        self.co = (lambda: 0).__code__.replace(co_name=name, co_qualname=qualname,
                                                co_filename=filename, co_firstlineno=first)


class Error(SyntaxError):
    def __new__(cls, msg, line, col, eline, ecol):
        raise SyntaxError(msg, ('<string>', line, col, '', eline, ecol))


def load(source, name, mode='exec'):
    with tempfile.NamedTemporaryFile('wb', suffix='.py') as f:
        f.write(source.encode('utf-8', 'surrogatepass') if isinstance(source, str) else source)
        f.flush()
        out = subprocess.run([PYCODE, mode, f.name, name], capture_output=True)
    if not out.stdout:
        raise SystemError('compiler failed: ' + out.stderr.decode()[-2000:])
    return eval(out.stdout)


def unbound(code, r):
    if r in code.frees:
        return NameError(f"cannot access free variable '{code.frees[r]}' where it is not associated with a value in enclosing scope", name=code.frees[r])
    n = code.cells.get(r) or (code.varnames[r] if r < len(code.varnames) else f'<r{r}>')
    return UnboundLocalError(f"cannot access local variable '{n}' where it is not associated with a value", name=n)


BIN = {'ADD': operator.add, 'SUBTRACT': operator.sub, 'MULTIPLY': operator.mul, 'TRUE_DIVIDE': operator.truediv,
       'FLOOR_DIVIDE': operator.floordiv, 'REMAINDER': operator.mod, 'POWER': operator.pow,
       'MATRIX_MULTIPLY': operator.matmul, 'LSHIFT': operator.lshift, 'RSHIFT': operator.rshift,
       'AND': operator.and_, 'OR': operator.or_, 'XOR': operator.xor}
IBIN = {'ADD': operator.iadd, 'SUBTRACT': operator.isub, 'MULTIPLY': operator.imul, 'TRUE_DIVIDE': operator.itruediv,
        'FLOOR_DIVIDE': operator.ifloordiv, 'REMAINDER': operator.imod, 'POWER': operator.ipow,
        'MATRIX_MULTIPLY': operator.imatmul, 'LSHIFT': operator.ilshift, 'RSHIFT': operator.irshift,
        'AND': operator.iand, 'OR': operator.ior, 'XOR': operator.ixor}
CMP = {'LESS': operator.lt, 'LESS_EQUAL': operator.le, 'EQUAL': operator.eq, 'NOT_EQUAL': operator.ne,
       'GREATER': operator.gt, 'GREATER_EQUAL': operator.ge}
UN = {'NEGATIVE': operator.neg, 'POSITIVE': operator.pos, 'INVERT': operator.invert, 'NOT': operator.not_}
INTRINSICS = ['Print', 'StopIterationError', 'AsyncGenWrap', 'TypeVar', 'TypeVarWithBound', 'TypeVarWithConstraints',
              'ParamSpec', 'TypeVarTuple', 'SubscriptGeneric', 'TypeAlias', 'SetFunctionTypeParams',
              'SetTypeparamDefault', 'PrepReraiseStar']
ARGC = [1, 1, 1, 1, 2, 2, 1, 1, 1, 3, 2, 2, 2]
HANDLED = [None]  # the handled exception
trace = False


class Wrapped:
    """What an asynchronous generator yields."""
    def __init__(self, v): self.v = v


def bind(code, fn, args, kwargs, regs):
    n = code.argcount
    name = code.qualname
    va, vk = code.flags & 4, code.flags & 8
    pos = code.varnames[:n]
    kw = code.varnames[n:n + code.kwonly]
    i = n + code.kwonly
    if va: va_i = i; i += 1
    if vk: vk_i = i
    for j, a in enumerate(args[:n]): regs[j] = a
    if len(args) > n and not va:
        raise TypeError(f'{name}() takes {n} positional argument{"s" * (n != 1)} but {len(args)} were given')
    if va: regs[va_i] = tuple(args[n:])
    extra = {}
    for k, v in kwargs.items():
        if k in pos[code.posonly:]:
            j = pos.index(k, code.posonly)
            if regs[j] is not E: raise TypeError(f"{name}() got multiple values for argument '{k}'")
            regs[j] = v
        elif k in kw: regs[n + kw.index(k)] = v
        elif vk: extra[k] = v
        else: raise TypeError(f"{name}() got an unexpected keyword argument '{k}'")
    if vk: regs[vk_i] = extra
    d = fn.__defaults__ or ()
    for j in range(n):
        if regs[j] is E:
            k = j - (n - len(d))
            if k < 0: raise TypeError(f"{name}() missing 1 required positional argument: '{pos[j]}'")
            regs[j] = d[k]
    kd = fn.__kwdefaults__ or {}
    for j, k in enumerate(kw):
        if regs[n + j] is E:
            if k not in kd: raise TypeError(f"{name}() missing 1 required keyword-only argument: '{k}'")
            regs[n + j] = kd[k]


def make(code, globs):
    """A Python function that runs the code."""
    cell = types.CellType(())
    closure = lambda: getattr(f, '_closure', ())

    def start(args, kwargs):
        regs = [E] * code.nregs
        bind(code, f, args, kwargs, regs)
        return execute(code, globs, None, regs, closure())

    if code.flags & 0x200:
        def f(*args, **kwargs): return AsyncGen(start(args, kwargs), code)
    elif code.flags & 0x80:
        def f(*args, **kwargs): return types.coroutine(lambda: (yield from start(args, kwargs)))() if False else Coro(start(args, kwargs), code)
    elif code.flags & 0x20:
        def f(*args, **kwargs): return Gen(start(args, kwargs), code)
    else:
        def f(*args, **kwargs): return drive(start(args, kwargs))
    f = types.FunctionType(f.__code__, globs, code.name, None, f.__closure__) if False else f
    f.__name__, f.__qualname__ = code.name, code.qualname
    f.__module__ = globs.get('__name__')
    f.__doc__ = code.consts[0] if code.flags & 0x4000000 else None
    f._taipan = code
    return f


def drive(g):
    try:
        g.send(None)
    except StopIteration as e:
        return e.value
    raise SystemError('yield in a plain function')


def Gen(g, code):
    """A real generator around the interpreter's."""
    def gen():
        return (yield from g)
    r = gen()
    r.__name__, r.__qualname__ = code.name, code.qualname
    return r


def Coro(g, code):
    @types.coroutine
    def inner():
        return (yield from g)

    async def coro():
        return await inner()
    r = coro()
    r.__name__, r.__qualname__ = code.name, code.qualname
    return r


def AsyncGen(g, code):
    @types.coroutine
    def step(how, v):
        """Runs to the next wrapped value; what is awaited passes through."""
        while True:
            try:
                x = g.send(v) if how == 'send' else g.throw(v)
            except StopIteration:
                return None
            if isinstance(x, Wrapped): return x
            try:
                v = yield x
                how = 'send'
            except BaseException as e:
                how, v = 'throw', e

    async def agen():
        how, v = 'send', None
        while True:
            x = await step(how, v)
            if x is None: return
            try:
                v = yield x.v
                how = 'send'
            except BaseException as e:
                how, v = 'throw', e
    r = agen()
    r.__name__, r.__qualname__ = code.name, code.qualname
    return r


def build_class(fn, name, *bases, metaclass=None, **kwds):
    code = fn._taipan
    orig = bases
    bases = types.resolve_bases(bases)
    if metaclass is not None: kwds['metaclass'] = metaclass
    meta, ns, kwds = types.prepare_class(name, bases, kwds)
    if bases is not orig: ns['__orig_bases__'] = orig
    regs = [E] * code.nregs
    result = drive(execute(code, fn._globs, ns, regs, getattr(fn, '_closure', ())))
    # 3.13 knows no lazy annotations.
    lazy = ns.pop('__annotate_func__', None) if isinstance(ns, dict) else None
    if lazy is not None:
        try: ns['__annotations__'] = lazy(1)
        except Exception: pass
    if isinstance(ns, dict): ns.pop('__classdictcell__', None)
    return meta(name, bases, ns, **kwds)


def lookup(globs, name):
    try: return globs[name]
    except KeyError: pass
    b = globs.get('__builtins__', builtins)
    try: return b[name] if isinstance(b, dict) else getattr(b, name)
    except (KeyError, AttributeError): raise NameError(f"name '{name}' is not defined", name=name) from None


def special(obj, name, kind):
    t = type(obj)
    for c in t.__mro__:
        if name in c.__dict__:
            f = c.__dict__[name]
            get = getattr(type(f), '__get__', None)
            return get(f, obj, t) if get else f
    if kind > 1:
        raise TypeError(f"'{t.__name__}' object does not support the asynchronous context manager protocol")
    raise TypeError(f"'{t.__name__}' object does not support the context manager protocol")


def execute(code, globs, ns, R, closure):
    at, names, consts = code.at, code.names, code.consts
    nlocals = code.free_base + len(code.freevars)
    pc = 0

    def get(r, kill):
        v = R[r]
        if v is E: raise unbound(code, r)
        if kill: R[r] = E
        return v

    def deref(r):
        try: return R[r].cell_contents
        except ValueError: raise unbound(code, r) from None

    def run(a, n):
        vs = R[a:a + n]
        R[a:a + n] = [E] * n
        return vs

    while True:
        ins = at[pc]
        (_, op, fl, a, b, c, bc, nxt, extra, line) = ins
        if trace: print(code.qualname, line, pc, op, fl, a, b, c, [repr(x)[:20] for x in R])
        sense = bool(fl & SENSE)
        C16 = c - 65536 if c >= 32768 else c
        B16 = b - 65536 if b >= 32768 else b
        try:
            if op in BIN:
                x, y = get(b, fl & KB), get(c, fl & KC)
                R[a] = (IBIN if fl & INPLACE else BIN)[op](x, y)
            elif op.endswith('_INT') and op[:-4] in BIN:
                x = get(b, fl & KB)
                R[a] = (IBIN if fl & INPLACE else BIN)[op[:-4]](x, C16)
            elif op in CMP:
                x, y = get(b, fl & KB), get(c, fl & KC)
                R[a] = CMP[op](x, y)
            elif op in UN:
                R[a] = UN[op](get(b, fl & KB))
            elif op.startswith('JUMP_IF_') and op not in ('JUMP_IF_NONE', 'JUMP_IF_IS', 'JUMP_IF_IN'):
                x = get(a, fl & KA)
                o = op[8:]
                if o.endswith('_INT'): t = CMP[o[:-4]](x, B16)
                else: t = CMP[o](x, get(b, fl & KB))
                if bool(t) == sense: nxt += C16
            elif op == 'JUMP_IF':
                if bool(get(a, fl & KA)) == sense: nxt += bc
            elif op == 'JUMP_IF_NONE':
                if (get(a, fl & KA) is None) == sense: nxt += bc
            elif op == 'JUMP_IF_IS':
                x, y = get(a, fl & KA), get(b, fl & KB)
                if (x is y) == sense: nxt += C16
            elif op == 'JUMP_IF_IN':
                x, y = get(a, fl & KA), get(b, fl & KB)
                if (x in y) == sense: nxt += C16
            elif op in ('JUMP', 'JUMP_BACKWARD'): nxt += bc
            elif op in ('NOP', 'RESUME', 'RETURN_GENERATOR'): pass
            elif op == 'LOAD_CONST': R[a] = consts[bc]
            elif op == 'LOAD_INT': R[a] = bc
            elif op == 'MOVE': R[a] = get(b, fl & KB)
            elif op == 'CLEAR': R[a] = E
            elif op == 'DELETE_FAST': get(a, True)
            elif op in ('LOAD_FAST_AND_CLEAR', 'STORE_FAST_MAYBE_NULL'): R[a] = R[b]; R[b] = E
            elif op == 'SWAP': R[a], R[b] = R[b], R[a]
            elif op == 'LOAD_GLOBAL': R[a] = lookup(globs, names[b])
            elif op == 'STORE_GLOBAL': globs[names[b]] = get(a, fl & KA)
            elif op == 'DELETE_GLOBAL':
                if names[b] not in globs: raise NameError(f"name '{names[b]}' is not defined")
                del globs[names[b]]
            elif op == 'LOAD_NAME':
                try: R[a] = ns[names[b]]
                except KeyError: R[a] = lookup(globs, names[b])
            elif op == 'STORE_NAME': ns[names[b]] = get(a, fl & KA)
            elif op == 'DELETE_NAME':
                try: del ns[names[b]]
                except KeyError: raise NameError(f"name '{names[b]}' is not defined") from None
            elif op == 'LOAD_LOCALS': R[a] = ns
            elif op == 'MAKE_CELL': R[a] = types.CellType() if R[a] is E else types.CellType(R[a])
            elif op == 'COPY_FREE_VARS': R[a:a + b] = closure
            elif op == 'LOAD_DEREF': R[a] = deref(b)
            elif op == 'STORE_DEREF': R[b].cell_contents = get(a, fl & KA)
            elif op == 'DELETE_DEREF': deref(b); del R[b].cell_contents
            elif op == 'LOAD_FROM_DICT_OR_DEREF':
                d = get(b, fl & KB)
                try: R[a] = d[names[extra]]
                except KeyError: R[a] = deref(c)
            elif op == 'LOAD_FROM_DICT_OR_GLOBALS':
                d = get(b, fl & KB)
                try: R[a] = d[names[c]]
                except KeyError: R[a] = lookup(globs, names[c])
            elif op == 'LOAD_BUILD_CLASS': R[a] = build_class if globs.get('__builtins__', builtins) in (builtins, builtins.__dict__) else lookup(globs, '__build_class__')
            elif op == 'LOAD_COMMON_CONSTANT': R[a] = [AssertionError, NotImplementedError, tuple, all, any, list, set][b]
            elif op == 'LOAD_ATTR': R[a] = getattr(get(b, fl & KB), names[c])
            elif op == 'STORE_ATTR':
                v = get(c, fl & KC); setattr(get(a, fl & KA), names[b], v)
            elif op == 'DELETE_ATTR': delattr(get(a, fl & KA), names[b])
            elif op == 'LOAD_METHOD': R[a] = getattr(get(b, fl & KB), names[c]); R[a + 1] = E
            elif op in ('LOAD_SUPER_ATTR', 'LOAD_SUPER_METHOD'):
                s, cls, self = run(b, 3)
                R[a] = getattr(s(cls, self), names[c])
                if op == 'LOAD_SUPER_METHOD': R[a + 1] = E
            elif op == 'LOAD_SPECIAL':
                o = get(b, fl & KB)
                R[a] = special(o, ['__enter__', '__exit__', '__aenter__', '__aexit__'][c], c); R[a + 1] = E
            elif op == 'LOAD_SUBSCR': x = get(b, fl & KB); R[a] = x[get(c, fl & KC)]
            elif op == 'LOAD_SUBSCR_INT': R[a] = get(b, fl & KB)[C16]
            elif op == 'STORE_SUBSCR':
                v = get(c, fl & KC); o = get(a, fl & KA); o[get(b, fl & KB)] = v
            elif op == 'DELETE_SUBSCR': o = get(a, fl & KA); del o[get(b, fl & KB)]
            elif op == 'BINARY_SLICE': o = get(b, fl & KB); R[a] = o[slice(*run(c, 2))]
            elif op == 'STORE_SLICE': v = get(c, fl & KC); o = get(a, fl & KA); o[slice(*run(b, 2))] = v
            elif op == 'IS': x, y = get(b, fl & KB), get(c, fl & KC); R[a] = (x is y) != sense
            elif op == 'CONTAINS': x, y = get(b, fl & KB), get(c, fl & KC); R[a] = (x in y) != sense
            elif op == 'GET_ITER': R[a] = iter(get(b, fl & KB))
            elif op == 'FOR_ITER':
                try: v = next(R[b])
                except StopIteration: R[b] = E
                else: R[a] = v; nxt += extra
            elif op == 'UNPACK_SEQUENCE':
                v = get(b, fl & KB)
                vs = unpack(v, c)
                R[a:a + c] = vs
            elif op == 'UNPACK_EX':
                v = get(b, fl & KB); before, after = c & 255, c >> 8
                try: vs = list(v)
                except TypeError:
                    if hasattr(type(v), '__iter__'): raise
                    raise TypeError(f"cannot unpack non-iterable {type(v).__name__} object") from None
                if len(vs) < before + after: raise ValueError(f'not enough values to unpack (expected at least {before + after}, got {len(vs)})')
                R[a:a + before + 1 + after] = vs[:before] + [vs[before:len(vs) - after]] + vs[len(vs) - after:]
            elif op == 'BUILD_TUPLE': R[a] = tuple(run(b, c))
            elif op == 'BUILD_LIST': R[a] = run(b, c)
            elif op == 'BUILD_SET': R[a] = set(run(b, c))
            elif op == 'BUILD_MAP':
                vs = run(b, 2 * c); R[a] = dict(zip(vs[::2], vs[1::2]))
            elif op == 'BUILD_STRING': R[a] = ''.join(run(b, c))
            elif op == 'BUILD_SLICE': R[a] = slice(*run(b, c))
            elif op == 'LIST_APPEND': R[a].append(get(b, fl & KB))
            elif op == 'SET_ADD': R[a].add(get(b, fl & KB))
            elif op == 'MAP_ADD': k = get(b, fl & KB); R[a][k] = get(c, fl & KC)
            elif op == 'LIST_EXTEND':
                v = get(b, fl & KB)
                if not hasattr(type(v), '__iter__') and not hasattr(type(v), '__getitem__'):
                    raise TypeError(f"Value after * must be an iterable, not {type(v).__name__}")
                R[a].extend(v)
            elif op == 'SET_UPDATE': R[a].update(get(b, fl & KB))
            elif op == 'DICT_UPDATE':
                v = get(b, fl & KB)
                if not hasattr(v, 'keys'): raise TypeError(f"'{type(v).__name__}' object is not a mapping")
                R[a].update(v)
            elif op == 'DICT_MERGE':
                v = get(b, fl & KB)
                if not hasattr(v, 'keys'): raise TypeError(f"{R[c].__qualname__}() argument after ** must be a mapping, not {type(v).__name__}")
                for k in v.keys():
                    if k in R[a]: raise TypeError(f"{getattr(R[c], '__qualname__', R[c])}() got multiple values for keyword argument '{k}'")
                    R[a][k] = v[k]
            elif op == 'LIST_TO_TUPLE': R[a] = tuple(get(b, fl & KB))
            elif op == 'FORMAT_SIMPLE':
                v = get(b, fl & KB); v = [lambda x: x, str, repr, ascii][c](v); R[a] = format(v, '')
            elif op == 'FORMAT_WITH_SPEC': v = get(b, fl & KB); R[a] = format(v, get(c, fl & KC))
            elif op == 'CONVERT_VALUE': R[a] = [None, str, repr, ascii][c](get(b, fl & KB))
            elif op in ('CALL', 'CALL_KW'):
                n = b
                f = R[a]
                off = 1
                args = []
                if fl & METHOD:
                    off = 2
                    if R[a + 1] is not E: args.append(R[a + 1])
                args += R[a + off:a + off + n]
                run(a, off + n)
                kw = {}
                if op == 'CALL_KW':
                    ks = consts[extra]
                    kw = dict(zip(ks, args[len(args) - len(ks):])); args = args[:len(args) - len(ks)]
                assert not any(x is E for x in args), 'empty argument'
                R[c] = call(f, args, kw, globs, ns, R, code)
            elif op == 'CALL_FUNCTION_EX':
                f, args, kw = run(a, 3)
                if not hasattr(type(args), '__iter__') and not hasattr(type(args), '__getitem__'):
                    raise TypeError(f"{getattr(f, '__qualname__', f)}() argument after * must be an iterable, not {type(args).__name__}")
                R[c] = call(f, list(args), {} if kw is E else kw, globs, ns, R, code)
            elif op == 'CALL_GLOBAL':
                f = lookup(globs, names[extra & 0xffffffff])
                args = run(a, b + 1)[1:]
                R[c] = call(f, args, {}, globs, ns, R, code)
            elif op == 'CALL_ATTR':
                o = R[a + 1]
                f = getattr(o, names[extra & 0xffffffff])
                args = run(a, b + 2)[2:]
                R[c] = call(f, args, {}, globs, ns, R, code)
            elif op == 'RETURN_VALUE':
                v = get(a, fl & KA); return v
            elif op == 'RETURN_NONE': return None
            elif op == 'MAKE_FUNCTION': R[a] = make(consts[bc], globs); R[a]._globs = globs
            elif op == 'SET_FUNCTION_ATTRIBUTE':
                f, v = R[a], get(b, fl & KB)
                if c == 0: f.__defaults__ = v
                elif c == 1: f.__kwdefaults__ = v
                elif c == 3: f._closure = v
                elif c == 4:
                    f.__annotate__ = v
                    try: f.__annotations__ = v(1)
                    except Exception: pass
            elif op == 'IMPORT_NAME':
                lvl, frm = run(b, 2)
                R[a] = lookup({'__builtins__': globs.get('__builtins__', builtins)}, '__import__')(names[c], globs, ns, frm, lvl)
            elif op == 'IMPORT_FROM':
                m = get(b, fl & KB)
                try: R[a] = getattr(m, names[c])
                except AttributeError:
                    full = f"{m.__name__}.{names[c]}"
                    if full in sys.modules: R[a] = sys.modules[full]
                    else: raise ImportError(f"cannot import name {names[c]!r} from {m.__name__!r} ({getattr(m, '__file__', 'unknown location')})", name=m.__name__) from None
            elif op == 'IMPORT_STAR':
                m = get(b, fl & KB)
                for n in getattr(m, '__all__', [n for n in m.__dict__ if n[0] != '_']): ns[n] = getattr(m, n)
            elif op == 'SETUP_ANNOTATIONS': ns.setdefault('__annotations__', {})
            elif op == 'CALL_INTRINSIC':
                name = INTRINSICS[c]
                R[a] = intrinsic(name, run(b, ARGC[c]))
            elif op == 'RAISE':
                if c == 0:
                    if HANDLED[0] is None: raise RuntimeError('No active exception to reraise')
                    raise HANDLED[0]
                if c == 1: x = get(a, fl & KA); raise x
                x = get(a, fl & KA); y = get(b, fl & KB); raise x from y
            elif op == 'RERAISE': x = get(a, fl & KA); raise x
            elif op == 'PUSH_EXC_INFO': R[a] = HANDLED[0]; HANDLED[0] = R[b]
            elif op == 'POP_EXCEPT': HANDLED[0] = get(a, True)
            elif op == 'CHECK_EXC_MATCH':
                t = get(c, fl & KC)
                for x in t if isinstance(t, tuple) else (t,):
                    if not (isinstance(x, type) and issubclass(x, BaseException)):
                        raise TypeError('catching classes that do not inherit from BaseException is not allowed')
                R[a] = isinstance(get(b, fl & KB), t)
            elif op == 'CHECK_EG_MATCH':
                e = get(b, fl & KB); t = get(c, fl & KC)
                for x in t if isinstance(t, tuple) else (t,):
                    if not (isinstance(x, type) and issubclass(x, BaseException)):
                        raise TypeError('catching classes that do not inherit from BaseException is not allowed')
                    if issubclass(x, BaseExceptionGroup):
                        raise TypeError('catching ExceptionGroup with except* is not allowed. Use except instead.')
                if e is None: R[a:a + 2] = [None, None]
                elif isinstance(e, t):
                    if not isinstance(e, BaseExceptionGroup):
                        e2 = BaseExceptionGroup('', [e]).with_traceback(e.__traceback__)
                        if isinstance(e, Exception): e2 = ExceptionGroup('', [e])
                        e = e2
                    R[a:a + 2] = [None, e]; HANDLED[0] = e
                elif isinstance(e, BaseExceptionGroup):
                    m, rest = e.split(t); R[a:a + 2] = [rest, m]
                    if m is not None: HANDLED[0] = m
                else: R[a:a + 2] = [e, None]
            elif op == 'WITH_EXCEPT_START':
                e = R[c]
                args = [type(e), e, e.__traceback__]
                if R[b + 1] is not E: args.insert(0, R[b + 1])
                R[a] = R[b](*args)
            elif op == 'CLEANUP_THROW':
                e = get(c, True); R[b] = E if isinstance(e, StopIteration) else R[b]
                if isinstance(e, StopIteration): R[a] = e.value; nxt += extra
                else: R[b] = E; raise e
            elif op == 'YIELD_VALUE':
                v = get(b, fl & KB)
                saved = HANDLED[0]
                try: R[a] = yield v
                finally: HANDLED[0] = HANDLED[0] if False else HANDLED[0]
            elif op == 'SEND':
                it = R[b]; v = get(c, True)
                # Errors thrown in must reach the inner iterator, so the delegation is complete here.
                try:
                    x = next(it) if v is None else it.send(v)
                except StopIteration as s: R[a] = s.value; nxt += extra
                else:
                    # YIELD_VALUE follows; thrown exceptions are handed to the iterator.
                    y = at[nxt]; assert y[1] == 'YIELD_VALUE', y
                    how = None
                    while True:
                        try: got = yield x
                        except GeneratorExit as e:
                            if hasattr(it, 'close'): it.close()
                            raise
                        except BaseException as e:
                            if not hasattr(it, 'throw'): raise
                            try: x = it.throw(e)
                            except StopIteration as s: R[a] = s.value; nxt += extra; break
                            continue
                        R[a] = got; nxt = y[7]; break
            elif op == 'GET_AWAITABLE':
                x = get(b, fl & KB)
                R[a] = awaitable(x, c)
            elif op == 'GET_YIELD_FROM_ITER':
                x = get(b, fl & KB); R[a] = x if isinstance(x, types.GeneratorType) else iter(x)
            elif op == 'GET_AITER':
                x = get(b, fl & KB)
                if not hasattr(type(x), '__aiter__'): raise TypeError(f"'async for' requires an object with __aiter__ method, got {type(x).__name__}")
                r = type(x).__aiter__(x)
                if not hasattr(type(r), '__anext__'): raise TypeError(f"'async for' received an object from __aiter__ that does not implement __anext__: {type(r).__name__}")
                R[a] = r
            elif op == 'GET_ANEXT':
                x = get(b, fl & KB)
                try: v = type(x).__anext__(x); R[a] = awaitable(v, 0)
                except TypeError as e: raise TypeError(f"'async for' received an invalid object from __anext__: {type(v).__name__}") from e
            elif op == 'END_ASYNC_FOR':
                e = get(b, True); get(a, True)
                if not isinstance(e, StopAsyncIteration): raise e
            elif op == 'MATCH_CLASS': R[a] = match_class(R[b], run(c, 2), extra)
            elif op == 'MATCH_MAPPING': R[a] = isinstance(get(b, fl & KB), collections.abc.Mapping)
            elif op == 'MATCH_SEQUENCE':
                x = get(b, fl & KB); R[a] = isinstance(x, collections.abc.Sequence) and not isinstance(x, (str, bytes, bytearray))
            elif op == 'MATCH_KEYS':
                m, ks = R[b], R[c]
                seen = set()
                miss = object(); out = []
                for k in ks:
                    if k in seen: raise ValueError(f'mapping pattern checks duplicate key ({k!r})')
                    seen.add(k)
                    v = m.get(k, miss)
                    if v is miss: out = None; break
                    out.append(v)
                R[a] = None if out is None else tuple(out)
            elif op == 'GET_LEN': R[a] = len(get(b, fl & KB))
            else: raise SystemError('op ' + op)
        except SystemError: raise
        except BaseException as e:
            if isinstance(e, StopIteration) and op in ('CALL',): pass
            for (s, end, target, reg, depth) in code.handlers:
                if s <= pc < end:
                    for r in range(depth, code.nregs): R[r] = E
                    R[reg] = e.with_traceback(e.__traceback__)
                    nxt = target
                    break
            else:
                if isinstance(e, StopIteration): raise RuntimeError('generator raised StopIteration') from e if not code.flags & 0x2a0 else Stop(e)
                raise
        pc = nxt


def Stop(e): return e


class PlainStop(Exception): pass


def drive(g):
    """Runs a plain function; a StopIteration that it raises arrives as RuntimeError from the host."""
    try:
        g.send(None)
    except StopIteration as e:
        return e.value
    except RuntimeError as e:
        if isinstance(e.__cause__, StopIteration) and str(e) == 'generator raised StopIteration':
            raise e.__cause__ from None
        raise
    raise SystemError('yield in a plain function')


def unpack(v, n):
    if type(v) in (tuple, list): vs = list(v)
    else:
        try: it = iter(v)
        except TypeError:
            if hasattr(type(v), '__iter__'): raise
            raise TypeError(f'cannot unpack non-iterable {type(v).__name__} object') from None
        vs = []
        for x in it:
            vs.append(x)
            if len(vs) > n: break
    if len(vs) > n:
        raise ValueError(f'too many values to unpack (expected {n})')
    if len(vs) < n: raise ValueError(f'not enough values to unpack (expected {n}, got {len(vs)})')
    return vs


def awaitable(x, c):
    if isinstance(x, types.CoroutineType) or isinstance(x, types.GeneratorType) and x.gi_code.co_flags & 0x100: return iter_of(x)
    a = getattr(type(x), '__await__', None)
    if a is None:
        if c: raise TypeError(f"'async with' received an object from {['', '__aenter__', '__aexit__'][c]} that does not implement __await__: {type(x).__name__}")
        raise TypeError(f"object {type(x).__name__} can't be used in 'await' expression")
    r = a(x)
    if isinstance(r, types.CoroutineType): raise TypeError('__await__() returned a coroutine')
    if not hasattr(type(r), '__next__'): raise TypeError(f"__await__() returned non-iterator of type '{type(r).__name__}'")
    return r


def iter_of(x): return x.__await__() if isinstance(x, types.CoroutineType) else x


def match_class(subject, cn, npos):
    cls, kw = cn
    if not isinstance(cls, type): raise TypeError('called match pattern must be a class')
    if not isinstance(subject, cls): return None
    out = []
    seen = set()
    if npos:
        ma = getattr(cls, '__match_args__', None)
        self_ = False
        if ma is None:
            self_ = any(issubclass(cls, t) for t in (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple))
            ma = ()
        if type(ma) is not tuple: raise TypeError(f'{cls.__name__}.__match_args__ must be a tuple (got {type(ma).__name__})')
        allowed = 1 if self_ else len(ma)
        if npos > allowed: raise TypeError(f"{cls.__name__}() accepts {allowed} positional sub-pattern{'s' * (allowed != 1)} ({npos} given)")
        if self_: out.append(subject)
        else:
            for n in ma[:npos]:
                if not isinstance(n, str): raise TypeError(f'__match_args__ elements must be strings (got {type(n).__name__})')
                if n in seen: raise TypeError(f"{cls.__name__}() got multiple sub-patterns for attribute {n!r}")
                seen.add(n)
                try: out.append(getattr(subject, n))
                except AttributeError: return None
    for n in kw:
        if n in seen: raise TypeError(f"{cls.__name__}() got multiple sub-patterns for attribute {n!r}")
        seen.add(n)
        try: out.append(getattr(subject, n))
        except AttributeError: return None
    return tuple(out)


def intrinsic(name, args):
    if name == 'Print': return sys.displayhook(args[0])
    if name == 'StopIterationError':
        e = args[0]
        if isinstance(e, StopIteration):
            r = RuntimeError('generator raised StopIteration'); r.__cause__ = e; return r
        return e
    if name == 'AsyncGenWrap': return Wrapped(args[0])
    if name == 'TypeVar': return typing.TypeVar(args[0], infer_variance=True)
    if name == 'TypeVarWithBound': return typing.TypeVar(args[0], bound=args[1](1), infer_variance=True)
    if name == 'TypeVarWithConstraints': return typing.TypeVar(args[0], *args[1](1), infer_variance=True)
    if name == 'ParamSpec': return typing.ParamSpec(args[0], infer_variance=True)
    if name == 'TypeVarTuple': return typing.TypeVarTuple(args[0])
    if name == 'SubscriptGeneric': return typing.Generic[tuple(typing.Unpack[x] if isinstance(x, typing.TypeVarTuple) else x for x in args[0])]
    if name == 'SetFunctionTypeParams': args[0].__type_params__ = args[1]; return args[0]
    if name == 'TypeAlias': return typing.TypeAliasType(args[0], args[2](1), type_params=args[1] or ())
    if name == 'SetTypeparamDefault': return args[0]
    if name == 'PrepReraiseStar':
        orig, excs = args
        excs = [e for e in excs if e is not None]
        if not excs: return None
        if not isinstance(orig, BaseExceptionGroup):
            return excs[0] if len(excs) == 1 else None
        raised, rest = [], []
        for e in excs:
            (rest if e.__traceback__ is orig.__traceback__ or isinstance(e, BaseExceptionGroup) and e.__context__ is orig.__context__ and same_meta(e, orig) else raised).append(e)
        leaves = set()
        def walk(e):
            if isinstance(e, BaseExceptionGroup):
                for x in e.exceptions: walk(x)
            else: leaves.add(id(e))
        for e in rest: walk(e)
        keep = orig.subgroup(lambda e: id(e) in leaves) if rest else None
        if not raised: return keep
        if keep is not None: raised.append(keep)
        return raised[0] if len(raised) == 1 else BaseExceptionGroup('', raised)
    raise SystemError(name)


def same_meta(a, b): return a.__cause__ is b.__cause__ and a.message == b.message


def call(f, args, kw, globs, ns, R, code):
    # What looks at the caller's frame must see the interpreted one.
    if f is builtins.locals and not args: return snapshot(code, ns, R)
    if f is builtins.globals and not args: return globs
    if f is builtins.vars and not args: return snapshot(code, ns, R)
    if f is builtins.dir and not args: return sorted(snapshot(code, ns, R))
    if f is builtins.super and not args:
        cls = None
        for r, n in code.frees.items():
            if n == '__class__': cls = R[r].cell_contents
        self = R[0]
        if 0 in code.cells: self = self.cell_contents
        if cls is None: raise RuntimeError('super(): __class__ cell not found')
        return super(cls, self)
    if f in (builtins.exec, builtins.eval) if type(f) is types.BuiltinFunctionType else False:
        src = args[0]
        if isinstance(src, str):
            src = load(src.strip(' \t') if f is builtins.eval else src, '<string>', 'eval' if f is builtins.eval else 'exec')
        if isinstance(src, types.CodeType) and src in COMPILED: src = COMPILED[src]
        g = args[1] if len(args) > 1 else kw.get('globals', globs)
        l = args[2] if len(args) > 2 else kw.get('locals', g if len(args) > 1 or kw.get('globals') is not None else snapshot(code, ns, R))
        if g is None: g = globs
        if l is None: l = g
        if isinstance(src, Code):
            g.setdefault('__builtins__', builtins)
            if src.freevars: raise TypeError('code object passed to exec() may not contain free variables')
            regs = [E] * src.nregs
            return drive(execute(src, g, l, regs, ()))
        return f(src, g, l)
    if f is sys.exc_info:
        e = HANDLED[0]
        return (None, None, None) if e is None else (type(e), e, e.__traceback__)
    if f is sys.exception: return HANDLED[0]
    return f(*args, **kw)


COMPILED = {}


def snapshot(code, ns, R):
    if ns is not None: return ns
    out = {}
    for r, n in enumerate(code.varnames):
        v = R[r]
        if r in code.cells:
            try: v = v.cell_contents
            except (ValueError, AttributeError): continue
        if v is not E: out[n] = v
    for r, n in list(code.cells.items()) + list(code.frees.items()):
        try: out[n] = R[r].cell_contents
        except (ValueError, AttributeError): pass
    return out


def main():
    global PYCODE, trace
    PYCODE, path, *rest = sys.argv[1:]
    if rest[:1] == ['-t']: trace = True; rest = rest[1:]
    sys.setrecursionlimit(20000)
    import threading
    threading.stack_size(512 << 20)

    def go():
        with open(path, 'rb') as f: source = f.read()
        code = load(source, path)
        mod = types.ModuleType('refmod')
        mod.__file__ = path
        sys.modules['refmod'] = mod
        mod.__dict__['__builtins__'] = builtins
        sys.argv = [path] + rest
        if '--script' in rest:
            mod.__dict__['__name__'] = '__main__'
        regs = [E] * code.nregs
        drive(execute(code, mod.__dict__, mod.__dict__, regs, ()))
        if '--script' in rest: return
        import unittest
        names = [a for a in rest if not a.startswith('-')]
        suite = unittest.defaultTestLoader.loadTestsFromNames([f'refmod.{n}' for n in names]) if names else unittest.defaultTestLoader.loadTestsFromModule(mod)
        unittest.TextTestRunner(verbosity=0, stream=sys.stdout).run(suite)
    t = threading.Thread(target=go)
    t.start()
    t.join()


if __name__ == '__main__':
    main()
