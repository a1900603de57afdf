//! The opcode table.
//!
//! A register machine: `op8 flags8 a16 b16 c16`, little-endian in one 64-bit word, followed by the
//! number of extra words that the table gives (inline caches and wide operands).
//! Registers are slots of the frame's window: first the locals, then cells, then free variables,
//! then temporaries. Every slot that holds an object owns a reference to it.
//!
//! Where an operand is marked `r` it is a register that is read; the flag bits `KILL_A`, `KILL_B`
//! and `KILL_C` say that this is the register's last use, so that the instruction takes the value out.
//! `w` is a register that is written (an old value is dropped). `base` is the first of a run of
//! temporaries that the instruction consumes whole.

/// What one operand field means; drives the disassembler and the verifier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// Not used, zero.
    No,
    /// Register read.
    R,
    /// Register written.
    W,
    /// First register of a consumed run.
    Base,
    /// First register of a written run.
    WBase,
    /// Unsigned number (a count, an id).
    N,
    /// Signed 16-bit immediate.
    I,
    /// Index into `names`.
    Name,
    /// Signed 16-bit jump, in words, relative to the next instruction.
    J16,
    /// `b` and `c` together: a signed 32-bit jump, in words, relative to the next instruction.
    J32,
    /// `b` and `c` together: an unsigned 32-bit constant index.
    K32,
    /// `b` and `c` together: a signed 32-bit integer.
    I32,
}

/// What the first extra word holds, before any cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extra {
    /// Nothing follows.
    None,
    /// `n` words of inline cache, zero when compiled.
    Cache(u8),
    /// One word: a signed jump in words, relative to the next instruction.
    Jump,
    /// One word: a constant index.
    Const,
    /// One word with a name index in its low 32 bits, then `n` words of cache.
    NameCache(u8),
    /// One word with a constant index, then `n` words of cache.
    ConstCache(u8),
}

impl Extra {
    /// How many words follow the instruction.
    pub const fn words(self) -> usize {
        match self {
            Self::None => 0,
            Self::Cache(n) => n as usize,
            Self::Jump | Self::Const => 1,
            Self::NameCache(n) | Self::ConstCache(n) => 1 + n as usize,
        }
    }
}

/// Everything the table says about one opcode.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// CPython-style upper-case name.
    pub name: &'static str,
    /// Meaning of `a`.
    pub a: Operand,
    /// Meaning of `b`.
    pub b: Operand,
    /// Meaning of `c`.
    pub c: Operand,
    /// What follows the word.
    pub extra: Extra,
    /// One line for the documentation.
    pub doc: &'static str,
}

macro_rules! ops {
    ($($variant:ident $name:literal ($a:ident $b:ident $c:ident) [$($extra:tt)*] $doc:literal;)*) => {
        /// An opcode. The order is the numbering; the last family exists only at run time.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Op { $(#[doc = $doc] $variant,)* }

        impl Op {
            /// All opcodes in numbering order.
            pub const ALL: &'static [Op] = &[$(Op::$variant,)*];
            const INFO: &'static [OpInfo] = &[$(OpInfo {
                name: $name, a: Operand::$a, b: Operand::$b, c: Operand::$c,
                extra: Extra::$($extra)*, doc: $doc,
            },)*];

            /// The table's row for this opcode.
            pub const fn info(self) -> &'static OpInfo { &Self::INFO[self as usize] }

            /// The opcode with this number, if there is one.
            pub fn from_u8(n: u8) -> Option<Op> { Self::ALL.get(n as usize).copied() }
        }
    };
}

ops! {
    // ---- moving data
    Nop "NOP" (No No No) [None] "Does nothing.";
    Resume "RESUME" (N No No) [None] "Start of a function (a=0), after a yield (1), after yield from (2), after await (3): eval-breaker and tracing point.";
    LoadConst "LOAD_CONST" (W K32 No) [None] "a = consts[k].";
    LoadInt "LOAD_INT" (W I32 No) [None] "a = the 32-bit integer.";
    Move "MOVE" (W R No) [None] "a = b; UnboundLocalError if b is empty.";
    Clear "CLEAR" (W No No) [None] "Drops the value of a; a may be empty.";
    DeleteFast "DELETE_FAST" (W No No) [None] "Drops the local a; UnboundLocalError if it is empty.";
    LoadFastAndClear "LOAD_FAST_AND_CLEAR" (W R No) [None] "a = b taken out, also when b is empty (an inlined comprehension saves the outer variable).";
    StoreFastMaybeNull "STORE_FAST_MAYBE_NULL" (W R No) [None] "a = b taken out, also when b is empty (restores what LOAD_FAST_AND_CLEAR saved).";
    Swap "SWAP" (W W No) [None] "Exchanges a and b without looking at them (a, b as registers).";

    // ---- names and cells
    LoadGlobal "LOAD_GLOBAL" (W Name No) [Cache(2)] "a = globals[name] or builtins[name]; NameError.";
    StoreGlobal "STORE_GLOBAL" (R Name No) [Cache(1)] "globals[name] = a.";
    DeleteGlobal "DELETE_GLOBAL" (No Name No) [None] "del globals[name]; NameError.";
    LoadName "LOAD_NAME" (W Name No) [Cache(2)] "a = locals[name] or globals or builtins; NameError.";
    StoreName "STORE_NAME" (R Name No) [Cache(1)] "locals[name] = a.";
    DeleteName "DELETE_NAME" (No Name No) [None] "del locals[name]; NameError.";
    LoadLocals "LOAD_LOCALS" (W No No) [None] "a = the frame's locals mapping.";
    MakeCell "MAKE_CELL" (W No No) [None] "a = a new cell that holds the old value of a (or is empty).";
    CopyFreeVars "COPY_FREE_VARS" (WBase N No) [None] "Registers a..a+b = the b cells of the running function's closure.";
    LoadDeref "LOAD_DEREF" (W R No) [None] "a = contents of cell b; NameError or UnboundLocalError if empty.";
    StoreDeref "STORE_DEREF" (R R No) [None] "contents of cell b = a.";
    DeleteDeref "DELETE_DEREF" (No R No) [None] "Empties cell b; NameError if it is empty already.";
    LoadFromDictOrDeref "LOAD_FROM_DICT_OR_DEREF" (W R R) [Const] "a = mapping b[name] or contents of cell c; the extra word is a name index.";
    LoadFromDictOrGlobals "LOAD_FROM_DICT_OR_GLOBALS" (W R Name) [None] "a = mapping b[name] or globals or builtins.";
    LoadBuildClass "LOAD_BUILD_CLASS" (W No No) [None] "a = builtins.__build_class__.";
    LoadCommon "LOAD_COMMON_CONSTANT" (W N No) [None] "a = AssertionError (0), NotImplementedError (1), tuple (2), all (3), any (4), list (5), set (6).";

    // ---- attributes and items
    LoadAttr "LOAD_ATTR" (W R Name) [Cache(2)] "a = b.name.";
    StoreAttr "STORE_ATTR" (R Name R) [Cache(2)] "a.name = c.";
    DeleteAttr "DELETE_ATTR" (R Name No) [None] "del a.name.";
    LoadMethod "LOAD_METHOD" (WBase R Name) [Cache(2)] "a, a+1 = the function and self when b.name is a plain method, else b.name and empty.";
    LoadSuperAttr "LOAD_SUPER_ATTR" (W Base Name) [None] "a = super(b+1, b+2).name where b holds the global super; consumes the three. METHOD: with arguments in the source.";
    LoadSuperMethod "LOAD_SUPER_METHOD" (WBase Base Name) [None] "As LOAD_SUPER_ATTR but writes a function and self pair as LOAD_METHOD does.";
    LoadSpecial "LOAD_SPECIAL" (WBase R N) [None] "a, a+1 = type(b)'s special method c and self: 0 __enter__, 1 __exit__, 2 __aenter__, 3 __aexit__.";
    LoadSubscr "LOAD_SUBSCR" (W R R) [None] "a = b[c].";
    LoadSubscrInt "LOAD_SUBSCR_INT" (W R I) [None] "a = b[immediate c].";
    StoreSubscr "STORE_SUBSCR" (R R R) [None] "a[b] = c.";
    DeleteSubscr "DELETE_SUBSCR" (R R No) [None] "del a[b].";
    LoadSlice "BINARY_SLICE" (W R Base) [None] "a = b[c : c+1]; consumes c and c+1.";
    StoreSlice "STORE_SLICE" (R Base R) [None] "a[b : b+1] = c; consumes b and b+1.";

    // ---- arithmetic
    Add "ADD" (W R R) [None] "a = b + c (flag INPLACE: +=).";
    Sub "SUBTRACT" (W R R) [None] "a = b - c.";
    Mul "MULTIPLY" (W R R) [None] "a = b * c.";
    TrueDiv "TRUE_DIVIDE" (W R R) [None] "a = b / c.";
    FloorDiv "FLOOR_DIVIDE" (W R R) [None] "a = b // c.";
    Mod "REMAINDER" (W R R) [None] "a = b % c.";
    Pow "POWER" (W R R) [None] "a = b ** c.";
    MatMul "MATRIX_MULTIPLY" (W R R) [None] "a = b @ c.";
    LShift "LSHIFT" (W R R) [None] "a = b << c.";
    RShift "RSHIFT" (W R R) [None] "a = b >> c.";
    BitAnd "AND" (W R R) [None] "a = b & c.";
    BitOr "OR" (W R R) [None] "a = b | c.";
    BitXor "XOR" (W R R) [None] "a = b ^ c.";
    AddInt "ADD_INT" (W R I) [None] "a = b + immediate c.";
    SubInt "SUBTRACT_INT" (W R I) [None] "a = b - immediate c.";
    MulInt "MULTIPLY_INT" (W R I) [None] "a = b * immediate c.";
    FloorDivInt "FLOOR_DIVIDE_INT" (W R I) [None] "a = b // immediate c.";
    ModInt "REMAINDER_INT" (W R I) [None] "a = b % immediate c.";
    AndInt "AND_INT" (W R I) [None] "a = b & immediate c.";
    LShiftInt "LSHIFT_INT" (W R I) [None] "a = b << immediate c.";
    RShiftInt "RSHIFT_INT" (W R I) [None] "a = b >> immediate c.";
    Neg "NEGATIVE" (W R No) [None] "a = -b.";
    Pos "POSITIVE" (W R No) [None] "a = +b.";
    Invert "INVERT" (W R No) [None] "a = ~b.";
    Not "NOT" (W R No) [None] "a = not b.";

    // ---- comparison
    Lt "LESS" (W R R) [None] "a = b < c.";
    Le "LESS_EQUAL" (W R R) [None] "a = b <= c.";
    Eq "EQUAL" (W R R) [None] "a = b == c.";
    Ne "NOT_EQUAL" (W R R) [None] "a = b != c.";
    Gt "GREATER" (W R R) [None] "a = b > c.";
    Ge "GREATER_EQUAL" (W R R) [None] "a = b >= c.";
    Is "IS" (W R R) [None] "a = b is c (flag SENSE inverts).";
    In "CONTAINS" (W R R) [None] "a = b in c (flag SENSE inverts).";

    // ---- jumps; flag SENSE set: jump when the test is true, clear: when it is false
    Jump "JUMP" (No J32 No) [None] "Goes forward.";
    JumpBack "JUMP_BACKWARD" (No J32 No) [None] "Goes backward; eval-breaker point.";
    JumpIf "JUMP_IF" (R J32 No) [None] "Goes where truth of a equals SENSE.";
    JumpIfNone "JUMP_IF_NONE" (R J32 No) [None] "Goes where `a is None` equals SENSE.";
    JumpLt "JUMP_IF_LESS" (R R J16) [None] "Goes where (a < b) equals SENSE.";
    JumpLe "JUMP_IF_LESS_EQUAL" (R R J16) [None] "Goes where (a <= b) equals SENSE.";
    JumpEq "JUMP_IF_EQUAL" (R R J16) [None] "Goes where (a == b) equals SENSE.";
    JumpNe "JUMP_IF_NOT_EQUAL" (R R J16) [None] "Goes where (a != b) equals SENSE.";
    JumpGt "JUMP_IF_GREATER" (R R J16) [None] "Goes where (a > b) equals SENSE.";
    JumpGe "JUMP_IF_GREATER_EQUAL" (R R J16) [None] "Goes where (a >= b) equals SENSE.";
    JumpLtInt "JUMP_IF_LESS_INT" (R I J16) [None] "Goes where (a < immediate b) equals SENSE.";
    JumpLeInt "JUMP_IF_LESS_EQUAL_INT" (R I J16) [None] "Goes where (a <= immediate b) equals SENSE.";
    JumpEqInt "JUMP_IF_EQUAL_INT" (R I J16) [None] "Goes where (a == immediate b) equals SENSE.";
    JumpNeInt "JUMP_IF_NOT_EQUAL_INT" (R I J16) [None] "Goes where (a != immediate b) equals SENSE.";
    JumpGtInt "JUMP_IF_GREATER_INT" (R I J16) [None] "Goes where (a > immediate b) equals SENSE.";
    JumpGeInt "JUMP_IF_GREATER_EQUAL_INT" (R I J16) [None] "Goes where (a >= immediate b) equals SENSE.";
    JumpIs "JUMP_IF_IS" (R R J16) [None] "Goes where (a is b) equals SENSE.";
    JumpIn "JUMP_IF_IN" (R R J16) [None] "Goes where (a in b) equals SENSE.";

    // ---- iteration
    GetIter "GET_ITER" (W R No) [None] "a = iter(b).";
    ForIter "FOR_ITER" (W R No) [Jump] "a = next(b) and goes to the extra word's target; when b is exhausted drops b and falls through. Placed at the bottom of the loop, so the target is mostly backward.";
    UnpackSequence "UNPACK_SEQUENCE" (WBase R N) [None] "Registers a..a+c = the c items of b.";
    UnpackEx "UNPACK_EX" (WBase R N) [None] "As UNPACK_SEQUENCE with a starred target: c = items before | items after << 8; writes before + 1 + after registers.";

    // ---- building
    BuildTuple "BUILD_TUPLE" (W Base N) [None] "a = tuple of c registers from b.";
    BuildList "BUILD_LIST" (W Base N) [None] "a = list of c registers from b.";
    BuildSet "BUILD_SET" (W Base N) [None] "a = set of c registers from b.";
    BuildMap "BUILD_MAP" (W Base N) [None] "a = dict of c key, value pairs from b.";
    BuildString "BUILD_STRING" (W Base N) [None] "a = concatenation of c strings from b.";
    BuildSlice "BUILD_SLICE" (W Base N) [None] "a = slice of c (2 or 3) registers from b.";
    ListAppend "LIST_APPEND" (R R No) [None] "list a gets b appended.";
    SetAdd "SET_ADD" (R R No) [None] "set a gets b.";
    MapAdd "MAP_ADD" (R R R) [None] "dict a[b] = c.";
    ListExtend "LIST_EXTEND" (R R No) [None] "list a gets the items of iterable b; TypeError text for `*b` in a display or call.";
    SetUpdate "SET_UPDATE" (R R No) [None] "set a gets the items of iterable b.";
    DictUpdate "DICT_UPDATE" (R R No) [None] "dict a gets the items of mapping b.";
    DictMerge "DICT_MERGE" (R R R) [None] "dict a gets the items of mapping b, TypeError on a repeated key; c is the callable, for the message.";
    ListToTuple "LIST_TO_TUPLE" (W R No) [None] "a = tuple of list b.";
    FormatSimple "FORMAT_SIMPLE" (W R N) [None] "a = format(b, ''), after conversion c: 0 none, 1 str, 2 repr, 3 ascii.";
    FormatWithSpec "FORMAT_WITH_SPEC" (W R R) [None] "a = format(b, c); the conversion comes before by CONVERT.";
    Convert "CONVERT_VALUE" (W R N) [None] "a = str (1), repr (2) or ascii (3) of b.";
    BuildInterpolation "BUILD_INTERPOLATION" (W Base N) [None] "a = Interpolation of registers b (value), b+1 (expression text), b+2 (format spec or empty); conversion c as in CONVERT_VALUE.";
    BuildTemplate "BUILD_TEMPLATE" (W Base No) [None] "a = Template of the tuples b (strings) and b+1 (interpolations).";

    // ---- calls: the run at a is [callable, args...], with flag METHOD [callable, self or empty, args...]
    Call "CALL" (Base N W) [Cache(1)] "c = call with b positional arguments.";
    CallKw "CALL_KW" (Base N W) [Const] "c = call with b arguments, the last of which are named by the tuple constant of the extra word.";
    CallEx "CALL_FUNCTION_EX" (Base No W) [None] "c = call of a with the iterable a+1 and the mapping a+2 (which may be empty).";
    CallGlobal "CALL_GLOBAL" (Base N W) [NameCache(2)] "LOAD_GLOBAL of the extra word's name into a, then CALL; only where evaluating the arguments first can't be seen.";
    CallAttr "CALL_ATTR" (Base N W) [NameCache(2)] "LOAD_METHOD of a+1 by the extra word's name, then CALL with METHOD; only where evaluating the arguments first can't be seen.";
    Return "RETURN_VALUE" (R No No) [None] "Ends the frame with a.";
    ReturnNone "RETURN_NONE" (No No No) [None] "Ends the frame with None.";

    // ---- functions, classes, modules
    MakeFunction "MAKE_FUNCTION" (W K32 No) [None] "a = function of the code constant, with the frame's globals.";
    SetFunctionAttr "SET_FUNCTION_ATTRIBUTE" (R R N) [None] "function a gets b as c: 0 defaults tuple, 1 kwdefaults dict, 2 annotations dict, 3 closure tuple, 4 __annotate__.";
    ImportName "IMPORT_NAME" (W Base Name) [None] "a = __import__(name, level b, fromlist b+1); consumes both.";
    ImportFrom "IMPORT_FROM" (W R Name) [None] "a = attribute name of module b; ImportError.";
    ImportStar "IMPORT_STAR" (No R No) [None] "Copies the public names of module b into the locals.";
    SetupAnnotations "SETUP_ANNOTATIONS" (No No No) [None] "Makes sure that locals has __annotations__.";
    CallIntrinsic "CALL_INTRINSIC" (W Base N) [None] "a = intrinsic c of the registers from b (how many: see Intrinsic).";

    // ---- exceptions
    Raise "RAISE" (R R N) [None] "c=0: re-raise the handled exception; 1: raise a; 2: raise a from b.";
    Reraise "RERAISE" (R No No) [None] "Raises exception a again as it is, traceback kept.";
    PushExcInfo "PUSH_EXC_INFO" (W R No) [None] "a = the exception handled so far (or None); b becomes the handled one. b stays.";
    PopExcept "POP_EXCEPT" (R No No) [None] "The exception saved in a becomes the handled one; takes a out.";
    CheckExcMatch "CHECK_EXC_MATCH" (W R R) [None] "a = whether exception b matches c; TypeError for what is no exception class.";
    CheckEgMatch "CHECK_EG_MATCH" (WBase R R) [None] "a = rest (or None), a+1 = matching part of exception b for types c (or None); sets the handled exception to the match.";
    WithExceptStart "WITH_EXCEPT_START" (W R R) [None] "a = exit(type, exception, traceback) for the exit function and self pair at b, b+1 (left in place) and exception c.";
    CleanupThrow "CLEANUP_THROW" (W R R) [Jump] "An exception c was thrown in at a yield from: if it is StopIteration, a = its value and goes on at the jump, dropping b; else raises it again.";

    // ---- generators and coroutines
    ReturnGenerator "RETURN_GENERATOR" (No No No) [None] "Makes the generator, coroutine or asynchronous generator of this frame and returns it to the caller; on first resumption goes on behind.";
    Yield "YIELD_VALUE" (W R N) [None] "Suspends with b; resumed, a = the value sent. c=1: inside yield from or await.";
    Send "SEND" (W R R) [Jump] "a = b.send(c) (next when c is None); when b is finished: a = its value and goes to the jump. b stays, c is taken.";
    GetAwaitable "GET_AWAITABLE" (W R N) [None] "a = the awaitable iterator of b. c: 1 after __aenter__, 2 after __aexit__ (for the message).";
    GetYieldFromIter "GET_YIELD_FROM_ITER" (W R No) [None] "a = b if it is a generator, else iter(b).";
    GetAiter "GET_AITER" (W R No) [None] "a = b.__aiter__().";
    GetAnext "GET_ANEXT" (W R No) [None] "a = awaitable of b.__anext__(); b stays.";
    EndAsyncFor "END_ASYNC_FOR" (R R No) [None] "Exception b ended the async for over a: StopAsyncIteration drops both and goes on, all else is raised again.";

    // ---- pattern matching
    MatchClass "MATCH_CLASS" (W R Base) [Const] "a = tuple of attributes or None: subject b, class c, tuple of keyword names c+1 (consumes both); the extra word counts the positional patterns.";
    MatchMapping "MATCH_MAPPING" (W R No) [None] "a = whether b is a mapping.";
    MatchSequence "MATCH_SEQUENCE" (W R No) [None] "a = whether b is a sequence but no str, bytes or bytearray.";
    MatchKeys "MATCH_KEYS" (W R R) [None] "a = tuple of the values of mapping b at the keys of tuple c, or None.";
    GetLen "GET_LEN" (W R No) [None] "a = len(b).";

    // ---- made at run time only, in the interpreter's own copy of the code
    LoadGlobalModule "LOAD_GLOBAL_MODULE" (W Name No) [Cache(2)] "LOAD_GLOBAL found in globals: cache 0 = keys version | index << 32.";
    LoadGlobalBuiltin "LOAD_GLOBAL_BUILTIN" (W Name No) [Cache(2)] "LOAD_GLOBAL found in builtins: cache 0 = globals version | builtins version << 32, cache 1 = index.";
    LoadAttrSlot "LOAD_ATTR_INSTANCE_VALUE" (W R Name) [Cache(2)] "Attribute in the inline values: cache 0 = type version | byte offset << 32.";
    LoadAttrType "LOAD_ATTR_TYPE" (W R Name) [Cache(2)] "Attribute of a class object: cache 0 = its version | version of its metaclass << 32, cache 1 = value.";
    LoadAttrClass "LOAD_ATTR_CLASS" (W R Name) [Cache(2)] "Attribute of the type that no instance can shadow or class object's own: cache 0 = type version, cache 1 = value.";
    LoadAttrModule "LOAD_ATTR_MODULE" (W R Name) [Cache(2)] "Attribute of a module: cache 0 = dict keys version | entry index << 32.";
    LoadAttrProperty "LOAD_ATTR_PROPERTY" (W R Name) [Cache(2)] "Property with a Python getter: cache 0 = type version, cache 1 = the function.";
    LoadAttrGetset "LOAD_ATTR_GETSET" (W R Name) [Cache(2)] "Attribute that native code of the type gives: cache 0 = type version, cache 1 = the descriptor.";
    StoreAttrSlot "STORE_ATTR_INSTANCE_VALUE" (R Name R) [Cache(2)] "Cache 0 = type version | byte offset << 32.";
    LoadMethodCached "LOAD_METHOD_CACHED" (WBase R Name) [Cache(2)] "Method on the type, instance can't shadow it: cache 0 = type version | keys version << 32, cache 1 = function.";
    CallAttrCached "CALL_ATTR_CACHED" (Base N W) [NameCache(2)] "CALL_ATTR with the caches of LOAD_METHOD_CACHED.";
    CallGlobalModule "CALL_GLOBAL_MODULE" (Base N W) [NameCache(2)] "CALL_GLOBAL with the cache of LOAD_GLOBAL_MODULE.";
    CallGlobalBuiltin "CALL_GLOBAL_BUILTIN" (Base N W) [NameCache(2)] "CALL_GLOBAL with the caches of LOAD_GLOBAL_BUILTIN.";
    ForRange "FOR_ITER_RANGE" (W R No) [Jump] "FOR_ITER over a range of small integers.";
    ForList "FOR_ITER_LIST" (W R No) [Jump] "FOR_ITER over a list.";
    ForTuple "FOR_ITER_TUPLE" (W R No) [Jump] "FOR_ITER over a tuple.";
    ForGen "FOR_ITER_GEN" (W R No) [Jump] "FOR_ITER over a generator.";
    CallListAppend "CALL_LIST_APPEND" (Base N W) [NameCache(2)] "CALL_ATTR of list.append with one argument, with the caches of LOAD_METHOD_CACHED.";
    CallListPop "CALL_LIST_POP" (Base N W) [NameCache(2)] "CALL_ATTR of list.pop without arguments, with the caches of LOAD_METHOD_CACHED.";
    CallLen "CALL_LEN" (Base N W) [NameCache(2)] "CALL_GLOBAL of the builtin len, with the caches of LOAD_GLOBAL_BUILTIN.";
    CallIsinstance "CALL_ISINSTANCE" (Base N W) [NameCache(2)] "CALL_GLOBAL of the builtin isinstance, with the caches of LOAD_GLOBAL_BUILTIN.";
    CallNext "CALL_NEXT" (Base N W) [NameCache(2)] "CALL_GLOBAL of the builtin next with one argument, with the caches of LOAD_GLOBAL_BUILTIN.";
    CallSend "CALL_SEND" (Base N W) [NameCache(2)] "CALL_ATTR of generator.send or coroutine.send.";
    CallAttrModule "CALL_ATTR_MODULE" (Base N W) [NameCache(2)] "CALL_ATTR of what a module holds, with the cache of LOAD_ATTR_MODULE.";
    LoadBody "LOAD_BODY" (No No No) [None] "Stands for the instructions of code whose body is not there yet: makes it and goes on at its first instruction.";
}

/// Which special method `LOAD_SPECIAL` fetches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum Special {
    /// `__enter__`
    Enter = 0,
    /// `__exit__`
    Exit = 1,
    /// `__aenter__`
    AEnter = 2,
    /// `__aexit__`
    AExit = 3,
}

macro_rules! intrinsics {
    ($($variant:ident $argc:literal $doc:literal;)*) => {
        /// What `CALL_INTRINSIC` can do; each consumes the number of registers given by [`Intrinsic::argc`].
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum Intrinsic { $(#[doc = $doc] $variant,)* }
        impl Intrinsic {
            /// All of them, in numbering order.
            pub const ALL: &'static [Intrinsic] = &[$(Intrinsic::$variant,)*];
            /// How many registers it consumes.
            pub const fn argc(self) -> u16 { const N: &[u16] = &[$($argc,)*]; N[self as usize] }
            /// The intrinsic with this number, if there is one.
            pub fn from_u16(n: u16) -> Option<Intrinsic> { Self::ALL.get(n as usize).copied() }
        }
    };
}

intrinsics! {
    Print 1 "Shows the value of an interactive expression through sys.displayhook.";
    StopIterationError 1 "Turns a StopIteration that leaves a generator into the RuntimeError that it becomes (returns the exception to raise).";
    AsyncGenWrap 1 "Wraps a value that an asynchronous generator yields.";
    TypeVar 1 "TypeVar from (name).";
    TypeVarWithBound 2 "TypeVar from (name, evaluator of the bound).";
    TypeVarWithConstraints 2 "TypeVar from (name, evaluator of the constraints).";
    ParamSpec 1 "ParamSpec from (name).";
    TypeVarTuple 1 "TypeVarTuple from (name).";
    SubscriptGeneric 1 "typing.Generic[*params] from the tuple of type parameters.";
    TypeAlias 3 "TypeAliasType from (name, type params tuple or None, evaluator).";
    SetFunctionTypeParams 2 "(function, params): sets __type_params__, returns the function.";
    SetTypeparamDefault 2 "(type parameter, evaluator of its default): returns the parameter.";
    PrepReraiseStar 2 "(original exception, list of raised and unhandled): the exception to raise after except*, or None.";
}
