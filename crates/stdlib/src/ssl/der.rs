//! Reading of DER: what certificates, keys and revocation lists are written in.

/// What stands in no valid DER.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Malformed;

/// The result of reading.
pub type D<T> = Result<T, Malformed>;

/// The tags that are looked for.
pub mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const OID: u8 = 0x06;
    pub const UTF8: u8 = 0x0c;
    pub const PRINTABLE: u8 = 0x13;
    pub const T61: u8 = 0x14;
    pub const IA5: u8 = 0x16;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const VISIBLE: u8 = 0x1a;
    pub const UNIVERSAL: u8 = 0x1c;
    pub const BMP: u8 = 0x1e;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;

    /// `[n]` that holds other elements.
    pub const fn context(n: u8) -> u8 {
        0xa0 | n
    }

    /// `[n]` that holds bytes.
    pub const fn context_bytes(n: u8) -> u8 {
        0x80 | n
    }
}

/// One element.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// Its tag.
    pub tag: u8,
    /// What it holds.
    pub value: &'a [u8],
    /// All of it, with tag and length.
    pub whole: &'a [u8],
}

/// Reads one element after the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether all is read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element.
    pub fn any(&mut self) -> D<Element<'a>> {
        let &[tag, first, ..] = self.rest else { return Err(Malformed) };
        if tag & 0x1f == 0x1f {
            return Err(Malformed);
        }
        let (mut head, mut len) = (2, usize::from(first));
        if first & 0x80 != 0 {
            let n = usize::from(first & 0x7f);
            if n == 0 || n > 4 {
                return Err(Malformed);
            }
            let digits = self.rest.get(2..2 + n).ok_or(Malformed)?;
            len = digits.iter().fold(0, |l, &b| l << 8 | usize::from(b));
            head += n;
        }
        let end = head.checked_add(len).ok_or(Malformed)?;
        let (whole, rest) = self.rest.split_at_checked(end).ok_or(Malformed)?;
        self.rest = rest;
        Ok(Element { tag, value: whole.get(head..).ok_or(Malformed)?, whole })
    }

    /// The next element, which has this tag.
    pub fn expect(&mut self, tag: u8) -> D<Element<'a>> {
        if self.peek() == Some(tag) { self.any() } else { Err(Malformed) }
    }

    /// The next element if it has this tag.
    pub fn optional(&mut self, tag: u8) -> D<Option<Element<'a>>> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// What the next element holds, which is a sequence.
    pub fn sequence(&mut self) -> D<Reader<'a>> {
        self.expect(tag::SEQUENCE).map(|e| Reader::new(e.value))
    }

    /// All that is left, element by element.
    pub fn all(mut self) -> impl Iterator<Item = D<Element<'a>>> {
        std::iter::from_fn(move || {
            if self.is_empty() {
                return None;
            }
            let next = self.any();
            if next.is_err() {
                self.rest = &[];
            }
            Some(next)
        })
    }
}

impl<'a> Element<'a> {
    /// Reads what it holds.
    pub fn inside(&self) -> Reader<'a> {
        Reader::new(self.value)
    }

    /// The bytes of a bit string.
    pub fn bits(&self) -> D<&'a [u8]> {
        match self.value.split_first() {
            Some((unused, bits)) if *unused < 8 => Ok(bits),
            _ => Err(Malformed),
        }
    }

    /// As a small number that is not negative.
    pub fn small(&self) -> D<u64> {
        let digits = match self.value {
            [0, rest @ ..] => rest,
            v => v,
        };
        let negative = self.value.first().is_none_or(|b| b & 0x80 != 0);
        if negative || digits.len() > 8 {
            return Err(Malformed);
        }
        Ok(digits.iter().fold(0, |n, &b| n << 8 | u64::from(b)))
    }
}

/// A point in time as it stands in a certificate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Time {
    pub year: i32,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

impl Time {
    /// A `UTCTime` or `GeneralizedTime`.
    pub fn parse(e: &Element<'_>) -> D<Self> {
        let two = |at: usize| -> D<i32> {
            match e.value.get(at..at + 2) {
                Some(&[a @ b'0'..=b'9', b @ b'0'..=b'9']) => Ok(i32::from(a - b'0') * 10 + i32::from(b - b'0')),
                _ => Err(Malformed),
            }
        };
        let (year, at) = match e.tag {
            tag::UTC_TIME => {
                let y = two(0)?;
                (if y < 50 { 2000 + y } else { 1900 + y }, 2)
            }
            tag::GENERALIZED_TIME => (two(0)? * 100 + two(2)?, 4),
            _ => return Err(Malformed),
        };
        let part = |i: usize, most: i32| -> D<u8> {
            let n = two(at + 2 * i)?;
            if n > most { Err(Malformed) } else { Ok(n as u8) }
        };
        let (month, day) = (part(0, 12)?, part(1, 31)?);
        let (hour, minute) = (part(2, 23)?, part(3, 59)?);
        // Old certificates leave out the seconds.
        let (second, end) = match e.value.get(at + 8) {
            Some(b'0'..=b'9') => (part(4, 59)?, at + 10),
            _ => (0, at + 8),
        };
        if month == 0 || day == 0 || e.value.get(end..) != Some(b"Z") {
            return Err(Malformed);
        }
        Ok(Self { year, month, day, hour, minute, second })
    }

    /// Seconds since 1970.
    pub fn unix(&self) -> i64 {
        let (m, d) = (i64::from(self.month), i64::from(self.day));
        // Years that begin in March: the day that may be missing is the last one.
        let y = i64::from(self.year) - i64::from(m <= 2);
        let era = y.div_euclid(400);
        let of_era = y.rem_euclid(400);
        let of_year = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
        days * 86_400 + i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }

    /// As `getpeercert` shows it: `Jan  5 09:34:43 2018 GMT`.
    pub fn shown(&self) -> String {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = MONTHS.get(usize::from(self.month) - 1).unwrap_or(&"Jan");
        let Self { year, day, hour, minute, second, .. } = self;
        format!("{month} {day:2} {hour:02}:{minute:02}:{second:02} {year} GMT")
    }
}

/// An object identifier in dotted form.
pub fn dotted(oid: &[u8]) -> String {
    let mut out = String::new();
    let mut n: u64 = 0;
    let mut first = true;
    for &b in oid {
        n = n.wrapping_shl(7) | u64::from(b & 0x7f);
        if b & 0x80 != 0 {
            continue;
        }
        if first {
            let root = (n / 40).min(2);
            out.push_str(&format!("{root}.{}", n - 40 * root));
            first = false;
        } else {
            out.push_str(&format!(".{n}"));
        }
        n = 0;
    }
    out
}

/// The bytes of an object identifier that is written with dots.
pub fn undotted(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('.').map(|p| {
        let digits = !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
        if digits { p.parse::<u64>().ok() } else { None }
    });
    let (a, b) = (parts.next()??, parts.next()??);
    if a > 2 || (a < 2 && b >= 40) {
        return None;
    }
    let mut out = Vec::new();
    let mut put = |n: u64| {
        let groups = (64 - n.leading_zeros()).div_ceil(7).max(1);
        for i in (0..groups).rev() {
            let more = if i > 0 { 0x80 } else { 0 };
            out.push((n >> (7 * i)) as u8 & 0x7f | more);
        }
    };
    put(a.checked_mul(40)?.checked_add(b)?);
    for p in parts {
        put(p?);
    }
    Some(out)
}

/// The length of an element and its tag, written before `content`.
pub fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let n = content.len();
    if n < 0x80 {
        out.push(n as u8);
    } else {
        let bytes = n.to_be_bytes();
        let digits = bytes.iter().copied().skip_while(|&b| b == 0).collect::<Vec<_>>();
        out.push(0x80 | digits.len() as u8);
        out.extend_from_slice(&digits);
    }
    out.extend_from_slice(content);
    out
}
