//! Names that the runtime itself uses, interned once for the process.

use crate::core::Value;

macro_rules! names {
    ($($name:ident)*) => {
        /// Interned strings; the field's name is the text.
        pub struct Names { $(pub $name: Value,)* }
        impl Names {
            pub(super) fn new(mut intern: impl FnMut(&'static str) -> Value) -> Self {
                Self { $($name: intern(stringify!($name)),)* }
            }
        }
    };
}

names! {
    __abs__ __add__ __aenter__ __aexit__ __aiter__ __all__ __and__ __anext__ __annotate__ __annotate_func__ __annotations__
    __annotations_cache__ __args__ __await__ __bases__ __bool__ __buffer__ __build_class__ __builtins__ __bytes__ __cached__
    __call__ __cause__ __class__ __class_getitem__ __classcell__ __classdict__ __classdictcell__ __complex__ __conditional_annotations__
    __contains__ __context__ __debug__ __del__ __delattr__ __delete__ __delitem__ __dict__ __dictoffset__ __dir__ __divmod__ __doc__
    __enter__ __eq__ __exit__ __file__ __firstlineno__ __float__ __floordiv__ __format__ __ge__ __get__ __getattr__
    __getattribute__ __getitem__ __getnewargs__ __getnewargs_ex__ __getstate__ __gt__ __hash__ __iadd__ __iand__
    __ifloordiv__ __ilshift__ __imatmul__ __imod__ __import__ __imul__ __index__ __init__ __init_subclass__
    __instancecheck__ __int__ __invert__ __ior__ __ipow__ __irshift__ __isub__ __iter__ __itruediv__ __ixor__
    __kwdefaults__ __le__ __len__ __length_hint__ __lazy_modules__ __loader__ __lshift__ __lt__ __main__ __match_args__ __matmul__
    __missing__ __mod__ __module__ __mro__ __mro_entries__ __mul__ __name__ __ne__ __neg__ __new__ __next__
    __notes__ __objclass__ __or__ __orig_bases__ __origin__ __package__ __parameters__ __path__ __pos__ __pow__ __prepare__
    __qualname__ __radd__ __rand__ __rdivmod__ __reduce__ __reduce_ex__ __release_buffer__ __repr__ __reversed__ __rfloordiv__
    __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__ __round__ __rpow__ __rrshift__ __rshift__ __rsub__
    __rtruediv__ __rxor__ __self__ __set__ __set_name__ __setattr__ __setitem__ __setstate__ __sizeof__ __slots__
    __slotnames__ __spec__ __static_attributes__ __str__ __sub__ __subclasscheck__ __subclasses__ __subclasshook__
    __suppress_context__ __traceback__ __trunc__ __ceil__ __floor__ __truediv__ __type_params__ __typing_subst__ __typing_prepare_subst__
    __typing_unpacked_tuple_args__ __typing_is_unpacked_typevartuple__ __unpacked__ __warningregistry__ __weakref__ __weaklistoffset__
    __wrapped__ __xor__ __set_names__ __abstractmethods__ __fspath__ __copy__ __deepcopy__ __eq_hash__
    args builtins close name path obj send throw keys values items get append extend pop update sort mro
    encoding errors end sep file flush write read readline stdin stdout stderr key reverse default maxsplit
    modules meta_path excepthook displayhook msg filename lineno offset text print_file_and_line end_lineno end_offset
    code value last_exc last_type last_value last_traceback ps1 ps2 big little signed strict isatty fileno
    _is_coroutine_marker _initializing _uninitialized_submodules _lock_unlock_module _find_and_load _handle_fromlist
    fget fset fdel func cls mode newline closefd opener readable writable seekable closed
    seek tell truncate readall readinto readinto1 read1 peek raw buffer detach line_buffering _dealloc_warn decode encode getstate setstate
    reset newlines incrementalencoder incrementaldecoder __stdin__ __stdout__ __stderr__
    call_soon context get_debug is_running cancel add_done_callback result call_exception_handler get_loop done
    _asyncio_future_blocking _loop get_event_loop
    exec eval single copy clear setdefault popitem discard add remove insert index count
}

/// The names. Valid once the image is built, which is before any Python value exists.
#[inline(always)]
pub fn names() -> &'static Names {
    super::image::building_names()
}
