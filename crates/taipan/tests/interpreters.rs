//! Many interpreters in one process: one after the other, nested, and truly at the same time.

use std::time::Instant;

use taipan::Interpreter;
use taipan::runtime::compile::{self, Request};
use taipan::runtime::core::{R, Value};
use taipan::runtime::interp;
use taipan::runtime::types::exceptions::display;
use taipan::runtime::types::module;
use taipan::runtime::vm::Vm;
use taipan_syntax::Mode;

#[global_allocator]
static ALLOCATOR: taipan::memory::Cached = taipan::memory::Cached;

const STACK: usize = 64 << 20;

fn run(vm: &Vm, text: &str) -> R {
    let main = module::new("__main__", Value::NONE);
    main.set("__builtins__", taipan::stdlib::import::native(vm, "builtins")?);
    vm.interp().modules().set_str("__main__", main.value().clone());
    let code = compile::compile(vm, text, &Request::new(vm, Mode::Exec, "<test>"))?;
    interp::eval_code(vm, &code, &main.dict, None, None)?;
    Ok(main.dict.get_str("result").unwrap_or(Value::NONE))
}

fn python(text: &str) -> String {
    let p = Interpreter::new(taipan::default_config()).expect("an interpreter starts");
    match run(p.vm(), text).and_then(|v| p.vm().str(&v)) {
        Ok(v) => p.vm().str_lossy(&v),
        Err(r) => {
            let e = p.vm().catch(r);
            panic!("{}", display::plain_text(p.vm(), &e));
        }
    }
}

/// On a thread with the stack that Python code is promised.
fn with_stack<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> std::thread::JoinHandle<T> {
    std::thread::Builder::new().stack_size(STACK + (8 << 20)).spawn(f).expect("a thread starts")
}

fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0) * 4096
}

const WORK: &str = r#"
import json, re, dataclasses, collections, functools, threading, weakref, gc, io, enum, decimal, datetime

@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    def __add__(self, o): return Point(self.x + o.x, self.y + o.y)

class Colour(enum.Enum):
    RED = 1
    BLUE = 2

class Node:
    def __init__(self): self.me = self; self.data = [1.5, "x" * 1000, bytearray(2000)]

def gen(n):
    for i in range(n):
        yield i

@functools.lru_cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)

total = 0
alive = [gen(10) for _ in range(5)]
for g in alive: next(g)
for i in range(30):
    d = json.loads(json.dumps({"a": [i, None, True, 2.5], "b": {"c": "é" * i}}))
    total += d["a"][0] + len(d["b"]["c"])
    total += sum((Point(i, i) + Point(1)).x for _ in range(3))
    total += len(re.sub(r"(\w+)-(\d+)", r"\2:\1", f"abc-{i}"))
    try:
        {}[i]
    except KeyError as e:
        total += e.args[0]
    try:
        raise ValueError(str(i) * 100)
    except ValueError as e:
        kept = e
    Node()
    total += Colour(1 + i % 2).value
    total += int(decimal.Decimal(i) * 2)
out = []
lock = threading.Lock()
def worker(k):
    for i in range(50):
        with lock: out.append(i * k)
ts = [threading.Thread(target=worker, args=(k,)) for k in range(3)]
for t in ts: t.start()
for t in ts: t.join()
big = 1 << 5000
refs = [weakref.ref(Point), weakref.WeakValueDictionary()]
result = total + sum(out) + fib(50) % 1000
"#;

#[test]
fn one_after_the_other() {
    with_stack(|| {
        let first = python(WORK);
        for _ in 0..5 {
            assert_eq!(python(WORK), first);
        }
    })
    .join()
    .expect("no panic");
}

#[test]
fn at_the_same_time() {
    let expected = with_stack(|| python(WORK)).join().expect("no panic");
    let threads: Vec<_> = (0..8).map(|_| with_stack(|| (0..6).map(|_| python(WORK)).collect::<Vec<_>>())).collect();
    for t in threads {
        for r in t.join().expect("no panic") {
            assert_eq!(r, expected);
        }
    }
}

/// Memory stays flat, and an interpreter costs little. `TAIPAN_INTERPRETERS` says how many.
#[test]
fn made_used_and_dropped() {
    let n: usize = std::env::var("TAIPAN_INTERPRETERS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    with_stack(move || {
        let script = "import json, re\nx = 1 + 1\nresult = x";
        for _ in 0..50.min(n) {
            assert_eq!(python(script), "2");
        }
        let (start, before) = (Instant::now(), resident());
        for _ in 0..n {
            assert_eq!(python(script), "2");
        }
        let each = start.elapsed().as_secs_f64() * 1e3 / n as f64;
        let grown = resident().saturating_sub(before);
        let bare = Instant::now();
        for _ in 0..n.min(1000) {
            drop(Interpreter::new(taipan::default_config()).expect("an interpreter starts"));
        }
        let bare = bare.elapsed().as_secs_f64() * 1e3 / n.min(1000) as f64;
        println!("{n} interpreters: {each:.2} ms each with two imports, {bare:.2} ms bare; memory grew by {} KiB", grown >> 10);
        assert!(grown < 8 << 20, "memory grew by {grown} bytes");
    })
    .join()
    .expect("no panic");
}

/// Two interpreters that are busy at the same time do not hinder each other.
#[test]
fn each_has_its_own_lock() {
    let work = "n = 0\nfor i in range(1_500_000): n += i * i % 7\nresult = n";
    let time = |n: usize| {
        let start = (Instant::now(), cpu());
        let all: Vec<_> = (0..n).map(|_| with_stack(move || python(work))).collect();
        for t in all {
            assert!(!t.join().expect("no panic").is_empty());
        }
        (start.0.elapsed().as_secs_f64(), cpu() - start.1)
    };
    let best = |n| (0..5).map(|_| time(n)).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
    let (one, two) = (best(1), best(2));
    println!("one: {:.3} s, two at once: {:.3} s; CPU time {:.3} and {:.3} s", one.0, two.0, one.1, two.1);
    // Of the time on the clock nothing can be said on a busy machine.
    assert!(two.1 < 2.0 * one.1 * 1.5, "two take {} s of CPU time, one {}", two.1, one.1);
}

/// User and system time of this process, in seconds.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or("").split_whitespace().skip(11).take(2);
    fields.filter_map(|n| n.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Interpreters end with what they have made: threads, buffers of others, other interpreters.
#[test]
fn made_by_interpreters() {
    let script = "
from concurrent import interpreters
import threading, atexit
q = interpreters.create_queue()
i = interpreters.create()
i.prepare_main(q=q)
q.put(memoryview(bytearray(100)))
i.exec('m = q.get(); m[0] = 1; q.put(m)')
kept = q.get()
i.exec('import threading; threading.Thread(target=sum, args=([1],)).start()')
j = interpreters.create()
j.exec('x = [1] * 1000')
threading.Thread(target=j.exec, args=('y = 2',)).start()
result = kept[0]
";
    with_stack(move || {
        for _ in 0..20 {
            assert_eq!(python(script), "1");
        }
    })
    .join()
    .expect("no panic");
}
