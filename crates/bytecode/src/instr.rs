//! One instruction word.

use crate::Op;

/// Bits of the flags byte.
pub mod flag {
    /// This is the last use of register `a`.
    pub const KILL_A: u8 = 1;
    /// This is the last use of register `b`.
    pub const KILL_B: u8 = 2;
    /// This is the last use of register `c`.
    pub const KILL_C: u8 = 4;
    /// An augmented assignment.
    pub const INPLACE: u8 = 8;
    /// For tests and jumps: the truth value that makes the jump; for IS and CONTAINS: inverted.
    pub const SENSE: u8 = 16;
    /// The call run has a self slot; `super` has arguments.
    pub const METHOD: u8 = 32;
}

/// `op8 flags8 a16 b16 c16`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Instr(pub u64);

impl Instr {
    /// Puts the fields together.
    #[inline]
    pub const fn new(op: Op, flags: u8, a: u16, b: u16, c: u16) -> Self {
        Self(
            op as u64
                | (flags as u64) << 8
                | (a as u64) << 16
                | (b as u64) << 32
                | (c as u64) << 48,
        )
    }

    /// With `b` and `c` together as one 32-bit operand.
    #[inline]
    pub const fn wide(op: Op, flags: u8, a: u16, bc: u32) -> Self {
        Self(op as u64 | (flags as u64) << 8 | (a as u64) << 16 | (bc as u64) << 32)
    }

    /// The opcode number.
    #[inline(always)]
    pub const fn opcode(self) -> u8 {
        self.0 as u8
    }

    /// The opcode; `None` if the word is no instruction.
    pub fn op(self) -> Option<Op> {
        Op::from_u8(self.opcode())
    }

    /// The flags byte.
    #[inline(always)]
    pub const fn flags(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// Operand `a`.
    #[inline(always)]
    pub const fn a(self) -> usize {
        (self.0 >> 16) as u16 as usize
    }

    /// Operand `b`.
    #[inline(always)]
    pub const fn b(self) -> usize {
        (self.0 >> 32) as u16 as usize
    }

    /// Operand `c`.
    #[inline(always)]
    pub const fn c(self) -> usize {
        (self.0 >> 48) as usize
    }

    /// Operand `b` as a signed immediate.
    #[inline(always)]
    pub const fn b_imm(self) -> i64 {
        (self.0 >> 32) as i16 as i64
    }

    /// Operand `c` as a signed immediate or jump.
    #[inline(always)]
    pub const fn c_imm(self) -> i64 {
        (self.0 as i64) >> 48
    }

    /// `b` and `c` as one unsigned number.
    #[inline(always)]
    pub const fn bc(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// `b` and `c` as one signed number.
    #[inline(always)]
    pub const fn bc_signed(self) -> i64 {
        (self.0 as i64) >> 32
    }

    /// The same instruction with another opcode.
    #[inline(always)]
    pub const fn with_op(self, op: Op) -> Self {
        Self(self.0 & !0xff | op as u64)
    }
}
