//! "Did you mean ...?": the closest of some names (the module `_suggestions`).

/// More candidates than this are not looked at.
const MAX_CANDIDATES: usize = 750;
/// Longer names are not compared.
const MAX_LENGTH: usize = 40;
/// A byte more, less or exchanged.
const MOVE: usize = 2;
/// A letter in the other case.
const CASE: usize = 1;

/// The candidate that is closest to a name that was not found, if one is close enough.
pub fn closest<'a, S: AsRef<str>>(name: &str, candidates: &'a [S]) -> Option<&'a S> {
    if candidates.len() >= MAX_CANDIDATES {
        return None;
    }
    let mut best = None;
    let mut best_distance = usize::MAX;
    for candidate in candidates {
        let text = candidate.as_ref();
        if text == name {
            continue;
        }
        // A third of all bytes may differ, and the best so far must be beaten.
        let limit = ((name.len() + text.len() + 3) * MOVE / 6).min(best_distance.saturating_sub(1));
        let distance = distance(name.as_bytes(), text.as_bytes(), limit);
        if distance <= limit {
            best = Some(candidate);
            best_distance = distance;
        }
    }
    best
}

fn substitution(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}

/// The weighted edit distance; more than `limit` if it is more.
fn distance<'a>(mut a: &'a [u8], mut b: &'a [u8], limit: usize) -> usize {
    while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b)
        && x == y
    {
        (a, b) = (rest_a, rest_b);
    }
    while let ([rest_a @ .., x], [rest_b @ .., y]) = (a, b)
        && x == y
    {
        (a, b) = (rest_a, rest_b);
    }
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE;
    }
    if a.len() > MAX_LENGTH || b.len() > MAX_LENGTH {
        return limit.saturating_add(1);
    }
    if b.len() < a.len() {
        (a, b) = (b, a);
    }
    if (b.len() - a.len()) * MOVE > limit {
        return limit.saturating_add(1);
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|n| n * MOVE).collect();
    let mut result = 0;
    for (j, &y) in b.iter().enumerate() {
        let mut diagonal = j * MOVE;
        result = diagonal;
        let mut least = usize::MAX;
        for (cell, &x) in row.iter_mut().zip(a) {
            let replaced = diagonal + substitution(y, x);
            diagonal = *cell;
            result = replaced.min(result.min(diagonal) + MOVE);
            *cell = result;
            least = least.min(result);
        }
        if least > limit {
            return limit.saturating_add(1);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(candidates: &[&'a str], name: &str) -> Option<&'a str> {
        closest(name, candidates).copied()
    }

    #[test]
    fn closest_names() {
        assert_eq!(best(&["noise", "more_noise", "a", "bc", "bluch"], "bluch"), None);
        assert_eq!(best(&["noise", "more_noise", "a", "bc", "bluch"], "blech"), Some("bluch"));
        assert_eq!(best(&["blech", "fluch", "bluchi"], "bluch"), Some("blech"));
        assert_eq!(best(&["ÄÖÜ"], "ÄÖU"), Some("ÄÖÜ"));
        assert_eq!(best(&["FluchBlech"], "fluchblech"), Some("FluchBlech"));
        assert_eq!(best(&["xyz"], "abc"), None);
        assert_eq!(best(&[], "abc"), None);
        let many = vec!["bluch"; 750];
        assert_eq!(best(&many, "blech"), None);
    }

    #[test]
    fn distances() {
        let d = |a: &str, b: &str| distance(a.as_bytes(), b.as_bytes(), usize::MAX - 1);
        assert_eq!(d("", ""), 0);
        assert_eq!(d("", "a"), 2);
        assert_eq!(d("a", "A"), 1);
        assert_eq!(d("Apple", "Aple"), 2);
        assert_eq!(d("Banana", "B@n@n@"), 6);
        assert_eq!(d("Cherry", "Cherry!"), 2);
        assert_eq!(d("ABA", "AAB"), 4);
        assert_eq!(d("AB", "ab"), 2);
        assert_eq!(d("abcdefgh", "bcdefghi"), 4);
    }
}
