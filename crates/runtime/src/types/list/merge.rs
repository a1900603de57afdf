//! A stable, adaptive merge sort for comparisons that can fail: natural runs, merged in the order of
//! powersort (Munro and Wild, 2018), with the galloping of timsort (Peters, 2002).
//!
//! A comparison that is no order at all only leads to some permutation.

/// A run of this length wins one of the sides often enough to search ahead exponentially.
const MIN_GALLOP: usize = 7;

struct Run {
    start: usize,
    len: usize,
    power: u32,
}

struct Merger<'a, T, F> {
    v: &'a mut [T],
    lt: F,
    /// The smaller of the two runs that are being merged.
    tmp: Vec<T>,
    min_gallop: usize,
}

/// Sorts `v` by `lt`. After an error `v` holds some items twice and must be thrown away.
pub fn merge_sort<T: Copy, E>(v: &mut [T], lt: impl FnMut(&T, &T) -> Result<bool, E>) -> Result<(), E> {
    let n = v.len();
    let min_run = min_run(n);
    let mut m = Merger { v, lt, tmp: Vec::new(), min_gallop: MIN_GALLOP };
    let mut runs: Vec<Run> = Vec::new();
    let mut start = 0;
    while start < n {
        let mut len = m.take_run(start)?;
        if len < min_run {
            let whole = min_run.min(n - start);
            m.insert(start, len, whole)?;
            len = whole;
        }
        if let Some(last) = runs.last() {
            let power = power(last.start, last.len, len, n);
            while let [.., before, _] = &runs[..]
                && before.power > power
            {
                m.merge_top(&mut runs)?;
            }
            if let Some(last) = runs.last_mut() {
                last.power = power;
            }
        }
        runs.push(Run { start, len, power: 0 });
        start += len;
    }
    while runs.len() > 1 {
        m.merge_top(&mut runs)?;
    }
    Ok(())
}

/// Shorter runs are extended to this length by insertion; `n` divided by it is a power of two or a little less.
fn min_run(mut n: usize) -> usize {
    let mut rest = 0;
    while n >= 64 {
        rest |= n & 1;
        n >>= 1;
    }
    n + rest
}

/// The depth of the boundary between two adjacent runs in a perfectly balanced tree of merges: the first bit in
/// which their midpoints, as fractions of `n`, differ.
fn power(start: usize, len: usize, next: usize, n: usize) -> u32 {
    // Twice the midpoints.
    let mut a = 2 * start + len;
    let mut b = a + len + next;
    let mut power = 0;
    loop {
        power += 1;
        if a >= n {
            a -= n;
            b -= n;
        } else if b >= n {
            return power;
        }
        a *= 2;
        b *= 2;
    }
}

/// The number of leading items of `s` for which `before` holds, searched for around `hint`.
fn gallop<T, E>(s: &[T], hint: usize, mut before: impl FnMut(&T) -> Result<bool, E>) -> Result<usize, E> {
    let (mut last, mut ofs) = (0, 1);
    let (mut lo, mut hi);
    if before(&s[hint])? {
        let max = s.len() - hint;
        while ofs < max && before(&s[hint + ofs])? {
            (last, ofs) = (ofs, 2 * ofs + 1);
        }
        (lo, hi) = (hint + last + 1, hint + ofs.min(max));
    } else {
        let max = hint + 1;
        while ofs < max && !before(&s[hint - ofs])? {
            (last, ofs) = (ofs, 2 * ofs + 1);
        }
        (lo, hi) = (hint + 1 - ofs.min(max), hint - last);
    }
    while lo < hi {
        let mid = lo + (hi - lo) / 2;
        if before(&s[mid])? {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    Ok(lo)
}

impl<T: Copy, E, F: FnMut(&T, &T) -> Result<bool, E>> Merger<'_, T, F> {
    /// The length of the run at `start`; a strictly descending one is reversed.
    fn take_run(&mut self, start: usize) -> Result<usize, E> {
        let n = self.v.len();
        let mut end = start + 1;
        if end == n {
            return Ok(1);
        }
        let descending = (self.lt)(&self.v[end], &self.v[start])?;
        end += 1;
        while end < n && (self.lt)(&self.v[end], &self.v[end - 1])? == descending {
            end += 1;
        }
        if descending {
            self.v[start..end].reverse();
        }
        Ok(end - start)
    }

    /// Extends a sorted run from `sorted` items to `len` by binary insertion.
    fn insert(&mut self, start: usize, sorted: usize, len: usize) -> Result<(), E> {
        for i in start + sorted..start + len {
            let pivot = self.v[i];
            let (mut lo, mut hi) = (start, i);
            while lo < hi {
                let mid = lo + (hi - lo) / 2;
                if (self.lt)(&pivot, &self.v[mid])? {
                    hi = mid;
                } else {
                    lo = mid + 1;
                }
            }
            self.v.copy_within(lo..i, lo + 1);
            self.v[lo] = pivot;
        }
        Ok(())
    }

    /// Merges the last two runs.
    fn merge_top(&mut self, runs: &mut Vec<Run>) -> Result<(), E> {
        let Some(b) = runs.pop() else { return Ok(()) };
        let Some(a) = runs.last_mut() else { return Ok(()) };
        let (mut start, mut na) = (a.start, a.len);
        a.len += b.len;
        // What is in place already: the head of the first run and the tail of the second.
        let key = self.v[b.start];
        let skip = gallop(&self.v[start..b.start], 0, |x| (self.lt)(&key, x).map(|less| !less))?;
        start += skip;
        na -= skip;
        if na == 0 {
            return Ok(());
        }
        let key = self.v[b.start - 1];
        let nb = gallop(&self.v[b.start..b.start + b.len], b.len - 1, |x| (self.lt)(x, &key))?;
        if nb == 0 {
            return Ok(());
        }
        let mut tmp = std::mem::take(&mut self.tmp);
        tmp.clear();
        if na <= nb {
            tmp.extend_from_slice(&self.v[start..b.start]);
            self.merge_low(&tmp, start, b.start, b.start + nb)?;
        } else {
            tmp.extend_from_slice(&self.v[b.start..b.start + nb]);
            self.merge_high(&tmp, start, na)?;
        }
        self.tmp = tmp;
        Ok(())
    }

    /// Merges `a`, a copy of what lies before `b`, with `b..end`; the result starts at `to`.
    /// The first item of `b` is less than all of `a`, and the last of `a` is greater than all of `b`.
    fn merge_low(&mut self, a: &[T], mut to: usize, mut b: usize, end: usize) -> Result<(), E> {
        let mut i = 0;
        self.take_low(&mut to, &mut b);
        // In the end the rest of `b` moves up, and what is left of `a` follows it (or fills the gap before it).
        if b < end && a.len() > 1 {
            self.merge_low_loop(a, &mut i, &mut to, &mut b, end)?;
        }
        let rest = &a[i..];
        if b < end {
            self.v.copy_within(b..end, to);
            to += end - b;
        }
        self.v[to..to + rest.len()].copy_from_slice(rest);
        Ok(())
    }

    #[inline(always)]
    fn take_low(&mut self, to: &mut usize, b: &mut usize) {
        self.v[*to] = self.v[*b];
        *to += 1;
        *b += 1;
    }

    /// Ends when `b` is used up or one item of `a` is left.
    fn merge_low_loop(
        &mut self,
        a: &[T],
        i: &mut usize,
        to: &mut usize,
        b: &mut usize,
        end: usize,
    ) -> Result<(), E> {
        let last = a.len() - 1;
        let mut min_gallop = self.min_gallop;
        loop {
            let (mut wins_a, mut wins_b) = (0, 0);
            while wins_a < min_gallop && wins_b < min_gallop {
                if (self.lt)(&self.v[*b], &a[*i])? {
                    self.take_low(to, b);
                    (wins_a, wins_b) = (0, wins_b + 1);
                    if *b == end {
                        return Ok(());
                    }
                } else {
                    self.v[*to] = a[*i];
                    *to += 1;
                    *i += 1;
                    (wins_a, wins_b) = (wins_a + 1, 0);
                    if *i >= last {
                        return Ok(());
                    }
                }
            }
            min_gallop += 1;
            loop {
                min_gallop -= usize::from(min_gallop > 1);
                self.min_gallop = min_gallop;
                let key = self.v[*b];
                let from_a = gallop(&a[*i..], 0, |x| (self.lt)(&key, x).map(|less| !less))?;
                self.v[*to..*to + from_a].copy_from_slice(&a[*i..*i + from_a]);
                *to += from_a;
                *i += from_a;
                if *i >= last {
                    return Ok(());
                }
                self.take_low(to, b);
                if *b == end {
                    return Ok(());
                }
                let key = a[*i];
                let from_b = gallop(&self.v[*b..end], 0, |x| (self.lt)(x, &key))?;
                self.v.copy_within(*b..*b + from_b, *to);
                *to += from_b;
                *b += from_b;
                if *b == end {
                    return Ok(());
                }
                self.v[*to] = a[*i];
                *to += 1;
                *i += 1;
                if *i >= last {
                    return Ok(());
                }
                if from_a < MIN_GALLOP && from_b < MIN_GALLOP {
                    break;
                }
            }
            // Leaving the galloping mode makes it harder to enter it again.
            min_gallop += 1;
            self.min_gallop = min_gallop;
        }
    }

    /// Merges the `na` items from `a` on with `b`, a copy of what lies behind them, from the high end downwards.
    fn merge_high(&mut self, b: &[T], a: usize, mut na: usize) -> Result<(), E> {
        let mut nb = b.len();
        self.take_high(a, &mut na, nb);
        if na > 0 && nb > 1 {
            self.merge_high_loop(b, a, &mut na, &mut nb)?;
        }
        // What is left of `b` is at most one item, which stands before all of `a`, or `a` is used up.
        self.v.copy_within(a..a + na, a + nb);
        self.v[a..a + nb].copy_from_slice(&b[..nb]);
        Ok(())
    }

    #[inline(always)]
    fn take_high(&mut self, a: usize, na: &mut usize, nb: usize) {
        self.v[a + *na + nb - 1] = self.v[a + *na - 1];
        *na -= 1;
    }

    /// Ends when `a` is used up or at most one item of `b` is left.
    fn merge_high_loop(&mut self, b: &[T], a: usize, na: &mut usize, nb: &mut usize) -> Result<(), E> {
        let mut min_gallop = self.min_gallop;
        loop {
            let (mut wins_a, mut wins_b) = (0, 0);
            while wins_a < min_gallop && wins_b < min_gallop {
                if (self.lt)(&b[*nb - 1], &self.v[a + *na - 1])? {
                    self.take_high(a, na, *nb);
                    (wins_a, wins_b) = (wins_a + 1, 0);
                    if *na == 0 {
                        return Ok(());
                    }
                } else {
                    self.v[a + *na + *nb - 1] = b[*nb - 1];
                    *nb -= 1;
                    (wins_a, wins_b) = (0, wins_b + 1);
                    if *nb <= 1 {
                        return Ok(());
                    }
                }
            }
            min_gallop += 1;
            loop {
                min_gallop -= usize::from(min_gallop > 1);
                self.min_gallop = min_gallop;
                let key = b[*nb - 1];
                let stay = gallop(&self.v[a..a + *na], *na - 1, |x| (self.lt)(&key, x).map(|less| !less))?;
                let from_a = *na - stay;
                self.v.copy_within(a + stay..a + *na, a + stay + *nb);
                *na = stay;
                if *na == 0 {
                    return Ok(());
                }
                self.v[a + *na + *nb - 1] = b[*nb - 1];
                *nb -= 1;
                if *nb <= 1 {
                    return Ok(());
                }
                let key = self.v[a + *na - 1];
                let stay = gallop(&b[..*nb], *nb - 1, |x| (self.lt)(x, &key))?;
                let from_b = *nb - stay;
                self.v[a + *na + stay..a + *na + *nb].copy_from_slice(&b[stay..*nb]);
                *nb = stay;
                if *nb <= 1 {
                    return Ok(());
                }
                self.take_high(a, na, *nb);
                if *na == 0 {
                    return Ok(());
                }
                if from_a < MIN_GALLOP && from_b < MIN_GALLOP {
                    break;
                }
            }
            min_gallop += 1;
            self.min_gallop = min_gallop;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator (xorshift), so that the cases are the same every time.
    fn noise(seed: u64) -> impl FnMut(usize) -> usize {
        let mut x = seed | 1;
        move |below| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            (x % below as u64) as usize
        }
    }

    fn shapes(n: usize) -> Vec<Vec<usize>> {
        let mut r = noise(n as u64 + 7);
        let up: Vec<usize> = (0..n).collect();
        let mut almost = up.clone();
        for _ in 0..3 {
            if n > 0 {
                let (i, j) = (r(n), r(n));
                almost.swap(i, j);
            }
        }
        vec![
            up.clone(),
            up.iter().rev().copied().collect(),
            (0..n).map(|_| r(n.max(1))).collect(),
            (0..n).map(|_| r(4)).collect(),
            vec![1; n],
            almost,
            (0..n).map(|i| if i % 50 == 0 { r(n) } else { i }).collect(),
            (0..n / 2).chain(0..n - n / 2).collect(),
            (n / 2..n).chain(0..n / 2).collect(),
        ]
    }

    #[test]
    fn sorts_stably() {
        for n in [0, 1, 2, 3, 10, 31, 64, 65, 100, 511, 1000, 5000] {
            for keys in shapes(n) {
                let mut got: Vec<(usize, usize)> = keys.iter().copied().zip(0..).collect();
                let mut want = got.clone();
                want.sort();
                merge_sort(&mut got, |a, b| Ok::<_, ()>(a.0 < b.0)).unwrap();
                assert_eq!(got, want);
            }
        }
    }

    #[test]
    fn few_comparisons_where_there_is_order() {
        for (n, keys) in [(1000, (0..1000).collect::<Vec<_>>()), (1000, (0..1000).rev().collect())] {
            let mut count = 0;
            let mut v = keys;
            merge_sort(&mut v, |a, b| {
                count += 1;
                Ok::<_, ()>(a < b)
            })
            .unwrap();
            assert_eq!(count, n - 1);
        }
    }

    #[test]
    fn nonsense_comparisons_give_a_permutation() {
        for n in [5, 100, 3000] {
            let mut r = noise(99);
            let mut v: Vec<usize> = (0..n).collect();
            merge_sort(&mut v, |_, _| Ok::<_, ()>(r(2) == 0)).unwrap();
            v.sort_unstable();
            assert_eq!(v, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn errors_end_the_sort() {
        let mut count = 0;
        let mut v: Vec<usize> = (0..500).map(|i| i * 7919 % 500).collect();
        let r = merge_sort(&mut v, |a, b| {
            count += 1;
            if count == 1234 { Err("enough") } else { Ok(a < b) }
        });
        assert_eq!((r, count), (Err("enough"), 1234));
    }
}
