"""Structures and unions: `_fields_` says what is in them; where, `ctypes._layout` works out."""

from ._array import Array
from ._data import CData, CType, has_pointer, keep
from ._simple import SimpleType, read, write

CHARACTERS = ("c", "u")


class CField:
    """A descriptor: a field of a structure or union, or some bits of one."""

    def __init__(self, *, name, type, byte_size, byte_offset, index, _internal_use, bit_size=None, bit_offset=None):
        if not isinstance(name, str):
            raise TypeError(f"field {name!r}: name must be a string, not {name.__class__.__name__}")
        if not isinstance(type, CType):
            raise TypeError(f"type of field {name!r} must be a C type")
        if bit_size is not None:
            if not isinstance(type, SimpleType) or type._type_ not in "bBhHiIlLqQ?":
                raise TypeError(f"bit fields not allowed for type {type.__name__}")
        self.name, self.type, self.offset, self.byte_offset, self.byte_size = name, type, byte_offset, byte_offset, byte_size
        self.is_bitfield, self._index = bit_size is not None, index
        self._bits, self.bit_offset = bit_size, bit_offset if bit_size is not None else 0
        self.is_anonymous = False

    @property
    def bit_size(self):
        return self._bits if self.is_bitfield else self.byte_size * 8

    @property
    def size(self):
        return self._bits << 16 | self.bit_offset if self.is_bitfield else self.byte_size

    def __repr__(self):
        if self.is_bitfield:
            return f"<Field type={self.type.__name__}, ofs={self.offset}:{self.bit_offset}, bits={self._bits}>"
        return f"<Field type={self.type.__name__}, ofs={self.offset}, size={self.size}>"

    def _memory(self, data):
        return data._memory[self.offset : self.offset + self.byte_size]

    def __get__(self, data, owner=None):
        if data is None:
            return self
        m = self._memory(data)
        if not self.is_bitfield:
            value = read(self.type, m, data, self._index)
            # Arrays of characters are read as text.
            return value.value if isinstance(value, Array) and getattr(self.type._type_, "_type_", None) in CHARACTERS else value
        word = int.from_bytes(m, self._order()) >> self.bit_offset & (1 << self._bits) - 1
        code = self.type._type_
        if code == "?":
            return bool(word)
        return word - (1 << self._bits) if code.islower() and word >> self._bits - 1 else word

    def __set__(self, data, value):
        if not isinstance(data, CData):
            raise TypeError("not a ctype instance")
        m = self._memory(data)
        if not self.is_bitfield:
            write(self.type, m, data, self._index, value)
            return
        if not isinstance(value, int):
            raise TypeError(f"an integer is required (got type {type(value).__name__})")
        mask = (1 << self._bits) - 1
        word = int.from_bytes(m, self._order()) & ~(mask << self.bit_offset) | (value & mask) << self.bit_offset
        m[:] = word.to_bytes(len(m), self._order())

    def __delete__(self, data):
        raise TypeError("can't delete attribute")

    def _order(self):
        return "big" if self.type._ct_format[0] == ">" else "little"


class AggregateType(CType):
    """What the metaclasses of structures and unions have in common."""

    def __new__(meta, name, bases, namespace, **kwargs):
        cls = super().__new__(meta, name, bases, namespace, **kwargs)
        if not any(isinstance(b, AggregateType) for b in bases):
            return cls
        if namespace.get("_abstract_"):
            return cls
        cls._ct_final = False
        fields = namespace.get("_fields_")
        if fields is not None:
            cls._fields_ = fields
        elif cls._ct_size is not None:
            base = cls.__base__
            if isinstance(base, AggregateType):
                base._ct_final = True
        return cls

    def __setattr__(cls, name, value):
        if name == "_fields_":
            lay_out(cls, value)
        type.__setattr__(cls, name, value)

    def _ct_assign(cls, m, base, key, value):
        if not isinstance(value, tuple):
            raise TypeError(f"expected {cls.__name__} instance, got {type(value).__name__}")
        try:
            new = cls(*value)
        except Exception as e:
            raise RuntimeError(f"({cls.__name__}) {type(e)}: {e}") from e
        m[:] = new._memory
        keep(base, key, new._objects)


class StructType(AggregateType):
    pass


class UnionType(AggregateType):
    pass


def lay_out(cls, fields):
    """Gives a class its fields, once."""
    if cls.__dict__.get("_ct_final"):
        raise AttributeError("_fields_ is final")
    try:
        fields = list(fields)
    except TypeError:
        raise TypeError("_fields_ must be a sequence of pairs") from None
    for f in fields:
        if isinstance(f, (tuple, list)) and len(f) > 1 and isinstance(f[1], type) and not isinstance(f[1], CType):
            raise TypeError("second item in _fields_ tuple (index %d) must be a C type" % fields.index(f))
        if isinstance(f, tuple) and len(f) > 1 and isinstance(f[1], CType):
            if f[1] is cls:
                cls._ct_final = True
                raise AttributeError("Structure or union cannot contain itself")
            f[1]._ct_check()
            f[1]._ct_final = True
    from ctypes._layout import get_layout

    base = cls.__base__ if cls.__base__._ct_size is not None and cls.__base__._ct_places else None
    layout = get_layout(cls, fields, isinstance(cls, StructType), base)
    if base is not None:
        base._ct_final = True
    places = list(base._ct_places) if base else []
    for f in layout.fields:
        type.__setattr__(cls, f.name, f)
        places.append(f.name)
    cls._ct_places = tuple(places)
    cls._ct_size, cls._ct_align, cls._ct_format = layout.size, layout.align, layout.format_spec
    cls._ct_pointers = any(has_pointer(f.type) for f in layout.fields) or base is not None and has_pointer(base)
    cls._ct_final = True
    anonymous(cls)


class Inner:
    """A field of an anonymous field, seen from outside."""

    def __init__(self, outer, field):
        self.outer, self.field = outer, field

    def __get__(self, data, owner=None):
        return self.field if data is None else getattr(self.outer.__get__(data), self.field.name)

    def __set__(self, data, value):
        setattr(self.outer.__get__(data), self.field.name, value)

    def __getattr__(self, name):
        if name == "offset":
            return self.outer.offset + self.field.offset
        return getattr(self.field, name)


def anonymous(cls):
    for name in getattr(cls, "_anonymous_", ()):
        outer = cls.__dict__.get(name)
        if not isinstance(outer, CField):
            raise AttributeError(name)
        if not isinstance(outer.type, AggregateType):
            raise TypeError(f"'{name}' is not a structure or union")
        outer.is_anonymous = True
        for inner in outer.type._ct_places:
            type.__setattr__(cls, inner, Inner(outer, getattr(outer.type, inner)))
        for inner, descriptor in vars(outer.type).items():
            if isinstance(descriptor, Inner):
                type.__setattr__(cls, inner, Inner(outer, descriptor))


class Aggregate(CData):
    __slots__ = ()
    _ct_places = ()

    def __init__(self, *values, **named):
        names = self._ct_places
        if len(values) > len(names):
            raise TypeError("too many initializers")
        for name, value in zip(names, values):
            if name in named:
                raise TypeError(f"duplicate values for field {name!r}")
            setattr(self, name, value)
        for name, value in named.items():
            setattr(self, name, value)


class Structure(Aggregate, metaclass=StructType):
    """The base class of structures."""

    _ct_size = 0


class Union(Aggregate, metaclass=UnionType):
    """The base class of unions."""

    _ct_size = 0
