"""Arrays: `_type_` is the items' type, `_length_` their number."""

from ._data import Argument, CData, CType, ffi, has_pointer, keep
from ._simple import narrow, read, wide, write

SIZE_MAX = (1 << 63) - 1


class ArrayType(CType):
    """The metaclass of arrays."""

    def __new__(meta, name, bases, namespace, **kwargs):
        cls = super().__new__(meta, name, bases, namespace, **kwargs)
        if not any(isinstance(b, ArrayType) for b in bases):
            return cls
        item = getattr(cls, "_type_", None)
        length = getattr(cls, "_length_", None)
        if length is None:
            raise AttributeError("class must define a '_length_' attribute")
        if not isinstance(length, int):
            raise TypeError("The '_length_' attribute must be an integer")
        if length < 0:
            raise ValueError("The '_length_' attribute must not be negative")
        if item is None:
            raise AttributeError("class must define a '_type_' attribute")
        if not isinstance(item, CType):
            raise TypeError("_type_ must have storage info")
        item._ct_check()
        item._ct_final = True
        size = item._ct_size * length
        if size > SIZE_MAX or length > SIZE_MAX:
            raise OverflowError("array too large")
        cls._ct_size, cls._ct_align = size, item._ct_align
        cls._ct_format, cls._ct_shape = item._ct_format, (length, *item._ct_shape)
        cls._ct_pointers = has_pointer(item)
        code = getattr(item, "_type_", None)
        if code == "c":
            cls.value, cls.raw = property(get_bytes, set_bytes), property(get_raw, set_raw)
        elif code == "u":
            cls.value = property(get_text, set_text)
        return cls

    def _ct_assign(cls, m, base, key, value):
        """Assigns a tuple, or the text of characters, to an array inside something else."""
        new = value
        if not isinstance(value, cls):
            if isinstance(value, tuple):
                new = cls(*value)
            elif getattr(cls._type_, "_type_", None) == "c" and isinstance(value, bytes):
                if len(value) > cls._length_:
                    raise ValueError("bytes too long (%d, maximum length %d)" % (len(value), cls._length_))
                m[: len(value)] = value
                if len(value) < cls._length_:
                    m[len(value)] = 0
                return
            elif getattr(cls._type_, "_type_", None) == "u" and isinstance(value, str):
                data = wide(value)
                n = min(len(data), len(m))
                if len(value) > cls._length_:
                    raise ValueError("string too long (%d, maximum length %d)" % (len(value), cls._length_))
                m[:n] = data[:n]
                return
            else:
                raise TypeError(f"expected {cls.__name__} instance, got {type(value).__name__}")
        m[:] = new._memory
        keep(base, key, new._objects)

    def from_param(cls, value):
        code = getattr(cls._type_, "_type_", None) if cls._ct_size is not None else None
        if code == "c" and isinstance(value, bytes):
            if len(value) > cls._length_:
                raise ValueError("Invalid length")
            text = narrow(value)
            return Argument("i", ffi.address(text), text)
        if code == "u" and isinstance(value, str):
            new = cls()
            new.value = value
            return new
        return CType.from_param(cls, value)


def get_bytes(self):
    return self._memory.tobytes().partition(b"\0")[0]


def set_bytes(self, value):
    if not isinstance(value, bytes):
        raise TypeError(f"bytes expected instead of {type(value).__name__} instance")
    if len(value) > len(self._memory):
        raise ValueError("byte string too long")
    self._memory[: len(value)] = value
    if len(value) < len(self._memory):
        self._memory[len(value)] = 0


def get_raw(self):
    return self._memory.tobytes()


def set_raw(self, value):
    data = memoryview(value).tobytes()
    if len(data) > len(self._memory):
        raise ValueError("byte string too long")
    self._memory[: len(data)] = data


def get_text(self):
    return self._memory.tobytes().decode("utf-32-le", "surrogatepass").partition("\0")[0]


def set_text(self, value):
    if not isinstance(value, str):
        raise TypeError(f"unicode string expected instead of {type(value).__name__} instance")
    if len(value) > self._length_:
        raise ValueError("string too long")
    data = wide(value)
    n = min(len(data), len(self._memory))
    self._memory[:n] = data[:n]


class Array(CData, metaclass=ArrayType):
    """The base class of arrays."""

    def __init__(self, *items):
        if len(items) > self._length_:
            raise IndexError("invalid index")
        for i, item in enumerate(items):
            self[i] = item

    def __len__(self):
        return self._length_

    def _at(self, i):
        size = self._type_._ct_size
        return self._memory[i * size : (i + 1) * size]

    def __getitem__(self, i):
        if isinstance(i, slice):
            places = range(*i.indices(self._length_))
            code = getattr(self._type_, "_type_", None)
            if code == "c":
                return bytes(self._memory[j] for j in places)
            if code == "u":
                return "".join(self[j] for j in places)
            return [self[j] for j in places]
        return read(self._type_, self._at(self._place(i)), self, self._place(i))

    def __setitem__(self, i, value):
        if isinstance(i, slice):
            places = range(*i.indices(self._length_))
            values = list(value) if not isinstance(value, (bytes, str)) else value
            if len(values) != len(places):
                raise ValueError("Can only assign sequence of same size")
            for j, v in zip(places, values):
                self[j] = v
            return
        i = self._place(i)
        write(self._type_, self._at(i), self, i, value)

    def __delitem__(self, i):
        raise TypeError("Array does not support item deletion")

    def _place(self, i):
        if not hasattr(i, "__index__"):
            raise TypeError("indices must be integers")
        i = i.__index__()
        n = self._length_
        if i < 0:
            i += n
        if not 0 <= i < n:
            raise IndexError("invalid index")
        return i

    def __iter__(self):
        for i in range(self._length_):
            yield self[i]

    def __class_getitem__(cls, item):
        from types import GenericAlias

        return GenericAlias(cls, item)


cache = {}


def array_type(item, length):
    """`item * length`"""
    if not isinstance(length, int):
        raise TypeError(f"can't multiply sequence by non-int of type '{type(length).__name__}'")
    if length < 0:
        raise ValueError(f"Array length must be >= 0, not {length}")
    found = cache.get((item, length))
    if found is None:
        name = f"{item.__name__}_Array_{length}"
        found = cache[item, length] = ArrayType(name, (Array,), {"_length_": length, "_type_": item})
    return found
