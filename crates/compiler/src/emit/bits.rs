//! A small set of registers.

/// A set of numbers, without allocation below 64.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bits {
    low: u64,
    high: Vec<u64>,
}

impl Bits {
    pub(crate) fn contains(&self, n: u16) -> bool {
        if n < 64 {
            return self.low >> n & 1 != 0;
        }
        let n = n as usize - 64;
        self.high
            .get(n / 64)
            .is_some_and(|w| w >> (n % 64) & 1 != 0)
    }

    pub(crate) fn insert(&mut self, n: u16) {
        if n < 64 {
            self.low |= 1 << n;
            return;
        }
        let n = n as usize - 64;
        if self.high.len() <= n / 64 {
            self.high.resize(n / 64 + 1, 0);
        }
        self.high[n / 64] |= 1 << (n % 64);
    }

    pub(crate) fn remove(&mut self, n: u16) {
        if n < 64 {
            self.low &= !(1 << n);
        } else if let Some(w) = self.high.get_mut((n as usize - 64) / 64) {
            *w &= !(1 << (n % 64));
        }
    }

    pub(crate) fn intersect(&mut self, other: &Bits) {
        self.low &= other.low;
        for (i, w) in self.high.iter_mut().enumerate() {
            *w &= other.high.get(i).copied().unwrap_or(0);
        }
    }

    pub(crate) fn subtract(&mut self, other: &Bits) {
        self.low &= !other.low;
        for (i, w) in self.high.iter_mut().enumerate() {
            *w &= !other.high.get(i).copied().unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn across_the_word() {
        let mut a = Bits::default();
        let mut b = Bits::default();
        for n in [0, 63, 64, 127, 128, 1000] {
            a.insert(n);
        }
        for n in [63, 128, 5] {
            b.insert(n);
        }
        let mut c = a.clone();
        c.intersect(&b);
        assert!(c.contains(63) && c.contains(128));
        assert!(!c.contains(0) && !c.contains(1000) && !c.contains(5));
        a.subtract(&b);
        assert!(a.contains(1000) && !a.contains(128));
        a.remove(1000);
        assert!(!a.contains(1000));
    }
}
