//! The code as CPython's bytecode would show it, for what looks at `co_code`: `dis`, `inspect.getclosurevars`,
//! pickling of functions by value.
//!
//! Taipan runs register code. Here every instruction is spelt with the opcodes that it stands for: operands that are
//! variables are loaded before, results stored behind, temporaries are what is on the stack. The order of a run is
//! Taipan's, so that this is a picture and not a program; offsets (`f_lasti`, `co_positions`, jumps) belong to it.

use taipan_bytecode::{Extra, Instr, Intrinsic, Op, flag};

use super::Code;
use crate::core::Value;

/// Numbers of CPython 3.14's opcodes.
mod num {
    macro_rules! numbers {
        ($($name:ident $n:literal)*) => { $(pub const $name: u8 = $n;)* };
    }
    numbers! {
        BINARY_SLICE 1 BUILD_TEMPLATE 2 CALL_FUNCTION_EX 4 CHECK_EG_MATCH 5 CHECK_EXC_MATCH 6 CLEANUP_THROW 7
        DELETE_SUBSCR 8 FORMAT_SIMPLE 12 FORMAT_WITH_SPEC 13 GET_AITER 14 GET_ANEXT 15 GET_ITER 16 GET_LEN 18
        GET_YIELD_FROM_ITER 19 LOAD_BUILD_CLASS 21 LOAD_LOCALS 22 MAKE_FUNCTION 23 MATCH_KEYS 24 MATCH_MAPPING 25
        MATCH_SEQUENCE 26 NOP 27 NOT_TAKEN 28 POP_EXCEPT 29 POP_TOP 31 PUSH_EXC_INFO 32 RETURN_GENERATOR 34
        RETURN_VALUE 35 SETUP_ANNOTATIONS 36 STORE_SLICE 37 STORE_SUBSCR 38 TO_BOOL 39 UNARY_INVERT 40 UNARY_NEGATIVE 41
        UNARY_NOT 42 WITH_EXCEPT_START 43 BINARY_OP 44 BUILD_INTERPOLATION 45 BUILD_LIST 46 BUILD_MAP 47 BUILD_SET 48
        BUILD_SLICE 49 BUILD_STRING 50 BUILD_TUPLE 51 CALL 52 CALL_INTRINSIC_1 53 CALL_INTRINSIC_2 54 CALL_KW 55
        COMPARE_OP 56 CONTAINS_OP 57 CONVERT_VALUE 58 COPY_FREE_VARS 60 DELETE_ATTR 61 DELETE_DEREF 62 DELETE_FAST 63
        DELETE_GLOBAL 64 DELETE_NAME 65 DICT_MERGE 66 DICT_UPDATE 67 END_ASYNC_FOR 68 EXTENDED_ARG 69 FOR_ITER 70
        GET_AWAITABLE 71 IMPORT_FROM 72 IMPORT_NAME 73 IS_OP 74 JUMP_BACKWARD 75 JUMP_FORWARD 77 LIST_APPEND 78
        LIST_EXTEND 79 LOAD_ATTR 80 LOAD_COMMON_CONSTANT 81 LOAD_CONST 82 LOAD_DEREF 83 LOAD_FAST 84
        LOAD_FAST_AND_CLEAR 85 LOAD_FROM_DICT_OR_DEREF 90 LOAD_FROM_DICT_OR_GLOBALS 91 LOAD_GLOBAL 92 LOAD_NAME 93
        LOAD_SMALL_INT 94 LOAD_SPECIAL 95 LOAD_SUPER_ATTR 96 MAKE_CELL 97 MAP_ADD 98 MATCH_CLASS 99 POP_JUMP_IF_FALSE 100
        POP_JUMP_IF_NONE 101 POP_JUMP_IF_NOT_NONE 102 POP_JUMP_IF_TRUE 103 RAISE_VARARGS 104 RERAISE 105 SEND 106
        SET_ADD 107 SET_FUNCTION_ATTRIBUTE 108 SET_UPDATE 109 STORE_ATTR 110 STORE_DEREF 111 STORE_FAST 112
        STORE_GLOBAL 115 STORE_NAME 116 SWAP 117 UNPACK_EX 118 UNPACK_SEQUENCE 119 YIELD_VALUE 120 RESUME 128
    }
}

/// Inline cache entries behind an opcode.
const fn caches(op: u8) -> usize {
    match op {
        num::BINARY_OP => 5,
        num::LOAD_GLOBAL | num::STORE_ATTR => 4,
        num::LOAD_ATTR => 9,
        num::CALL | num::CALL_KW | num::TO_BOOL => 3,
        num::UNPACK_SEQUENCE | num::COMPARE_OP | num::CONTAINS_OP | num::FOR_ITER | num::LOAD_SUPER_ATTR => 1,
        num::STORE_SUBSCR | num::SEND | num::JUMP_BACKWARD => 1,
        num::POP_JUMP_IF_FALSE | num::POP_JUMP_IF_TRUE | num::POP_JUMP_IF_NONE | num::POP_JUMP_IF_NOT_NONE => 1,
        _ => 0,
    }
}

/// What an instruction's argument is.
#[derive(Clone, Copy)]
enum Arg {
    Number(u32),
    /// The distance to a word of the real code, forward or backward.
    Jump(usize),
    /// The distance over so many instructions.
    Skip(usize),
}

struct Item {
    op: u8,
    arg: Arg,
    word: u32,
    /// How many `EXTENDED_ARG` there are before it.
    extended: usize,
}

impl Item {
    fn units(&self) -> usize {
        self.extended + 1 + caches(self.op)
    }
}

/// The picture of a code object.
pub struct View {
    /// `co_code`
    pub code: Box<[u8]>,
    /// Constants that are operands in the real code, to go behind its own.
    pub consts: Box<[Value]>,
    /// `co_exceptiontable`
    pub handlers: Box<[u8]>,
    /// For each unit (two bytes), the word of the real code that it shows.
    words: Box<[u32]>,
    /// For each word, the unit where it does what it does (`f_lasti`).
    at: Box<[u32]>,
}

impl View {
    /// The offset in bytes that stands for a word.
    pub fn offset(&self, word: usize) -> usize {
        self.at.get(word).map_or(self.code.len(), |&u| u as usize * 2)
    }

    /// The word that an offset in bytes belongs to; beyond the end, one behind the last.
    pub fn word(&self, offset: usize) -> usize {
        self.words.get(offset / 2).map_or(self.at.len(), |&w| w as usize)
    }

    /// The words of all units, in order.
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// Draws the picture.
    pub fn new(code: &Code) -> View {
        let mut d =
            Drawer { code, items: Vec::new(), consts: Vec::new(), word: 0, main: Vec::new(), entry: Vec::new() };
        d.draw();
        d.finish()
    }
}

struct Drawer<'a> {
    code: &'a Code,
    items: Vec<Item>,
    consts: Vec<Value>,
    word: u32,
    /// For each word, its main item.
    main: Vec<usize>,
    /// For each word, its first item.
    entry: Vec<usize>,
}

/// `BINARY_OP`'s number for an operator; in place it is 13 more.
const fn binary(op: Op) -> Option<u32> {
    Some(match op {
        Op::Add | Op::AddInt => 0,
        Op::BitAnd | Op::AndInt => 1,
        Op::FloorDiv | Op::FloorDivInt => 2,
        Op::LShift | Op::LShiftInt => 3,
        Op::MatMul => 4,
        Op::Mul | Op::MulInt => 5,
        Op::Mod | Op::ModInt => 6,
        Op::BitOr => 7,
        Op::Pow => 8,
        Op::RShift | Op::RShiftInt => 9,
        Op::Sub | Op::SubInt => 10,
        Op::TrueDiv => 11,
        Op::BitXor => 12,
        _ => return None,
    })
}

/// `COMPARE_OP`'s number for a comparison.
const fn comparison(op: Op) -> Option<u32> {
    Some(match op {
        Op::Lt | Op::JumpLt | Op::JumpLtInt => 0,
        Op::Le | Op::JumpLe | Op::JumpLeInt => 1,
        Op::Eq | Op::JumpEq | Op::JumpEqInt => 2,
        Op::Ne | Op::JumpNe | Op::JumpNeInt => 3,
        Op::Gt | Op::JumpGt | Op::JumpGtInt => 4,
        Op::Ge | Op::JumpGe | Op::JumpGeInt => 5,
        _ => return None,
    })
}

impl Drawer<'_> {
    fn put(&mut self, op: u8, arg: Arg) {
        self.items.push(Item { op, arg, word: self.word, extended: 0 });
    }

    fn op(&mut self, op: u8) {
        self.put(op, Arg::Number(0));
    }

    fn op_n(&mut self, op: u8, n: usize) {
        self.put(op, Arg::Number(n as u32));
    }

    fn named(&self, reg: usize) -> bool {
        reg < self.code.nlocals as usize && self.code.register_name(reg).is_some()
    }

    fn load(&mut self, reg: usize) {
        if self.named(reg) {
            self.op_n(num::LOAD_FAST, reg);
        }
    }

    fn store(&mut self, reg: usize) {
        if self.named(reg) {
            self.op_n(num::STORE_FAST, reg);
        }
    }

    fn constant(&mut self, v: Value) {
        let own = self.code.consts().len();
        let found = self.code.consts().iter().position(|c| c.is(&v));
        let i = found.or_else(|| self.consts.iter().position(|c| c.is(&v)).map(|i| own + i)).unwrap_or_else(|| {
            self.consts.push(v);
            own + self.consts.len() - 1
        });
        self.op_n(num::LOAD_CONST, i);
    }

    fn int(&mut self, n: i64) {
        match u8::try_from(n) {
            Ok(n) => {
                // The compiler of CPython keeps a code's first constant whether an instruction needs it or not.
                if self.code.consts().is_empty() && self.consts.is_empty() {
                    self.consts.push(Value::small(n.into()));
                }
                self.op_n(num::LOAD_SMALL_INT, n.into());
            }
            Err(_) => self.constant(Value::from(n)),
        }
    }

    /// A conditional jump; one that goes backward is two.
    fn jump_if(&mut self, yes: u8, no: u8, target: usize) {
        if target as u32 > self.word {
            self.put(yes, Arg::Jump(target));
            self.op(num::NOT_TAKEN);
        } else {
            self.put(no, Arg::Skip(2));
            self.op(num::NOT_TAKEN);
            self.put(num::JUMP_BACKWARD, Arg::Jump(target));
        }
    }

    fn jump_truth(&mut self, sense: bool, target: usize) {
        let (t, f) = (num::POP_JUMP_IF_TRUE, num::POP_JUMP_IF_FALSE);
        if sense { self.jump_if(t, f, target) } else { self.jump_if(f, t, target) }
    }

    /// The main part of the word comes next.
    fn here(&mut self) {
        if let Some(m) = self.main.last_mut() {
            *m = self.items.len();
        }
    }

    fn draw(&mut self) {
        let words = self.code.body().original();
        let mut i = 0;
        while let Some(&w) = words.get(i) {
            let w = Instr(w);
            let Some(op) = w.op() else { break };
            let extra = op.info().extra;
            let first = words.get(i + 1).copied().unwrap_or(0);
            self.word = i as u32;
            let begin = self.items.len();
            self.entry.push(begin);
            self.main.push(begin);
            self.one(op, w, extra, first, i);
            if self.items.len() == begin {
                self.op(num::NOP);
            }
            // A main part that came to nothing is what was there before.
            let last = self.items.len() - 1;
            if let Some(m) = self.main.last_mut() {
                *m = (*m).min(last);
            }
            for k in 0..extra.words() {
                self.entry.push(begin);
                // The name's own word is what looks it up.
                let name = self.items.iter().skip(begin).position(|x| x.word as usize == i + 1 + k);
                self.main.push(name.map_or(last, |n| begin + n));
            }
            i += 1 + extra.words();
        }
    }

    fn one(&mut self, op: Op, w: Instr, extra: Extra, first: u64, i: usize) {
        let (a, b, c) = (w.a(), w.b(), w.c());
        let next = i + 1 + extra.words();
        let target = |d: i64| usize::try_from(next as i64 + d).unwrap_or(0);
        let sense = w.flags() & flag::SENSE != 0;
        if let Some(n) = binary(op) {
            self.load(b);
            if matches!(op.info().c, taipan_bytecode::Operand::I) {
                self.int(w.c_imm())
            } else {
                self.load(c)
            }
            self.here();
            let n = if w.flags() & flag::INPLACE != 0 { n + 13 } else { n };
            self.put(num::BINARY_OP, Arg::Number(n));
            self.store(a);
            return;
        }
        if let Some(n) = comparison(op) {
            let jump = matches!(op.info().c, taipan_bytecode::Operand::J16);
            let (x, y) = if jump { (a, b) } else { (b, c) };
            self.load(x);
            if matches!(op.info().b, taipan_bytecode::Operand::I) {
                self.int(w.b_imm())
            } else {
                self.load(y)
            }
            self.here();
            self.put(num::COMPARE_OP, Arg::Number(n << 5 | if jump { 16 } else { 0 }));
            if jump {
                self.jump_truth(sense, target(w.c_imm()))
            } else {
                self.store(a)
            }
            return;
        }
        match op {
            Op::Nop => {}
            Op::Resume => self.op_n(num::RESUME, a),
            Op::LoadConst => {
                self.op_n(num::LOAD_CONST, w.bc() as usize);
                self.store(a);
            }
            Op::LoadInt => {
                self.int(w.bc_signed());
                self.store(a);
            }
            Op::Move => {
                self.load(b);
                self.store(a);
            }
            Op::Clear if !self.named(a) => self.op(num::POP_TOP),
            Op::Clear | Op::DeleteFast => self.op_n(num::DELETE_FAST, a),
            Op::LoadFastAndClear if self.named(b) => self.op_n(num::LOAD_FAST_AND_CLEAR, b),
            Op::StoreFastMaybeNull => self.store(a),
            Op::LoadFastAndClear => {}
            Op::Swap => self.op_n(num::SWAP, 2),
            Op::LoadGlobal | Op::LoadName => {
                if op == Op::LoadGlobal {
                    self.op_n(num::LOAD_GLOBAL, b << 1)
                } else {
                    self.op_n(num::LOAD_NAME, b)
                }
                self.store(a);
            }
            Op::StoreGlobal | Op::StoreName => {
                self.load(a);
                self.here();
                self.op_n(if op == Op::StoreGlobal { num::STORE_GLOBAL } else { num::STORE_NAME }, b);
            }
            Op::DeleteGlobal => self.op_n(num::DELETE_GLOBAL, b),
            Op::DeleteName => self.op_n(num::DELETE_NAME, b),
            Op::LoadLocals => self.produce(num::LOAD_LOCALS, 0, a),
            Op::MakeCell => self.op_n(num::MAKE_CELL, a),
            Op::CopyFreeVars => self.op_n(num::COPY_FREE_VARS, b),
            Op::LoadDeref => self.produce(num::LOAD_DEREF, b, a),
            Op::StoreDeref => {
                self.load(a);
                self.here();
                self.op_n(num::STORE_DEREF, b);
            }
            Op::DeleteDeref => self.op_n(num::DELETE_DEREF, b),
            Op::LoadFromDictOrDeref => self.unary(num::LOAD_FROM_DICT_OR_DEREF, c, b, a),
            Op::LoadFromDictOrGlobals => self.unary(num::LOAD_FROM_DICT_OR_GLOBALS, c, b, a),
            Op::LoadBuildClass => self.produce(num::LOAD_BUILD_CLASS, 0, a),
            Op::LoadCommon => self.produce(num::LOAD_COMMON_CONSTANT, b, a),
            Op::LoadAttr => self.unary(num::LOAD_ATTR, c << 1, b, a),
            Op::StoreAttr => {
                self.load(c);
                self.load(a);
                self.here();
                self.op_n(num::STORE_ATTR, b);
            }
            Op::DeleteAttr => {
                self.load(a);
                self.here();
                self.op_n(num::DELETE_ATTR, b);
            }
            Op::LoadMethod => {
                self.load(b);
                self.here();
                self.op_n(num::LOAD_ATTR, c << 1 | 1);
            }
            Op::LoadSuperAttr | Op::LoadSuperMethod => {
                let method = usize::from(op == Op::LoadSuperMethod);
                let explicit = if w.flags() & flag::METHOD != 0 { 2 } else { 0 };
                self.produce(num::LOAD_SUPER_ATTR, c << 2 | explicit | method, a);
            }
            Op::LoadSpecial => {
                self.load(b);
                self.here();
                self.op_n(num::LOAD_SPECIAL, c);
            }
            Op::LoadSubscr | Op::LoadSubscrInt => {
                self.load(b);
                if op == Op::LoadSubscr {
                    self.load(c)
                } else {
                    self.int(w.c_imm())
                }
                self.here();
                self.op_n(num::BINARY_OP, 26);
                self.store(a);
            }
            Op::StoreSubscr => {
                self.load(c);
                self.load(a);
                self.load(b);
                self.here();
                self.op(num::STORE_SUBSCR);
            }
            Op::DeleteSubscr => {
                self.load(a);
                self.load(b);
                self.here();
                self.op(num::DELETE_SUBSCR);
            }
            Op::LoadSlice => self.unary(num::BINARY_SLICE, 0, b, a),
            Op::StoreSlice => {
                self.load(c);
                self.load(a);
                self.here();
                self.op(num::STORE_SLICE);
            }
            Op::Neg => self.unary(num::UNARY_NEGATIVE, 0, b, a),
            Op::Pos => self.unary(num::CALL_INTRINSIC_1, 5, b, a),
            Op::Invert => self.unary(num::UNARY_INVERT, 0, b, a),
            Op::Not => {
                self.load(b);
                self.here();
                self.op(num::TO_BOOL);
                self.produce(num::UNARY_NOT, 0, a);
            }
            Op::Is | Op::In => {
                self.load(b);
                self.load(c);
                self.here();
                self.produce(if op == Op::Is { num::IS_OP } else { num::CONTAINS_OP }, usize::from(sense), a);
            }
            Op::Jump => self.put(num::JUMP_FORWARD, Arg::Jump(target(w.bc_signed()))),
            Op::JumpBack => self.put(num::JUMP_BACKWARD, Arg::Jump(target(w.bc_signed()))),
            Op::JumpIf => {
                self.load(a);
                self.here();
                self.op(num::TO_BOOL);
                self.jump_truth(sense, target(w.bc_signed()));
            }
            Op::JumpIfNone => {
                self.load(a);
                self.here();
                let (none, some) = (num::POP_JUMP_IF_NONE, num::POP_JUMP_IF_NOT_NONE);
                let (yes, no) = if sense { (none, some) } else { (some, none) };
                self.jump_if(yes, no, target(w.bc_signed()));
            }
            Op::JumpIs | Op::JumpIn => {
                self.load(a);
                self.load(b);
                self.here();
                self.op(if op == Op::JumpIs { num::IS_OP } else { num::CONTAINS_OP });
                self.jump_truth(sense, target(w.c_imm()));
            }
            Op::GetIter => self.unary(num::GET_ITER, 0, b, a),
            Op::ForIter => {
                // The jump back belongs to the body's end, before it.
                let end = self.items.last().map(|i| i.word).filter(|&w| self.code.position(w as usize).line != 0);
                self.put(num::FOR_ITER, Arg::Skip(if self.named(a) { 2 } else { 1 }));
                self.store(a);
                self.put(num::JUMP_BACKWARD, Arg::Jump(target(first as i64)));
                if let (Some(end), Some(jump)) = (end, self.items.last_mut()) {
                    jump.word = end;
                }
            }
            Op::UnpackSequence => {
                self.load(b);
                self.here();
                self.op_n(num::UNPACK_SEQUENCE, c);
                (a..a + c).for_each(|r| self.store(r));
            }
            Op::UnpackEx => {
                self.load(b);
                self.here();
                self.op_n(num::UNPACK_EX, c);
                (a..a + 1 + (c & 0xff) + (c >> 8)).for_each(|r| self.store(r));
            }
            Op::BuildTuple => self.produce(num::BUILD_TUPLE, c, a),
            Op::BuildList => self.produce(num::BUILD_LIST, c, a),
            Op::BuildSet => self.produce(num::BUILD_SET, c, a),
            Op::BuildMap => self.produce(num::BUILD_MAP, c, a),
            Op::BuildString => self.produce(num::BUILD_STRING, c, a),
            Op::BuildSlice => self.produce(num::BUILD_SLICE, c, a),
            Op::ListAppend => self.add(num::LIST_APPEND, b),
            Op::SetAdd => self.add(num::SET_ADD, b),
            Op::MapAdd => {
                self.load(b);
                self.add(num::MAP_ADD, c);
            }
            Op::ListExtend => self.add(num::LIST_EXTEND, b),
            Op::SetUpdate => self.add(num::SET_UPDATE, b),
            Op::DictUpdate => self.add(num::DICT_UPDATE, b),
            Op::DictMerge => self.add(num::DICT_MERGE, b),
            Op::ListToTuple => self.unary(num::CALL_INTRINSIC_1, 6, b, a),
            Op::FormatSimple => {
                self.load(b);
                self.here();
                if c != 0 {
                    self.op_n(num::CONVERT_VALUE, c);
                }
                self.produce(num::FORMAT_SIMPLE, 0, a);
            }
            Op::FormatWithSpec => {
                self.load(b);
                self.load(c);
                self.here();
                self.produce(num::FORMAT_WITH_SPEC, 0, a);
            }
            Op::Convert => self.unary(num::CONVERT_VALUE, c, b, a),
            Op::BuildInterpolation => self.produce(num::BUILD_INTERPOLATION, c << 2, a),
            Op::BuildTemplate => self.produce(num::BUILD_TEMPLATE, 0, a),
            Op::Call => self.produce(num::CALL, b, c),
            Op::CallKw => {
                self.op_n(num::LOAD_CONST, first as u32 as usize);
                self.here();
                self.produce(num::CALL_KW, b, c);
            }
            Op::CallEx => self.produce(num::CALL_FUNCTION_EX, 0, c),
            Op::CallGlobal | Op::CallAttr => {
                // The look-up has a place of its own.
                self.word = i as u32 + 1;
                let name = (first as u32 as usize) << 1 | 1;
                self.op_n(if op == Op::CallGlobal { num::LOAD_GLOBAL } else { num::LOAD_ATTR }, name);
                self.word = i as u32;
                self.here();
                self.produce(num::CALL, b, c);
            }
            Op::Return => {
                self.load(a);
                self.here();
                self.op(num::RETURN_VALUE);
            }
            Op::ReturnNone => {
                self.constant(Value::NONE);
                self.here();
                self.op(num::RETURN_VALUE);
            }
            Op::MakeFunction => {
                self.op_n(num::LOAD_CONST, w.bc() as usize);
                self.here();
                self.produce(num::MAKE_FUNCTION, 0, a);
            }
            Op::SetFunctionAttr => {
                self.load(b);
                self.here();
                self.op_n(num::SET_FUNCTION_ATTRIBUTE, 1 << c.min(4));
            }
            Op::ImportName => self.produce(num::IMPORT_NAME, c, a),
            Op::ImportFrom => self.unary(num::IMPORT_FROM, c, b, a),
            Op::ImportStar => {
                self.load(b);
                self.here();
                self.op_n(num::CALL_INTRINSIC_1, 2);
            }
            Op::SetupAnnotations => self.op(num::SETUP_ANNOTATIONS),
            Op::CallIntrinsic => {
                let (op, n) = match Intrinsic::from_u16(c as u16) {
                    Some(Intrinsic::Print) => (num::CALL_INTRINSIC_1, 1),
                    Some(Intrinsic::StopIterationError) => (num::CALL_INTRINSIC_1, 3),
                    Some(Intrinsic::AsyncGenWrap) => (num::CALL_INTRINSIC_1, 4),
                    Some(Intrinsic::TypeVar) => (num::CALL_INTRINSIC_1, 7),
                    Some(Intrinsic::ParamSpec) => (num::CALL_INTRINSIC_1, 8),
                    Some(Intrinsic::TypeVarTuple) => (num::CALL_INTRINSIC_1, 9),
                    Some(Intrinsic::SubscriptGeneric) => (num::CALL_INTRINSIC_1, 10),
                    Some(Intrinsic::TypeAlias) => (num::CALL_INTRINSIC_1, 11),
                    Some(Intrinsic::PrepReraiseStar) => (num::CALL_INTRINSIC_2, 1),
                    Some(Intrinsic::TypeVarWithBound) => (num::CALL_INTRINSIC_2, 2),
                    Some(Intrinsic::TypeVarWithConstraints) => (num::CALL_INTRINSIC_2, 3),
                    Some(Intrinsic::SetFunctionTypeParams) => (num::CALL_INTRINSIC_2, 4),
                    _ => (num::CALL_INTRINSIC_2, 5),
                };
                self.produce(op, n, a);
            }
            Op::Raise => {
                [a, b].into_iter().take(c).for_each(|r| self.load(r));
                self.here();
                self.op_n(num::RAISE_VARARGS, c);
            }
            Op::Reraise => self.op_n(num::RERAISE, 0),
            Op::PushExcInfo => self.op(num::PUSH_EXC_INFO),
            Op::PopExcept => self.op(num::POP_EXCEPT),
            Op::CheckExcMatch => {
                self.load(c);
                self.here();
                self.op(num::CHECK_EXC_MATCH);
            }
            Op::CheckEgMatch => self.op(num::CHECK_EG_MATCH),
            Op::WithExceptStart => self.op(num::WITH_EXCEPT_START),
            Op::CleanupThrow => self.op(num::CLEANUP_THROW),
            Op::ReturnGenerator => {
                self.op(num::RETURN_GENERATOR);
                self.op(num::POP_TOP);
            }
            Op::Yield => self.unary(num::YIELD_VALUE, c, b, a),
            Op::Send => self.put(num::SEND, Arg::Jump(target(first as i64))),
            Op::GetAwaitable => self.unary(num::GET_AWAITABLE, c, b, a),
            Op::GetYieldFromIter => self.unary(num::GET_YIELD_FROM_ITER, 0, b, a),
            Op::GetAiter => self.unary(num::GET_AITER, 0, b, a),
            Op::GetAnext => self.op(num::GET_ANEXT),
            Op::EndAsyncFor => self.op(num::END_ASYNC_FOR),
            Op::MatchClass => self.unary(num::MATCH_CLASS, first as u32 as usize, b, a),
            Op::MatchMapping => self.unary(num::MATCH_MAPPING, 0, b, a),
            Op::MatchSequence => self.unary(num::MATCH_SEQUENCE, 0, b, a),
            Op::MatchKeys => self.unary(num::MATCH_KEYS, 0, b, a),
            Op::GetLen => self.unary(num::GET_LEN, 0, b, a),
            // Only in the interpreter's own copy, which is not looked at.
            _ => {}
        }
    }

    fn produce(&mut self, op: u8, n: usize, to: usize) {
        self.op_n(op, n);
        self.store(to);
    }

    fn unary(&mut self, op: u8, n: usize, from: usize, to: usize) {
        self.load(from);
        self.here();
        self.produce(op, n, to);
    }

    fn add(&mut self, op: u8, from: usize) {
        self.load(from);
        self.here();
        self.op_n(op, 1);
    }

    /// The distance that a jump's argument is, in units.
    fn distance(&self, i: usize, starts: &[usize]) -> u32 {
        let end = starts.get(i + 1).copied().unwrap_or(0);
        let to = match self.items[i].arg {
            Arg::Number(n) => return n,
            Arg::Jump(word) => self.entry.get(word).copied().unwrap_or(self.items.len()),
            Arg::Skip(n) => i + 1 + n,
        };
        let to = starts.get(to).copied().unwrap_or(end);
        to.abs_diff(end) as u32
    }

    fn finish(mut self) -> View {
        let mut starts = Vec::new();
        loop {
            starts.clear();
            let mut at = 0;
            for item in &self.items {
                starts.push(at);
                at += item.units();
            }
            starts.push(at);
            let mut grown = false;
            for i in 0..self.items.len() {
                let n = self.distance(i, &starts);
                let needed = (u32::BITS - n.leading_zeros()).div_ceil(8).saturating_sub(1) as usize;
                if needed > self.items[i].extended {
                    self.items[i].extended = needed;
                    grown = true;
                }
            }
            if !grown {
                break;
            }
        }
        let mut code = Vec::with_capacity(starts.last().map_or(0, |n| n * 2));
        let mut words = Vec::with_capacity(code.capacity() / 2);
        for (i, item) in self.items.iter().enumerate() {
            let n = self.distance(i, &starts).to_be_bytes();
            for k in (1..=item.extended).rev() {
                code.extend([num::EXTENDED_ARG, n[3 - k.min(3)]]);
            }
            code.extend([item.op, n[3]]);
            code.extend(std::iter::repeat_n(0, 2 * caches(item.op)));
            words.extend(std::iter::repeat_n(item.word, item.units()));
        }
        let unit = |item: usize| starts.get(item).copied().unwrap_or(0);
        // The argument's own extensions are before the instruction itself.
        let at = self.main.iter().map(|&m| (unit(m) + self.items.get(m).map_or(0, |i| i.extended)) as u32).collect();
        let word_unit = |word: u32| self.entry.get(word as usize).map_or(code.len() / 2, |&i| unit(i)) as u32;
        let mut handlers = Vec::new();
        for h in &self.code.body().handlers {
            let (start, end) = (word_unit(h.start), word_unit(h.end));
            let depth = u32::from(h.depth).saturating_sub(self.code.nlocals);
            let numbers = [start, end.saturating_sub(start), word_unit(h.target), depth << 1];
            for (k, n) in numbers.into_iter().enumerate() {
                varint(&mut handlers, n, if k == 0 { 0x80 } else { 0 });
            }
        }
        View { code: code.into(), consts: self.consts.into(), handlers: handlers.into(), words: words.into(), at }
    }
}

/// A number as CPython's exception tables have it: six bits a byte, the highest first.
fn varint(out: &mut Vec<u8>, n: u32, mark: u8) {
    let groups = (u32::BITS - n.leading_zeros()).div_ceil(6).max(1);
    for k in (0..groups).rev() {
        let more = if k > 0 { 0x40 } else { 0 };
        let first = if k + 1 == groups { mark } else { 0 };
        out.push((n >> (6 * k)) as u8 & 0x3f | more | first);
    }
}
