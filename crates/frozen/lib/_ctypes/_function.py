"""C functions, and Python functions as C functions."""

from struct import Struct
from sys import audit, unraisablehook

import _taipan_ffi as ffi

from ._array import Array
from ._data import Argument, ArgumentError, CData, CType, Reference, addressof
from ._pointer import _Pointer
from ._simple import SimpleData, SimpleType, as_argument, narrow, wide

FUNCFLAG_STDCALL, FUNCFLAG_CDECL, FUNCFLAG_HRESULT, FUNCFLAG_PYTHONAPI, FUNCFLAG_USE_ERRNO, FUNCFLAG_USE_LASTERROR = 0, 1, 2, 4, 8, 16

WORD = Struct("<Q")


class FunctionType(CType):
    """The metaclass of function types."""

    def __new__(meta, name, bases, namespace, **kwargs):
        cls = super().__new__(meta, name, bases, namespace, **kwargs)
        if any(isinstance(b, FunctionType) for b in bases):
            if not isinstance(getattr(cls, "_flags_", None), int):
                raise TypeError("class must define _flags_ which must be an integer")
            cls._ct_size = cls._ct_align = 8
            cls._ct_format, cls._ct_pointers = "X{}", True
            if cls._argtypes_ is not None:
                check_types(cls._argtypes_, "_argtypes_")
        return cls

    def _ct_assign(cls, m, base, key, value):
        if value is None:
            m[:] = bytes(8)
            return
        raise TypeError(f"expected {cls.__name__} instance, got {type(value).__name__}")


def check_types(types, what):
    if not isinstance(types, (tuple, list)):
        raise TypeError(f"{what} must be a sequence of types")
    for i, t in enumerate(types, 1):
        if not hasattr(t, "from_param"):
            raise TypeError(f"item {i} in {what} has no from_param method")


class Inside(int):
    """The "address" of a function of this package."""

    function = None


class CFuncPtr(CData, metaclass=FunctionType):
    """The base class of function types."""

    _argtypes_ = None
    _restype_ = None
    _flags_ = FUNCFLAG_CDECL

    def __init__(self, target=None, paramflags=None, *rest):
        self._argtypes, self._restype, self._errcheck = type(self)._argtypes_, type(self)._restype_, None
        self._call, self._keep, self._params, self.__name__ = None, None, None, "CFunctionType"
        if target is None:
            return
        if isinstance(target, tuple):
            name, library = target
            if isinstance(name, int):
                raise TypeError("ordinals are for other systems")
            if isinstance(name, bytes):
                name = name.decode()
            audit("ctypes.dlsym", library, name)
            try:
                address = ffi.dlsym(library._handle, name)
            except OSError as e:
                raise AttributeError(str(e)) from None
            self._keep, self.__name__ = library, name
            self._params = check_flags(paramflags, self._argtypes)
        elif isinstance(target, int):
            address = int(target) & 0xFFFF_FFFF_FFFF_FFFF
            self._call = getattr(target, "function", None)
        elif callable(target):
            if self._argtypes is None:
                raise TypeError("cannot construct instance of this class: no argtypes")
            self._keep = thunk(target, self._argtypes, self._restype)
            address = self._keep.address
        else:
            raise TypeError("argument must be callable or integer function address")
        WORD.pack_into(self._memory, 0, address)

    @property
    def argtypes(self):
        return self._argtypes

    @argtypes.setter
    def argtypes(self, types):
        if types is not None:
            check_types(types, "_argtypes_")
            types = tuple(types)
        self._argtypes = types

    @argtypes.deleter
    def argtypes(self):
        self._argtypes = type(self)._argtypes_

    @property
    def restype(self):
        return self._restype

    @restype.setter
    def restype(self, value):
        if value is not None and not isinstance(value, CType) and not callable(value):
            raise TypeError("restype must be a type, a callable, or None")
        self._restype = value

    @restype.deleter
    def restype(self):
        self._restype = type(self)._restype_

    @property
    def errcheck(self):
        return self._errcheck

    @errcheck.setter
    def errcheck(self, value):
        if value is not None and not callable(value):
            raise TypeError("the errcheck attribute must be callable")
        self._errcheck = value

    @errcheck.deleter
    def errcheck(self):
        self._errcheck = None

    def __bool__(self):
        return any(self._memory)

    def __repr__(self):
        return f"<{type(self).__name__} object at {id(self):#x}>"

    def __call__(self, *args, **named):
        # Instances over memory of others have no state of their own.
        argtypes = self.__dict__.get("_argtypes", type(self)._argtypes_)
        restype = self.__dict__.get("_restype", type(self)._restype_)
        outs = None
        if self.__dict__.get("_params") is not None:
            args, outs = fill(self._params, argtypes, args, named)
        elif named:
            raise TypeError("this function takes no keyword arguments")
        if argtypes is not None and len(args) < len(argtypes):
            s = "" if len(argtypes) == 1 else "s"
            raise TypeError(f"this function takes at least {len(argtypes)} argument{s} ({len(args)} given)")
        if self.__dict__.get("_call") is not None:
            return self._call(*args)
        given = []
        for i, value in enumerate(args):
            try:
                if argtypes is not None and i < len(argtypes):
                    value = argtypes[i].from_param(value)
                given.append(argument(value, i + 1))
            except Exception as e:
                raise ArgumentError(f"argument {i + 1}: {type(e).__name__}: {e}") from None
        address = WORD.unpack_from(self._memory)[0]
        if not address:
            raise ValueError("attempt to call a NULL function pointer")
        kinds, values = "".join(a.kind for a in given), tuple(a.value for a in given)
        raw = ffi.call(address, result_kind(restype), kinds, values, self._flags_)
        result = converted(restype, raw)
        check = self.__dict__.get("_errcheck")
        if check is not None:
            result = check(result, self, args)
        if outs:
            results = [o.__ctypes_from_outparam__() for o in outs]
            return results[0] if len(results) == 1 else tuple(results)
        return result


def argument(value, number):
    """How a value without a declared type is handed over."""
    if isinstance(value, Argument):
        return value
    if isinstance(value, SimpleData):
        return as_argument(value._type_, value._memory, value)
    if isinstance(value, Array):
        return Argument("i", addressof(value), value)
    if isinstance(value, (_Pointer, CFuncPtr)):
        return Argument("i", WORD.unpack_from(value._memory)[0], value)
    if isinstance(value, CData):
        raise TypeError("structures and unions can't be passed by value, use byref()")
    if value is None:
        return Argument("i", 0)
    if isinstance(value, int):
        if not -(1 << 63) <= value < 1 << 64:
            raise OverflowError("int too long to convert")
        return Argument("i", value & 0xFFFF_FFFF_FFFF_FFFF)
    if isinstance(value, bytes):
        text = narrow(value)
        return Argument("i", ffi.address(text), text)
    if isinstance(value, str):
        text = memoryview(wide(value))
        return Argument("i", ffi.address(text), text)
    if hasattr(value, "_as_parameter_"):
        return argument(value._as_parameter_, number)
    raise TypeError(f"Don't know how to convert parameter {number}")


def result_kind(restype):
    if isinstance(restype, SimpleType):
        code = restype._type_
        if code in "gFD":
            raise TypeError("long doubles and complex numbers can't be returned")
        return code if code in "fd" else "i"
    if restype is None:
        return "v"
    if isinstance(restype, CType) and not issubclass(restype, (_Pointer, CFuncPtr)):
        raise TypeError("structures, unions and arrays can't be returned by value")
    return "i"


def converted(restype, raw):
    """A function's result of a type."""
    if restype is None:
        return None
    if not isinstance(restype, CType):
        return restype(raw - (1 << 32) if (raw := raw & 0xFFFF_FFFF) >> 31 else raw)
    m = memoryview(bytearray(8))
    if isinstance(raw, float):
        Struct("<" + restype._type_).pack_into(m, 0, raw)
    else:
        WORD.pack_into(m, 0, raw)
    m = m[: restype._ct_size]
    if getattr(restype, "_ct_plain", False):
        result = restype._ct_get(m)
    else:
        result = restype()
        result._memory[:] = m
    check = getattr(restype, "_check_retval_", None)
    return check(result) if check is not None else result


def check_flags(paramflags, argtypes):
    if paramflags is None or argtypes is None:
        return None
    if not isinstance(paramflags, tuple):
        raise TypeError("paramflags must be a tuple or None")
    if len(paramflags) != len(argtypes):
        raise ValueError("paramflags must have the same length as argtypes")
    params = []
    for p in paramflags:
        flag, name, default = (*p, None, NO_DEFAULT)[:3] if len(p) < 3 else p
        if len(p) == 2:
            default = NO_DEFAULT
        if flag & ~7:
            raise TypeError(f"paramflag value {flag} not supported")
        params.append((flag or 1, name, default))
    return params


NO_DEFAULT = object()


def fill(params, argtypes, args, named):
    """The arguments of a function with parameter flags, and those that are results."""
    args, outs, filled = list(args), [], []
    for (flag, name, default), t in zip(params, argtypes):
        if flag & 3 == 2 and not flag & 4:
            target = getattr(t, "_type_", t)
            new = target()
            outs.append(new)
            filled.append(Reference(new, 0) if isinstance(t, type(_Pointer)) else new)
            continue
        if args:
            value = args.pop(0)
        elif name in named:
            value = named[name]
        elif default is not NO_DEFAULT:
            value = default
        elif flag & 4:
            value = 0
        else:
            raise TypeError(f"required argument '{name}' missing")
        if flag & 3 == 3:
            target = t._type_
            new = value if isinstance(value, target) else target(value)
            outs.append(new)
            value = Reference(new, 0)
        filled.append(value)
    if args:
        raise TypeError(f"call takes exactly {len(filled) - len(outs)} arguments ({len(filled) + len(args)} given)")
    return tuple(filled), outs


def thunk(function, argtypes, restype):
    """A C function that calls a Python function."""
    kinds = []
    for t in argtypes:
        if isinstance(t, SimpleType) and t._type_ in "fd":
            kinds.append(t._type_)
        elif isinstance(t, CType) and t._ct_size is not None and (isinstance(t, SimpleType) and t._type_ not in "gFD" or issubclass(t, (_Pointer, CFuncPtr))):
            kinds.append("i")
        else:
            raise TypeError("invalid parameter type of a callback")
    if restype is not None and not (isinstance(restype, SimpleType) and restype._type_ not in "gFDzZO" or isinstance(restype, CType) and issubclass(restype, CFuncPtr)):
        raise TypeError("invalid result type for callback function")

    def call(*raw):
        try:
            result = function(*map(converted, argtypes, raw))
        except BaseException as e:
            ignored(e, f"Exception ignored while calling ctypes callback function {function!r}")
            return 0
        if restype is None:
            return 0
        try:
            if isinstance(result, restype):
                m = result._memory
            else:
                m = memoryview(bytearray(restype._ct_size))
                restype._ct_set(m, result)
            return as_argument(restype._type_, m).value if isinstance(restype, SimpleType) else WORD.unpack_from(m)[0]
        except BaseException as e:
            ignored(e, f"Exception ignored while converting result of ctypes callback function {function!r}")
            return 0

    return ffi.callback(call, result_kind(restype), "".join(kinds))


def ignored(e, text):
    """Nobody is there to catch what a callback raises."""
    from types import SimpleNamespace

    unraisablehook(SimpleNamespace(exc_type=type(e), exc_value=e, exc_traceback=e.__traceback__, err_msg=text, object=None))
