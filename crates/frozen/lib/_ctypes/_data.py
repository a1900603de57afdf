"""What all C data have in common: memory, its owner, and what must live as long as it does."""

from sys import _getframe, audit

import _taipan_ffi as ffi


class ArgumentError(Exception):
    pass


class Argument:
    """What is handed to a C function: a word or a number, and how ("i" a word, "d" and "f" floats)."""

    __slots__ = ("kind", "value", "keep")

    def __init__(self, kind, value, keep=None):
        self.kind, self.value, self.keep = kind, value, keep

    def __repr__(self):
        return f"<cparam '{self.kind}' ({self.value!r})>"


class Reference(Argument):
    """What `byref` gives: the address of an object, as an argument."""

    __slots__ = ("_obj",)

    def __init__(self, obj, offset):
        super().__init__("i", ffi.address(obj._memory) + offset, obj)
        self._obj = obj


class CType(type):
    """The metaclass of all. A finished class has its size, alignment, buffer format and shape."""

    def __new__(meta, name, bases, namespace, **kwargs):
        if "__module__" not in namespace:
            # As if this package were not between the caller and the class.
            frame = _getframe(1)
            while frame is not None and frame.f_globals.get("__name__", "").startswith("_ctypes"):
                frame = frame.f_back
            if frame is not None:
                namespace = {**namespace, "__module__": frame.f_globals.get("__name__", "")}
        return super().__new__(meta, name, bases, namespace, **kwargs)

    def __mul__(cls, length):
        from ._array import array_type

        return array_type(cls, length)

    __rmul__ = __mul__

    @property
    def __pointer_type__(cls):
        try:
            return cls.__dict__["_ct_pointer"]
        except KeyError:
            raise AttributeError(f"type {cls} has no attribute '__pointer_type__'") from None

    @__pointer_type__.setter
    def __pointer_type__(cls, value):
        type.__setattr__(cls, "_ct_pointer", value)

    def from_address(cls, address):
        audit("ctypes.cdata", address)
        if not isinstance(address, int):
            raise TypeError("integer expected")
        cls._ct_check()
        return view(cls, memory(address, cls._ct_size))

    def from_buffer(cls, source, offset=0):
        cls._ct_check()
        whole = memoryview(source)
        if whole.readonly:
            raise TypeError("underlying buffer is not writable")
        if not whole.c_contiguous:
            raise TypeError("underlying buffer is not C contiguous")
        if offset < 0:
            raise ValueError("offset cannot be negative")
        if whole.nbytes - offset < cls._ct_size:
            raise ValueError(
                f"Buffer size too small ({whole.nbytes} instead of at least {cls._ct_size + offset} bytes)"
            )
        audit("ctypes.cdata/buffer", ffi.address(whole), whole.nbytes, offset)
        new = view(cls, flat(whole)[offset : offset + cls._ct_size])
        new._objects = {"ffffffff": whole}
        return new

    def from_buffer_copy(cls, source, offset=0):
        cls._ct_check()
        whole = memoryview(source)
        if offset < 0:
            raise ValueError("offset cannot be negative")
        if whole.nbytes - offset < cls._ct_size:
            raise ValueError(
                f"Buffer size too small ({whole.nbytes} instead of at least {cls._ct_size + offset} bytes)"
            )
        new = view(cls, memoryview(bytearray(whole.tobytes()[offset : offset + cls._ct_size])))
        return new

    def in_dll(cls, library, name):
        audit("ctypes.dlsym", library, name)
        if isinstance(name, bytes):
            name = name.decode()
        try:
            address = ffi.dlsym(library._handle, name)
        except OSError as e:
            raise ValueError(str(e)) from None
        return cls.from_address(address)

    def from_param(cls, value):
        if isinstance(value, cls):
            return value
        if isinstance(value, Reference) and isinstance(value._obj, cls):
            return value
        if hasattr(value, "_as_parameter_"):
            return cls.from_param(value._as_parameter_)
        raise TypeError(f"expected {cls.__name__} instance instead of {type(value).__name__}")

    def _ct_check(cls):
        if cls._ct_size is None:
            raise TypeError("abstract class")


def memory(address, size):
    """Foreign memory, as a writable memoryview of bytes."""
    return memoryview(ffi.memory(address, size))


def flat(m):
    """A memoryview's bytes."""
    return m if m.format == "B" and m.ndim == 1 else m.cast("B")


def view(cls, m, base=None, key=None):
    """An instance over memory that exists already; `base` is whose memory it is, `key` names the place there."""
    new = object.__new__(cls)
    new._memory, new._b_base_, new._objects, new._key = m, base, None, key
    return new


def keep(data, key, value):
    """Lets what `value` refers to live as long as the memory of `data`."""
    if value is None:
        return
    path = f"{key:x}" if isinstance(key, int) else key
    while data._b_base_ is not None:
        path = f"{path}:{data._key:x}" if data._key is not None else path
        data = data._b_base_
    if data._objects is None:
        data._objects = {}
    data._objects[path] = value


class CData(metaclass=CType):
    """The base class of all C data."""

    __slots__ = ("_memory", "_b_base_", "_objects", "_key", "__weakref__")
    _ct_size = None
    _ct_align = 1
    _ct_format = "B"
    _ct_shape = ()

    def __new__(cls, *args, **kwargs):
        if cls._ct_size is None:
            raise TypeError("abstract class")
        cls._ct_final = True
        return view(cls, memoryview(bytearray(cls._ct_size)))

    @property
    def _b_needsfree_(self):
        return 1 if self._b_base_ is None else 0

    def __ctypes_from_outparam__(self):
        return self

    def __buffer__(self, flags):
        if len(self._memory) != type(self)._ct_size:
            # Resized: there is more than the type says.
            return memoryview(self._memory)
        return ffi.formatted(self._memory, self._ct_format, self._ct_shape, item_size(type(self)))

    def __reduce__(self):
        if has_pointer(type(self)):
            raise ValueError("ctypes objects containing pointers cannot be pickled")
        return unpickle, (type(self), (getattr(self, "__dict__", {}), self._memory.tobytes()))

    def __setstate__(self, state):
        attributes, data = state
        if attributes:
            self.__dict__.update(attributes)
        self._memory[:] = data

    __hash__ = None


def unpickle(cls, state):
    """Makes an object of its pickled parts."""
    new = cls.__new__(cls)
    new.__setstate__(state)
    return new


unpickle.__name__ = unpickle.__qualname__ = "_unpickle"
unpickle.__module__ = "_ctypes"


def item_size(cls):
    """Bytes of an item of the innermost array, or of the whole."""
    while hasattr(cls, "_length_") and cls._ct_shape:
        cls = cls._type_
    return cls._ct_size


def has_pointer(cls):
    """Whether there are addresses in instances."""
    return getattr(cls, "_ct_pointers", False)


def sizeof(data):
    """The bytes that a C type or an instance takes."""
    if isinstance(data, CType):
        data._ct_check()
        return data._ct_size
    if isinstance(data, CData):
        return len(data._memory)
    raise TypeError("this type has no size")


def alignment(data):
    """What the address of an instance is a multiple of."""
    if isinstance(data, CType):
        data._ct_check()
        return data._ct_align
    if isinstance(data, CData):
        return data._ct_align
    raise TypeError("no alignment info")


def addressof(data):
    """Where an instance lies in memory."""
    if not isinstance(data, CData):
        raise TypeError("invalid type")
    audit("ctypes.addressof", data)
    return ffi.address(data._memory)


def byref(data, offset=0):
    """A pointer to an instance, good only as an argument."""
    if not isinstance(data, CData):
        raise TypeError(f"byref() argument must be a ctypes instance, not '{type(data).__name__}'")
    return Reference(data, offset)


def resize(data, size):
    """Gives an instance that has memory of its own more of it."""
    if not isinstance(data, CData):
        raise TypeError("excepted ctypes instance")
    if size < type(data)._ct_size:
        raise ValueError(f"minimum size is {type(data)._ct_size}")
    if data._b_base_ is not None:
        raise ValueError("Memory cannot be resized because this object doesn't own it")
    new = bytearray(size)
    n = min(size, len(data._memory))
    new[:n] = data._memory[:n]
    data._memory = memoryview(new)


def buffer_info(data):
    """Format, number of dimensions and shape, as a buffer of this type has them."""
    cls = data if isinstance(data, type) else type(data)
    if not isinstance(cls, CType):
        raise TypeError("not a ctypes type or object")
    return cls._ct_format, len(cls._ct_shape), cls._ct_shape
