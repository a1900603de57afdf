"""Pointers: `_type_` is what they point to."""

from struct import Struct

from ._data import Argument, CData, CType, addressof, ffi, keep, memory
from ._simple import read, write

WORD = Struct("<Q")


class PointerType(CType):
    """The metaclass of pointers."""

    def __new__(meta, name, bases, namespace, **kwargs):
        cls = super().__new__(meta, name, bases, namespace, **kwargs)
        if any(isinstance(b, PointerType) for b in bases):
            cls._ct_size = cls._ct_align = 8
            cls._ct_pointers = True
            target = namespace.get("_type_")
            if target is not None:
                cls.set_type(target)
            elif getattr(cls, "_type_", None) is None:
                cls._ct_format = "X{}"
        return cls

    def set_type(cls, target):
        if not isinstance(target, CType):
            raise TypeError("_type_ must have storage info")
        type.__setattr__(cls, "_type_", target)
        cls._ct_format = "&" + (target._ct_format or "B")
        if "_ct_pointer" not in target.__dict__:
            target.__pointer_type__ = cls

    def __setattr__(cls, name, value):
        if name == "_type_" and value is not None:
            cls.set_type(value)
        else:
            type.__setattr__(cls, name, value)

    def from_param(cls, value):
        from ._array import Array

        if value is None:
            return Argument("i", 0)
        target = getattr(cls, "_type_", None)
        if target is not None:
            if isinstance(value, target):
                return Argument("i", ffi.address(value._memory), value)
            if isinstance(value, (Array, _Pointer)) and not isinstance(value, cls):
                item = getattr(value, "_type_", None)
                if item is not None and issubclass(item, target):
                    return value
        return CType.from_param(cls, value)

    def _ct_assign(cls, m, base, key, value):
        from ._array import Array

        if value is None:
            WORD.pack_into(m, 0, 0)
        elif isinstance(value, Array) and issubclass(value._type_, cls._type_):
            WORD.pack_into(m, 0, ffi.address(value._memory))
            keep(base, key, value)
        else:
            raise TypeError(f"incompatible types, {type(value).__name__} instance instead of {cls.__name__} instance")


class _Pointer(CData, metaclass=PointerType):
    """The base class of pointers."""

    _type_ = None

    def __new__(cls, *args):
        if cls._type_ is None:
            raise TypeError("Cannot create instance: has no _type_")
        return super().__new__(cls)

    def __init__(self, target=None):
        if target is not None:
            self.contents = target

    @property
    def contents(self):
        address = self._address()
        if not address:
            raise ValueError("NULL pointer access")
        kept = (self._objects or {}).get("1")
        if kept is not None and isinstance(kept, self._type_) and ffi.address(kept._memory) == address:
            return kept
        return self._type_.from_address(address)

    @contents.setter
    def contents(self, target):
        if not isinstance(target, self._type_):
            raise TypeError(f"expected {self._type_.__name__} instead of {type(target).__name__}")
        WORD.pack_into(self._memory, 0, addressof(target))
        keep(self, "1", target)

    def _address(self):
        return WORD.unpack_from(self._memory)[0]

    def __bool__(self):
        return self._address() != 0

    def _at(self, i):
        address = self._address()
        if not address:
            raise ValueError("NULL pointer access")
        size = self._type_._ct_size
        return memory((address + i * size) & 0xFFFF_FFFF_FFFF_FFFF, size)

    def __getitem__(self, i):
        if isinstance(i, slice):
            step = 1 if i.step is None else i.step
            if step == 0:
                raise ValueError("slice step cannot be zero")
            if i.start is None:
                if step < 0:
                    raise ValueError("slice start is required for step < 0")
                start = 0
            else:
                start = i.start
            if i.stop is None:
                raise ValueError("slice stop is required")
            places = range(start, i.stop, step)
            code = getattr(self._type_, "_type_", None)
            if code == "c":
                return b"".join(self[j] for j in places)
            if code == "u":
                return "".join(self[j] for j in places)
            return [self[j] for j in places]
        if not hasattr(i, "__index__"):
            raise TypeError("Pointer indices must be integer")
        i = i.__index__()
        return read(self._type_, self._at(i), self, i)

    def __setitem__(self, i, value):
        if not hasattr(i, "__index__"):
            raise TypeError("Cannot delete or assign slices of pointers")
        i = i.__index__()
        write(self._type_, self._at(i), self, i, value)
