//! The figures as text: `sys._debugmallocstats`.

use std::fmt::Write;

use taipan_runtime::vm::Vm;

use super::sizes;

fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// All figures of the running interpreter's memory.
pub fn text(vm: &Vm) -> String {
    let heap = &vm.interp().heap;
    let s = heap.stats();
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(out, "Small block threshold = {}, in {} size classes.\n", heap.small_max(), heap.small_max() / 16);
    let _ = writeln!(out, "class   size   num pools   blocks in use  avail blocks     bytes used");
    let _ = writeln!(out, "-----   ----   ---------   -------------  ------------   ------------");
    let (mut pools, mut used, mut free, mut lost) = (0, 0, 0, 0);
    for c in &s.classes {
        let idle = c.capacity - c.used;
        let _ = writeln!(out, "{:>5} {:>6} {:>11} {:>15} {:>13} {:>14}", c.size / 16 - 1, c.size, c.pages, c.used, idle, c.used * c.size);
        pools += c.pages;
        used += c.used * c.size;
        free += idle * c.size;
        lost += c.pages * (s.page_size % c.size);
    }
    let mut line = |name: &str, n: usize| {
        let _ = writeln!(out, "{name:<40} = {:>16}", grouped(n));
    };
    line("\n# arenas allocated", s.arenas);
    line("# bytes in arenas", s.arenas * s.arena_size);
    line("# pools in use", pools);
    line("# pools without a block in use", s.empty_pages);
    line("\n# bytes in used blocks", used);
    line("# bytes in available blocks", free);
    line("# bytes lost at the ends of pools", lost);
    line("# bytes lost to arena headers", s.arenas * s.page_size);
    line("# blocks above the threshold", s.large_count);
    line("# bytes in them", s.large_bytes);
    let kinds = sizes::by_type(vm);
    let requested: usize = kinds.iter().map(|k| k.requested).sum();
    line("\n# bytes requested for objects", requested);
    line("# bytes wasted by rounding up", s.used.saturating_sub(requested));
    line("# bytes beside objects (items, text, ...)", kinds.iter().map(|k| k.beside).sum());
    let account = heap.account();
    line("\n# bytes from the system", account.taken());
    line("# blocks from the system", account.blocks());
    if account.limit() != usize::MAX {
        line("# limit", account.limit());
    }
    let (resident, peak) = taipan_host::process::resident();
    line("# bytes resident", resident);
    line("# bytes resident, at most", peak);
    let _ = writeln!(out, "\n      count          bytes   type");
    let _ = writeln!(out, "-----------   ------------   ----");
    for k in kinds.iter().take(20) {
        let _ = writeln!(out, "{:>11} {:>14}   {}", k.count, k.blocks + k.beside, k.name);
    }
    out
}
