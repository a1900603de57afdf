"""The part of ctypes that is C in CPython: C data, and C functions called over `_taipan_ffi`.

Structures by value and long doubles can't be passed to functions or come from them; that raises TypeError.
"""

import _taipan_ffi as _ffi
from _taipan_ffi import errno as get_errno, set_errno

from ._array import Array
from ._data import (
    ArgumentError,
    CData as _CData,
    addressof,
    alignment,
    buffer_info,
    byref,
    flat as _flat,
    memory as _memory,
    resize,
    sizeof,
    unpickle as _unpickle,
)
from ._function import (
    FUNCFLAG_CDECL,
    FUNCFLAG_PYTHONAPI,
    FUNCFLAG_USE_ERRNO,
    FUNCFLAG_USE_LASTERROR,
    CFuncPtr,
    Inside as _Inside,
    argument as _argument,
)
from ._pointer import _Pointer
from ._simple import SimpleData as _SimpleCData, string_at as _string_at, wstring_at as _wstring_at
from ._structure import CField, Structure, Union

__version__ = "1.1.0"
RTLD_LOCAL, RTLD_GLOBAL = 0, 256
SIZEOF_TIME_T = 8

for _c in (Array, ArgumentError, CFuncPtr, _Pointer, CField, Structure, Union):
    _c.__module__ = "_ctypes"
_SimpleCData.__name__ = _SimpleCData.__qualname__ = "_SimpleCData"
_CData.__name__ = _CData.__qualname__ = "_CData"
_SimpleCData.__module__ = _CData.__module__ = "_ctypes"
del _c


def dlopen(name, mode=RTLD_LOCAL):
    """Loads a shared library; gives its handle."""
    from os import fsdecode
    from sys import audit

    audit("ctypes.dlopen", name)
    return _ffi.dlopen(None if name is None else fsdecode(name), mode)


def dlclose(handle):
    """Gives a shared library back."""
    _ffi.dlclose(handle)


def dlsym(handle, name):
    """The address of a symbol of a shared library."""
    from sys import audit

    audit("ctypes.dlsym/handle", handle, name)
    return _ffi.dlsym(handle, name)


def POINTER(cls):
    from ctypes import POINTER

    return POINTER(cls)


def pointer(data):
    from ctypes import pointer

    return pointer(data)


def _inside(function):
    new = _Inside(_ffi.dlsym(0, "memmove"))
    new.function = function
    return new


def _pointing(value):
    """A value as a pointer argument, which keeps what it points to alive."""
    from ctypes import c_void_p

    return _argument(c_void_p.from_param(value), 1)


def _cast(source, again, cls):
    if not isinstance(cls, type) or not issubclass(cls, (_Pointer, CFuncPtr, _SimpleCData)) or (
        issubclass(cls, _SimpleCData) and cls._type_ not in "sPzUZXO"
    ):
        raise TypeError(f"cast() argument 2 must be a pointer, not {getattr(cls, '__name__', type(cls).__name__)}")
    pointing = _pointing(source)
    new = cls()
    new._memory[:] = pointing.value.to_bytes(8, "little")
    new._objects = {id(source): pointing}
    if isinstance(source, _CData) and source._objects:
        new._objects.update(source._objects)
    return new


_memmove_addr = _ffi.dlsym(0, "memmove")
_memset_addr = _ffi.dlsym(0, "memset")
_cast_addr = _inside(_cast)


def _at(read):
    def at(p, *rest):
        pointing = _pointing(p)
        return read(pointing.value, *rest)

    return _inside(at)


_string_at_addr = _at(_string_at)
_wstring_at_addr = _at(_wstring_at)


def _memoryview_at(address, size, readonly=False):
    m = _memory(address, size)
    return m.toreadonly() if readonly else m


_memoryview_at_addr = _at(_memoryview_at)


def call_function(address, arguments):
    """Calls the function at an address."""
    from ctypes import CFUNCTYPE, c_int

    return CFUNCTYPE(c_int)(address)(*arguments)


call_cdeclfunction = call_function


def PyObj_FromPtr(address):
    """The object with this address."""
    return _ffi.from_word(address)


def Py_INCREF(value):
    """Lets an object live for ever."""
    _ffi.keep(value)
    return value
