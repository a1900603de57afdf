"""Numbers, characters and addresses."""

from operator import index
from struct import Struct

import _taipan_ffi as ffi

from ._data import Argument, CData, CType, Reference, keep, view

CODES = "cbBhHiIlLdFDfuzZPqQO?gv"

# The struct module's letter, size and alignment for each code.
LAYOUT = {
    "c": ("c", 1), "b": ("b", 1), "B": ("B", 1), "h": ("h", 2), "H": ("H", 2), "i": ("i", 4), "I": ("I", 4),
    "l": ("l", 8), "L": ("L", 8), "q": ("q", 8), "Q": ("Q", 8), "f": ("f", 4), "d": ("d", 8), "?": ("?", 1),
    "u": ("I", 4), "z": ("Q", 8), "Z": ("Q", 8), "P": ("Q", 8), "O": ("Q", 8), "F": ("2f", 8), "D": ("2d", 16),
    "g": ("16s", 16), "v": ("h", 2),
}
# What buffers say of them.
FORMATS = {"l": "l", "L": "L", "z": "X{}", "Z": "X{}", "u": "u", "P": "P"}


def character(value):
    if isinstance(value, (bytes, bytearray)) and len(value) == 1:
        return bytes(value)
    if isinstance(value, int) and 0 <= value < 256:
        return bytes([value])
    raise TypeError("one character bytes, bytearray, or an integer in range(256) expected")


def wide_character(value):
    if not isinstance(value, str):
        raise TypeError(f"unicode string expected instead of {type(value).__name__} instance")
    if len(value) != 1:
        raise TypeError("one character unicode string expected")
    return ord(value)


def narrow(data):
    """Bytes as an array of char with its end, which objects do not have."""
    return memoryview(bytearray(data + b"\0"))


def wide(text):
    """A text as an array of wchar_t with its end."""
    return bytearray(text.encode("utf-32-le", "surrogatepass") + b"\0\0\0\0")


def string_at(address, size=-1):
    """The bytes at an address, up to a zero byte if no size is given."""
    return bytes(ffi.memory(address, ffi.strlen(address) if size < 0 else size))


def wstring_at(address, size=-1):
    """The text at an address, as `string_at`."""
    n = ffi.wcslen(address) if size < 0 else size
    return bytes(ffi.memory(address, 4 * n)).decode("utf-32-le", "surrogatepass")


def to_long_double(value):
    """A float in the 80 bits that x86 keeps in 16 bytes."""
    value = float(value)
    import math

    sign = 0x8000 if math.copysign(1.0, value) < 0 else 0
    if math.isnan(value) or math.isinf(value):
        mantissa, exponent = 1 << 63 | (1 << 62 if math.isnan(value) else 0), 0x7FFF
    elif value == 0:
        mantissa = exponent = 0
    else:
        m, e = math.frexp(abs(value))
        mantissa, exponent = int(m * (1 << 64)), e + 16382
    return mantissa.to_bytes(8, "little") + (exponent | sign).to_bytes(2, "little") + bytes(6)


def from_long_double(data):
    import math

    mantissa, top = int.from_bytes(data[:8], "little"), int.from_bytes(data[8:10], "little")
    sign = -1.0 if top & 0x8000 else 1.0
    exponent = top & 0x7FFF
    if exponent == 0x7FFF:
        return math.nan if mantissa << 1 & (1 << 64) - 1 else sign * math.inf
    try:
        return sign * math.ldexp(mantissa, exponent - 16383 - 63)
    except OverflowError:
        return sign * math.inf


def codec(code):
    """How values of a code are read (`get(memory)`) and written (`set(memory, value)`, which gives what must live)."""
    letter, size = LAYOUT[code]
    s = Struct("<" + letter)
    unpack, pack_into = s.unpack_from, s.pack_into

    def get(m):
        return unpack(m)[0]

    if code in "bBhHiIlLqQ":
        bits, signed = size * 8, code.islower()
        mask, top = (1 << bits) - 1, 1 << bits - 1

        def set(m, value):
            value = index(value) & mask
            pack_into(m, 0, value - (mask + 1) if signed and value & top else value)

    elif code in "fd":

        def set(m, value):
            if not isinstance(value, (float, int)):
                value = float(value) if hasattr(value, "__float__") or hasattr(value, "__index__") else not_real(value)
            try:
                pack_into(m, 0, value)
            except OverflowError:
                pack_into(m, 0, float("inf") if value > 0 else float("-inf"))

    elif code == "g":

        def get(m):
            return from_long_double(bytes(m))

        def set(m, value):
            m[:16] = to_long_double(value)

    elif code in "FD":

        def get(m):
            return complex(*unpack(m))

        def set(m, value):
            value = complex(value)
            pack_into(m, 0, value.real, value.imag)

    elif code == "c":

        def set(m, value):
            pack_into(m, 0, character(value))

    elif code == "?":

        def set(m, value):
            pack_into(m, 0, bool(value))

    elif code == "v":

        def get(m):
            return unpack(m)[0] != 0

        def set(m, value):
            pack_into(m, 0, -1 if value else 0)

    elif code == "u":

        def get(m):
            return chr(unpack(m)[0])

        def set(m, value):
            pack_into(m, 0, wide_character(value))

    elif code == "P":

        def get(m):
            return unpack(m)[0] or None

        def set(m, value):
            if value is not None and not isinstance(value, int):
                raise TypeError("cannot be converted to pointer")
            pack_into(m, 0, (value or 0) & 0xFFFF_FFFF_FFFF_FFFF)

    elif code == "z":

        def get(m):
            address = unpack(m)[0]
            return string_at(address) if address else None

        def set(m, value):
            if value is None or isinstance(value, int):
                pack_into(m, 0, (value or 0) & 0xFFFF_FFFF_FFFF_FFFF)
                return None
            if isinstance(value, bytes):
                text = narrow(value)
                pack_into(m, 0, ffi.address(text))
                return text
            raise TypeError(f"bytes or integer address expected instead of {type(value).__name__} instance")

    elif code == "Z":

        def get(m):
            address = unpack(m)[0]
            return wstring_at(address) if address else None

        def set(m, value):
            if value is None or isinstance(value, int):
                pack_into(m, 0, (value or 0) & 0xFFFF_FFFF_FFFF_FFFF)
                return None
            if isinstance(value, str):
                text = memoryview(wide(value))
                pack_into(m, 0, ffi.address(text))
                return text
            raise TypeError(f"unicode string or integer address expected instead of {type(value).__name__} instance")

    else:

        def get(m):
            word = unpack(m)[0]
            if not word:
                raise ValueError("PyObject is NULL")
            return ffi.from_word(word)

        def set(m, value):
            pack_into(m, 0, ffi.to_word(value))
            return value

    return get, set


def not_real(value):
    raise TypeError(f"must be real number, not {type(value).__name__}")


def swapped_codec(code):
    """As `codec`, in the other byte order."""
    get, set = codec(code)
    size = LAYOUT[code][1]

    def get_swapped(m):
        return get(bytes(m[:size])[::-1])

    def set_swapped(m, value):
        copy = bytearray(size)
        kept = set(copy, value)
        m[:size] = copy[::-1]
        return kept

    return get_swapped, set_swapped


class SimpleType(CType):
    """The metaclass of simple types: `_type_` says which one."""

    def __new__(meta, name, bases, namespace, **kwargs):
        cls = super().__new__(meta, name, bases, namespace, **kwargs)
        if not any(isinstance(b, SimpleType) for b in bases):
            return cls
        code = getattr(cls, "_type_", None)
        if code is None:
            raise AttributeError("class must define a '_type_' attribute")
        if not isinstance(code, str):
            raise TypeError("class must define a '_type_' string attribute")
        if len(code) != 1:
            raise ValueError("class must define a '_type_' attribute which must be a string of length 1")
        if code not in LAYOUT:
            raise AttributeError(
                "class must define a '_type_' attribute which must be\n"
                f"a single character string containing one of '{CODES}'."
            )
        cls._ct_size = cls._ct_align = LAYOUT[code][1]
        if code == "F":
            cls._ct_align = 4
        elif code == "D":
            cls._ct_align = 8
        cls._ct_get, cls._ct_set = map(staticmethod, codec(code))
        cls._ct_pointers = code in "zZPO"
        cls._ct_format = FORMATS.get(code) or "<" + code
        # Plain types are read as Python values out of arrays, structures and results; subclasses stay themselves.
        cls._ct_plain = bases == (SimpleData,)
        if cls._ct_plain and code in "bBhHiIlLqQfduc?":
            if "__ctype_be__" not in cls.__dict__:
                cls.__ctype_le__ = cls
                cls.__ctype_be__ = cls if LAYOUT[code][1] == 1 else swapped(meta, cls, code)
        return cls

    def from_param(cls, value):
        if isinstance(value, cls):
            return value
        code = cls._type_
        arg = special_argument(cls, code, value)
        if arg is not None:
            return arg
        error = None
        if code not in "zZP":
            try:
                m = memoryview(bytearray(cls._ct_size))
                kept = cls._ct_set(m, value)
                return as_argument(code, m, kept)
            except (TypeError, ValueError, OverflowError) as e:
                error = e
        if hasattr(value, "_as_parameter_"):
            return cls.from_param(value._as_parameter_)
        raise error or TypeError(
            f"'{type(value).__name__}' object cannot be interpreted as {cls.__name__}" if code not in "zZP" else "wrong type"
        )


def swapped(meta, cls, code):
    other = type.__new__(meta, cls.__name__, (cls.__base__,), {"_type_": code, "__module__": cls.__module__})
    other._ct_size, other._ct_align, other._ct_pointers, other._ct_plain = cls._ct_size, cls._ct_align, False, True
    other._ct_format = ">" + code
    other._ct_get, other._ct_set = map(staticmethod, swapped_codec(code))
    other.__ctype_be__, other.__ctype_le__ = other, cls
    return other


def special_argument(cls, code, value):
    """What addresses may be given as."""
    from ._array import Array
    from ._function import CFuncPtr
    from ._pointer import _Pointer

    if code == "z":
        if value is None:
            return Argument("i", 0)
        if isinstance(value, bytes):
            text = narrow(value)
            return Argument("i", ffi.address(text), text)
        if isinstance(value, (Array, _Pointer)) and getattr(value._type_, "_type_", None) == "c":
            return value
        if isinstance(value, Reference) and isinstance(value._obj, SimpleData) and value._obj._type_ == "c":
            return value
    elif code == "Z":
        if value is None:
            return Argument("i", 0)
        if isinstance(value, str):
            text = memoryview(wide(value))
            return Argument("i", ffi.address(text), text)
        if isinstance(value, (Array, _Pointer)) and getattr(value._type_, "_type_", None) == "u":
            return value
    elif code == "P":
        if value is None:
            return Argument("i", 0)
        if isinstance(value, int):
            return Argument("i", value & 0xFFFF_FFFF_FFFF_FFFF)
        if isinstance(value, bytes):
            text = narrow(value)
            return Argument("i", ffi.address(text), text)
        if isinstance(value, str):
            text = memoryview(wide(value))
            return Argument("i", ffi.address(text), text)
        if isinstance(value, (Array, _Pointer, Reference, CFuncPtr)):
            return value
        if isinstance(value, SimpleData) and value._type_ in "zZ":
            return value
    return None


def as_argument(code, m, kept=None):
    """The value in the memory of a simple type, as a C function gets it."""
    if code == "f":
        return Argument("f", Struct("<f").unpack_from(m)[0])
    if code == "d":
        return Argument("d", Struct("<d").unpack_from(m)[0])
    if code in "gFD":
        raise TypeError("long doubles and complex numbers can't be passed by value")
    letter = LAYOUT[code][0]
    word = m[0] if letter in "c?" else Struct("<" + letter).unpack_from(m)[0]
    return Argument("i", int(word) & 0xFFFF_FFFF_FFFF_FFFF, kept)


class SimpleData(CData, metaclass=SimpleType):
    """The base class of simple types."""

    __slots__ = ()

    def __init__(self, value=None):
        if value is not None:
            self.value = value

    @property
    def value(self):
        return self._ct_get(self._memory)

    @value.setter
    def value(self, value):
        keep(self, "0", self._ct_set(self._memory, value))

    @value.deleter
    def value(self):
        raise TypeError("can't delete attribute")

    def __ctypes_from_outparam__(self):
        return self.value if self._ct_plain else self

    def __bool__(self):
        return any(self._memory)

    def __repr__(self):
        if self._ct_plain:
            return f"{type(self).__name__}({self.value!r})"
        return object.__repr__(self)


def read(cls, m, base, key):
    """What an item of this type reads as."""
    if getattr(cls, "_ct_plain", False):
        return cls._ct_get(m)
    return view(cls, m, base, key)


def write(cls, m, base, key, value):
    """Writes an item of this type."""
    if isinstance(cls, SimpleType):
        if isinstance(value, cls):
            m[:] = value._memory[: len(m)]
            keep(base, key, value._objects)
        else:
            keep(base, key, cls._ct_set(m, value))
        return
    if isinstance(value, cls):
        m[:] = value._memory[: len(m)]
        keep(base, key, value._objects if value._objects is not None else value)
        return
    cls._ct_assign(m, base, key, value)
