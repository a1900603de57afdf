//! The numbers: sign, coefficient, exponent, and the special ones.

use std::cmp::Ordering;

use super::limbs;
use super::wide;

/// 10^0 to 10^38.
pub static POW10: [u128; 39] = {
    let mut t = [1; 39];
    let mut i = 1;
    while i < 39 {
        t[i] = t[i - 1] * 10;
        i += 1;
    }
    t
};

/// Digits of the largest coefficient without a vector.
pub const SMALL: i64 = 38;

/// Bounds of contexts.
pub const MAX_PREC: i64 = 999_999_999_999_999_999;
/// The largest exponent.
pub const MAX_EMAX: i64 = 999_999_999_999_999_999;
/// The smallest exponent of normal numbers.
pub const MIN_EMIN: i64 = -999_999_999_999_999_999;
/// The smallest exponent.
pub const MIN_ETINY: i64 = MIN_EMIN - (MAX_PREC - 1);

/// A natural number in decimal digits: up to 38 digits as the halves of an u128, else limbs in base 10^19.
#[derive(Clone, Debug)]
pub enum Coef {
    /// Below 10^38: (low, high).
    Small(u64, u64),
    /// At least 10^38, without zeros at the top.
    Big(Vec<u64>),
}

/// What rounding cut off, compared with half of the last place kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lost {
    /// Only zeros.
    Nothing,
    /// Less than half.
    Less,
    /// Exactly half.
    Half,
    /// More than half.
    More,
}

impl Lost {
    fn of(digit: u64, rest: bool) -> Self {
        match (digit, rest) {
            (0, false) => Self::Nothing,
            (5, false) => Self::Half,
            (0..5, _) => Self::Less,
            _ => Self::More,
        }
    }
}

/// Digits of an u128; none for 0.
#[inline]
pub fn digits128(n: u128) -> i64 {
    if n == 0 {
        return 0;
    }
    let guess = ((128 - n.leading_zeros() as usize) * 1233) >> 12;
    (guess + usize::from(guess < 39 && n >= POW10[guess])) as i64
}

impl Coef {
    /// Zero.
    pub const ZERO: Coef = Coef::Small(0, 0);
    /// One.
    pub const ONE: Coef = Coef::Small(1, 0);

    /// The small one with this value, which is below 10^38.
    #[inline(always)]
    pub fn small(n: u128) -> Self {
        Self::Small(n as u64, (n >> 64) as u64)
    }

    /// From any u128.
    pub fn from_u128(n: u128) -> Self {
        if n < POW10[38] {
            return Self::small(n);
        }
        let (high, low) = (n / POW10[38], n % POW10[38]);
        Self::Big(vec![(low % limbs::BASE as u128) as u64, (low / limbs::BASE as u128) as u64, high as u64])
    }

    /// From limbs, with or without zeros at the top.
    pub fn from_limbs(mut v: Vec<u64>) -> Self {
        limbs::trim(&mut v);
        match v.as_slice() {
            [] => Self::ZERO,
            [a] => Self::Small(*a, 0),
            [a, b] => Self::small(*a as u128 + *b as u128 * limbs::BASE as u128),
            _ => Self::Big(v),
        }
    }

    /// The value, if it is small.
    #[inline(always)]
    pub fn value(&self) -> Option<u128> {
        match self {
            Self::Small(a, b) => Some(*a as u128 | (*b as u128) << 64),
            Self::Big(_) => None,
        }
    }

    /// As limbs; a small one's are put into the buffer.
    pub fn limbs<'a>(&'a self, buffer: &'a mut [u64; 2]) -> &'a [u64] {
        match self {
            Self::Big(v) => v,
            Self::Small(a, b) => {
                let (high, low) = limbs::split(*a as u128 | (*b as u128) << 64);
                *buffer = [low, high];
                match (high, low) {
                    (0, 0) => &[],
                    (0, _) => &buffer[..1],
                    _ => &buffer[..],
                }
            }
        }
    }

    /// Whether it is zero.
    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Small(0, 0))
    }

    /// Whether it is one.
    #[inline(always)]
    pub fn is_one(&self) -> bool {
        matches!(self, Self::Small(1, 0))
    }

    /// Whether it is odd.
    pub fn is_odd(&self) -> bool {
        match self {
            Self::Small(a, _) => a & 1 == 1,
            Self::Big(v) => v.first().is_some_and(|x| x & 1 == 1),
        }
    }

    /// The last digit.
    pub fn last_digit(&self) -> u64 {
        match self {
            Self::Small(..) => (self.value().unwrap_or(0) % 10) as u64,
            Self::Big(v) => v.first().map_or(0, |x| x % 10),
        }
    }

    /// How many digits it has; one for zero.
    #[inline]
    pub fn digits(&self) -> i64 {
        match self {
            Self::Small(a, 0) => limbs::digits64(*a).max(1) as i64,
            Self::Small(..) => digits128(self.value().unwrap_or(0)),
            Self::Big(v) => limbs::digits(v) as i64,
        }
    }

    /// Zeros at its end; none for zero itself.
    pub fn trailing_zeros(&self) -> i64 {
        match self {
            Self::Small(..) => {
                let mut n = self.value().unwrap_or(0);
                if n == 0 {
                    return 0;
                }
                let mut zeros = 0;
                // No more zeros in decimal than in binary.
                let most = n.trailing_zeros();
                if most >= 19
                    && let (q, 0) = wide::div_pow10(n, 19)
                {
                    (n, zeros) = (q, 19);
                }
                for step in [16, 8, 4, 2, 1] {
                    if n.trailing_zeros() >= step
                        && let (q, 0) = wide::div_pow10(n, step as usize)
                    {
                        n = q;
                        zeros += i64::from(step);
                    }
                }
                zeros
            }
            Self::Big(v) => limbs::trailing_zeros(v) as i64,
        }
    }

    /// The sum.
    #[inline]
    pub fn add(&self, other: &Self) -> Self {
        if let (Some(a), Some(b)) = (self.value(), other.value()) {
            return Self::from_u128(a + b);
        }
        let (mut x, mut y) = ([0; 2], [0; 2]);
        Self::from_limbs(limbs::add(self.limbs(&mut x), other.limbs(&mut y)))
    }

    /// The difference to one that is not greater.
    #[inline]
    pub fn sub(&self, other: &Self) -> Self {
        if let (Some(a), Some(b)) = (self.value(), other.value()) {
            return Self::small(a.wrapping_sub(b));
        }
        let (mut x, mut y) = ([0; 2], [0; 2]);
        Self::from_limbs(limbs::sub(self.limbs(&mut x), other.limbs(&mut y)))
    }

    /// The product.
    pub fn mul(&self, other: &Self) -> Self {
        if let (Some(a), Some(b)) = (self.value(), other.value()) {
            let p = wide::mul(a, b);
            if p.high == 0 {
                return Self::from_u128(p.low);
            }
        }
        let (mut x, mut y) = ([0; 2], [0; 2]);
        Self::from_limbs(limbs::mul(self.limbs(&mut x), other.limbs(&mut y)))
    }

    /// Quotient and remainder; the divisor is not zero.
    pub fn div_rem(&self, other: &Self) -> (Self, Self) {
        if let (Some(a), Some(b)) = (self.value(), other.value()) {
            return (Self::small(a / b), Self::small(a % b));
        }
        let (mut x, mut y) = ([0; 2], [0; 2]);
        let (q, r) = limbs::div_rem(self.limbs(&mut x), other.limbs(&mut y));
        (Self::from_limbs(q), Self::from_limbs(r))
    }

    /// Times a power of ten.
    #[inline]
    pub fn shift_left(&self, n: i64) -> Self {
        if n <= 0 || self.is_zero() {
            return self.clone();
        }
        if let Some(a) = self.value()
            && n < SMALL
            && let Some(p) = a.checked_mul(POW10[n as usize])
            && p < POW10[38]
        {
            return Self::small(p);
        }
        let mut x = [0; 2];
        Self::from_limbs(limbs::shift_left(self.limbs(&mut x), n as usize))
    }

    /// By a power of ten, and what is lost thereby.
    #[inline]
    pub fn shift_right(&self, n: i64) -> (Self, Lost) {
        if n <= 0 {
            return (self.clone(), Lost::Nothing);
        }
        match self {
            Self::Small(..) => {
                let a = self.value().unwrap_or(0);
                if n > SMALL {
                    return (Self::ZERO, if a == 0 { Lost::Nothing } else { Lost::Less });
                }
                let p = POW10[n as usize];
                let (q, r) = match (a >> 64, p >> 64) {
                    (0, 0) => ((a as u64 / p as u64) as u128, (a as u64 % p as u64) as u128),
                    _ => wide::div_pow10(a, n as usize),
                };
                let lost = match r.cmp(&(p / 2)) {
                    _ if r == 0 => Lost::Nothing,
                    Ordering::Less => Lost::Less,
                    Ordering::Equal => Lost::Half,
                    Ordering::Greater => Lost::More,
                };
                (Self::small(q), lost)
            }
            Self::Big(v) => {
                if n > limbs::digits(v) as i64 {
                    return (Self::ZERO, Lost::Less);
                }
                let (q, digit, rest) = limbs::shift_right(v, n as usize);
                (Self::from_limbs(q), Lost::of(digit, rest))
            }
        }
    }

    /// Compares two coefficients.
    #[inline]
    pub fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Big(a), Self::Big(b)) => limbs::cmp(a, b),
            (Self::Small(..), Self::Small(..)) => self.value().cmp(&other.value()),
            (Self::Big(_), _) => Ordering::Greater,
            _ => Ordering::Less,
        }
    }

    /// Compares `self * 10^a` with `other * 10^b`.
    pub fn cmp_scaled(&self, a: i64, other: &Self, b: i64) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            _ => {}
        }
        if a == b {
            return self.cmp(other);
        }
        let top = (self.digits() + a).cmp(&(other.digits() + b));
        if top.is_ne() {
            return top;
        }
        if a > b { self.shift_left(a - b).cmp(other) } else { self.cmp(&other.shift_left(b - a)) }
    }

    /// Its digits as text.
    pub fn text(&self) -> String {
        match self {
            Self::Small(..) => {
                let mut buffer = [0; 40];
                let text = self.small_text(&mut buffer);
                // The digits are ASCII.
                text.iter().map(|d| *d as char).collect()
            }
            Self::Big(v) => {
                use std::fmt::Write;
                let mut out = String::with_capacity(v.len() * limbs::DIGITS);
                for (i, x) in v.iter().rev().enumerate() {
                    // Writing to a string does not fail.
                    let _ = if i == 0 { write!(out, "{x}") } else { write!(out, "{x:019}") };
                }
                out
            }
        }
    }

    /// The digits of a small one, at the end of the buffer.
    fn small_text<'a>(&self, buffer: &'a mut [u8; 40]) -> &'a [u8] {
        let (mut high, mut low) = (0, 0);
        if let Self::Small(a, b) = self {
            (high, low) = if *b == 0 { (0, *a) } else { limbs::split(*a as u128 | (*b as u128) << 64) };
        }
        let mut at = buffer.len();
        let mut least = if high > 0 { limbs::DIGITS } else { 1 };
        loop {
            let end = at;
            while low > 0 || end - at < least {
                at -= 1;
                buffer[at] = b'0' + (low % 10) as u8;
                low /= 10;
            }
            if high == 0 {
                return &buffer[at..];
            }
            (low, high, least) = (high, 0, 1);
        }
    }

    /// From ASCII digits; zeros at the start do not matter.
    pub fn parse(digits: &[u8]) -> Self {
        let chunk = |c: &[u8]| c.iter().fold(0u64, |n, d| n * 10 + u64::from(d - b'0'));
        if digits.len() <= limbs::DIGITS {
            return Self::Small(chunk(digits), 0);
        }
        Self::from_limbs(digits.rchunks(limbs::DIGITS).map(chunk).collect())
    }

    /// `10^n - 1`
    pub fn nines(n: i64) -> Self {
        if n <= SMALL {
            return Self::small(POW10[n.max(0) as usize] - 1);
        }
        let n = n as usize;
        let mut v = vec![limbs::BASE - 1; n / limbs::DIGITS];
        v.push(limbs::POW[n % limbs::DIGITS] - 1);
        Self::from_limbs(v)
    }

    /// `10^n`
    pub fn power(n: i64) -> Self {
        Self::ONE.shift_left(n)
    }
}

/// What a number is, besides its digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A finite number.
    Finite,
    /// Infinity.
    Inf,
    /// A quiet NaN; the coefficient is the payload.
    Nan,
    /// A signaling NaN.
    Snan,
}

/// A decimal number.
#[derive(Clone, Debug)]
pub struct Num {
    /// The digits, or a NaN's payload.
    pub coef: Coef,
    /// The exponent; 0 for special numbers.
    pub exp: i64,
    /// The sign.
    pub neg: bool,
    /// What it is.
    pub kind: Kind,
}

impl Num {
    /// A finite number.
    #[inline(always)]
    pub fn new(neg: bool, coef: Coef, exp: i64) -> Self {
        Self { coef, exp, neg, kind: Kind::Finite }
    }

    /// A zero.
    pub fn zero(neg: bool, exp: i64) -> Self {
        Self::new(neg, Coef::ZERO, exp)
    }

    /// An infinity.
    pub fn inf(neg: bool) -> Self {
        Self { coef: Coef::ZERO, exp: 0, neg, kind: Kind::Inf }
    }

    /// A NaN without payload.
    pub fn nan() -> Self {
        Self { coef: Coef::ZERO, exp: 0, neg: false, kind: Kind::Nan }
    }

    /// From a small int.
    pub fn int(n: i64) -> Self {
        Self::new(n < 0, Coef::Small(n.unsigned_abs(), 0), 0)
    }

    /// Whether it is neither NaN nor infinite.
    #[inline(always)]
    pub fn is_finite(&self) -> bool {
        self.kind == Kind::Finite
    }

    /// Whether it is infinite.
    pub fn is_inf(&self) -> bool {
        self.kind == Kind::Inf
    }

    /// Whether it is a NaN of either kind.
    #[inline(always)]
    pub fn is_nan(&self) -> bool {
        matches!(self.kind, Kind::Nan | Kind::Snan)
    }

    /// Whether it is a finite zero.
    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        self.is_finite() && self.coef.is_zero()
    }

    /// The exponent of the first digit.
    #[inline(always)]
    pub fn adjusted(&self) -> i64 {
        self.exp + self.coef.digits() - 1
    }

    /// Whether it is an integer.
    pub fn is_integer(&self) -> bool {
        self.is_finite() && (self.exp >= 0 || self.coef.is_zero() || self.coef.trailing_zeros() >= -self.exp)
    }

    /// Whether it is an odd integer.
    pub fn is_odd(&self) -> bool {
        if !self.is_integer() || self.exp > 0 {
            return false;
        }
        self.coef.shift_right(-self.exp).0.is_odd()
    }

    /// With this sign.
    pub fn with_sign(mut self, neg: bool) -> Self {
        self.neg = neg;
        self
    }

    /// -1, 0 or 1 (by the sign for special ones).
    pub fn signum(&self) -> i32 {
        match () {
            () if self.is_zero() => 0,
            () if self.neg => -1,
            () => 1,
        }
    }
}

/// Compares numbers that are no NaNs.
pub fn cmp(a: &Num, b: &Num) -> Ordering {
    let (x, y) = (a.signum(), b.signum());
    if x != y {
        return x.cmp(&y);
    }
    if x == 0 {
        return Ordering::Equal;
    }
    let order = cmp_abs(a, b);
    if a.neg { order.reverse() } else { order }
}

/// Compares the magnitudes of numbers that are no NaNs.
pub fn cmp_abs(a: &Num, b: &Num) -> Ordering {
    match (a.is_inf(), b.is_inf()) {
        (false, false) => a.coef.cmp_scaled(a.exp, &b.coef, b.exp),
        (x, y) => x.cmp(&y),
    }
}

/// Reads a number. The text holds ASCII only, without spaces and underscores.
pub fn parse(text: &[u8]) -> Option<Num> {
    let (neg, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if !matches!(rest.first(), Some(b'0'..=b'9' | b'.')) {
        return parse_special(rest).map(|n| n.with_sign(neg));
    }
    let count = |t: &[u8]| t.iter().take_while(|c| c.is_ascii_digit()).count();
    let (whole, rest) = rest.split_at(count(rest));
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => rest.split_at(count(rest)),
        _ => (&rest[..0], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let exp = match rest {
        [] => 0,
        [b'e' | b'E', rest @ ..] => parse_exponent(rest)?,
        _ => return None,
    };
    let coef = if fraction.is_empty() {
        Coef::parse(whole)
    } else {
        let mut buffer = [0u8; 48];
        let n = whole.len() + fraction.len();
        if n <= buffer.len() {
            buffer[..whole.len()].copy_from_slice(whole);
            buffer[whole.len()..n].copy_from_slice(fraction);
            Coef::parse(&buffer[..n])
        } else {
            Coef::parse(&[whole, fraction].concat())
        }
    };
    Some(Num::new(neg, coef, exp.saturating_sub(fraction.len() as i64)))
}

/// Exponents far outside all bounds are cut, so that sums with them do not overflow.
pub const FAR: i64 = 4_000_000_000_000_000_000;

fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (neg, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n = digits.iter().fold(0i64, |n, d| n.saturating_mul(10).saturating_add(i64::from(d - b'0'))).min(FAR);
    Some(if neg { -n } else { n })
}

fn parse_special(text: &[u8]) -> Option<Num> {
    let is = |t: &[u8], name: &str| t.eq_ignore_ascii_case(name.as_bytes());
    if is(text, "inf") || is(text, "infinity") {
        return Some(Num::inf(false));
    }
    let (kind, n) = match text {
        [b's' | b'S', ..] => (Kind::Snan, 4),
        _ => (Kind::Nan, 3),
    };
    if text.len() < n || !is(&text[n - 3..n], "nan") || !text[n..].iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(Num { coef: Coef::parse(&text[n..]), exp: 0, neg: false, kind })
}

/// The text of an everyday number, written without an exponent, at the end of the buffer; `None` for others.
pub fn plain_text<'a>(n: &Num, buffer: &'a mut [u8; 64]) -> Option<&'a [u8]> {
    if n.kind != Kind::Finite || !matches!(n.coef, Coef::Small(..)) || n.exp > 0 {
        return None;
    }
    let mut digits = [0; 40];
    let digits = n.coef.small_text(&mut digits);
    if n.exp + digits.len() as i64 <= -6 {
        return None;
    }
    // At most 6 + 38 places behind the point.
    let places = n.exp.unsigned_abs() as usize;
    let mut at = buffer.len();
    let mut push = |d: u8| {
        at -= 1;
        buffer[at] = d;
    };
    let mut rest = digits.iter().rev();
    for _ in 0..places {
        push(*rest.next().unwrap_or(&b'0'));
    }
    if places > 0 {
        push(b'.');
    }
    if rest.len() == 0 {
        push(b'0');
    }
    rest.for_each(|d| push(*d));
    if n.neg {
        push(b'-');
    }
    Some(&buffer[at..])
}

/// As text in scientific notation, or in engineering notation, where exponents are multiples of three.
pub fn to_text(n: &Num, engineering: bool, capitals: bool) -> String {
    let mut out = String::new();
    if n.neg {
        out.push('-');
    }
    let payload = |out: &mut String| {
        if !n.coef.is_zero() {
            out.push_str(&n.coef.text());
        }
    };
    match n.kind {
        Kind::Inf => out.push_str("Infinity"),
        Kind::Nan => {
            out.push_str("NaN");
            payload(&mut out);
        }
        Kind::Snan => {
            out.push_str("sNaN");
            payload(&mut out);
        }
        Kind::Finite => finite_text(&mut out, n, engineering, capitals),
    }
    out
}

fn finite_text(out: &mut String, n: &Num, engineering: bool, capitals: bool) {
    let mut buffer = [0; 40];
    let big;
    let digits = match &n.coef {
        Coef::Small(..) => std::str::from_utf8(n.coef.small_text(&mut buffer)).unwrap_or(""),
        Coef::Big(_) => {
            big = n.coef.text();
            &big
        }
    };
    out.reserve(digits.len() + 8);
    let len = digits.len() as i64;
    let left = n.exp + len;
    // Where the point stands, counted from the start of the digits.
    let point = match () {
        () if n.exp <= 0 && left > -6 => left,
        () if !engineering => 1,
        () if n.coef.is_zero() => (left + 1).rem_euclid(3) - 1,
        () => (left - 1).rem_euclid(3) + 1,
    };
    let zeros = |out: &mut String, n: i64| out.extend(std::iter::repeat_n('0', n.max(0) as usize));
    if point <= 0 {
        out.push_str("0.");
        zeros(out, -point);
        out.push_str(digits);
    } else if point >= len {
        out.push_str(digits);
        zeros(out, point - len);
    } else {
        out.push_str(&digits[..point as usize]);
        out.push('.');
        out.push_str(&digits[point as usize..]);
    }
    if left != point {
        out.push(if capitals { 'E' } else { 'e' });
        out.push_str(&format!("{:+}", left - point));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, want, eng) in [
            ("1.50", "1.50", "1.50"),
            ("-1e-7", "-1E-7", "-100E-9"),
            ("123E5", "1.23E+7", "12.3E+6"),
            ("0E3", "0E+3", "0E+3"),
            ("0E4", "0E+4", "0.00E+6"),
            (".5", "0.5", "0.5"),
            ("sNaN012", "sNaN12", "sNaN12"),
            ("+infinity", "Infinity", "Infinity"),
        ] {
            let n = parse(text.as_bytes()).expect("a number");
            assert_eq!(to_text(&n, false, true), want);
            let mut buffer = [0; 64];
            let plain = plain_text(&n, &mut buffer);
            assert!(plain.is_none_or(|t| t == want.as_bytes()), "{want}");
            assert_eq!(to_text(&n, true, true), eng);
        }
        for text in ["", ".", "1e", "e5", "1.2.3", "nan1x", "in", "--1", "1 "] {
            assert!(parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
