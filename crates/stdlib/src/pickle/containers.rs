//! Tuples, lists, dicts and sets.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::frozenset::FrozenSet;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::set::Set;
use taipan_runtime::types::tuple::{self, Tuple};

use super::names::{noted, type_name};
use super::opcodes::*;
use super::save::Saver;

/// As many items stand between a mark and the operation that takes them.
const BATCH: usize = 1000;

impl Saver<'_> {
    fn item(&mut self, item: &Value, owner: &Value, what: &str, i: usize) -> R<()> {
        match self.save(item) {
            Ok(()) => Ok(()),
            Err(r) => {
                let vm = self.vm;
                Err(noted(vm, r, || format!("when serializing {} {what} {i}", type_name(vm, owner))))
            }
        }
    }

    fn dict_value(&mut self, value: &Value, key: &Value, owner: &Value) -> R<()> {
        match self.save(value) {
            Ok(()) => Ok(()),
            Err(r) => {
                let vm = self.vm;
                Err(noted(vm, r, || {
                    let key = vm.repr_string(key).unwrap_or_else(|r| {
                        drop(vm.catch(r));
                        "?".to_owned()
                    });
                    format!("when serializing {} item {key}", type_name(vm, owner))
                }))
            }
        }
    }

    fn element(&mut self, item: &Value, owner: &Value) -> R<()> {
        match self.save(item) {
            Ok(()) => Ok(()),
            Err(r) => {
                let vm = self.vm;
                Err(noted(vm, r, || format!("when serializing {} element", type_name(vm, owner))))
            }
        }
    }

    pub(super) fn save_tuple(&mut self, t: &Ref<Tuple>) -> R<()> {
        let n = t.len();
        if n == 0 {
            if self.bin {
                self.op(EMPTY_TUPLE);
            } else {
                self.put(&[MARK, TUPLE]);
            }
            return Ok(());
        }
        let short = n <= 3 && self.proto >= 2;
        if !short {
            self.op(MARK);
        }
        for (i, v) in t.as_slice().iter().enumerate() {
            self.item(v, t.value(), "item", i)?;
        }
        // A tuple that holds itself was written and remembered meanwhile: what stands on the stack is in vain.
        if self.knows(t.value()) {
            if !short && self.bin {
                self.op(POP_MARK);
            } else {
                for _ in 0..n + usize::from(!short) {
                    self.op(POP);
                }
            }
            self.recall(t.value());
            return Ok(());
        }
        self.op(if short { [TUPLE1, TUPLE2, TUPLE3][n - 1] } else { TUPLE });
        self.memoize(t.value());
        Ok(())
    }

    pub(super) fn save_list(&mut self, l: &Ref<List>) -> R<()> {
        if self.bin {
            self.op(EMPTY_LIST);
        } else {
            self.put(&[MARK, LIST]);
        }
        self.memoize(l.value());
        if l.is_empty() {
            return Ok(());
        }
        let mut i = 0;
        if !self.bin {
            while let Some(v) = l.get(i) {
                self.item(&v, l.value(), "item", i)?;
                self.op(APPEND);
                i += 1;
            }
            return Ok(());
        }
        if l.len() == 1 {
            if let Some(v) = l.get(0) {
                self.item(&v, l.value(), "item", 0)?;
                self.op(APPEND);
            }
            return Ok(());
        }
        loop {
            let from = i;
            self.op(MARK);
            while i - from < BATCH {
                let Some(v) = l.get(i) else { break };
                self.item(&v, l.value(), "item", i)?;
                i += 1;
            }
            self.op(APPENDS);
            if i >= l.len() {
                return Ok(());
            }
        }
    }

    pub(super) fn save_dict(&mut self, d: &Ref<Dict>) -> R<()> {
        if self.bin {
            self.op(EMPTY_DICT);
        } else {
            self.put(&[MARK, DICT]);
        }
        self.memoize(d.value());
        let len = d.len();
        if len == 0 {
            return Ok(());
        }
        let single = len == 1 || !self.bin;
        let mut at = 0;
        loop {
            let mut n = 0;
            if !single {
                self.op(MARK);
            }
            while n < BATCH {
                let Some((next, k, v)) = d.next_entry(at) else { break };
                at = next;
                self.save(&k)?;
                self.dict_value(&v, &k, d.value())?;
                if single {
                    self.op(SETITEM);
                }
                if d.len() != len {
                    return Err(self.vm.runtime_error("dictionary changed size during iteration"));
                }
                n += 1;
            }
            if !single {
                self.op(SETITEMS);
            }
            if n < BATCH {
                return Ok(());
            }
        }
    }

    /// Sets of old protocols: the class, called with a list.
    fn save_as_list(&mut self, obj: &Value, items: Vec<Value>) -> R<()> {
        let args = tuple::from_array([list::from_vec(items).into_value()]).into_value();
        let reduced = tuple::from_array([obj.ty().to_value(), args]);
        self.save_reduced(obj, reduced.value())
    }

    pub(super) fn save_set(&mut self, s: &Ref<Set>) -> R<()> {
        let set = s.data();
        if self.proto < 4 {
            return self.save_as_list(s.value(), set.to_vec());
        }
        self.op(EMPTY_SET);
        self.memoize(s.value());
        let len = set.len();
        if len == 0 {
            return Ok(());
        }
        let mut at = 0;
        loop {
            let mut n = 0;
            self.op(MARK);
            while n < BATCH {
                let Some((next, _, v)) = set.next_entry(at) else { break };
                at = next;
                self.element(&v, s.value())?;
                if set.len() != len {
                    return Err(self.vm.runtime_error("set changed size during iteration"));
                }
                n += 1;
            }
            self.op(ADDITEMS);
            if n < BATCH {
                return Ok(());
            }
        }
    }

    pub(super) fn save_frozenset(&mut self, s: &Ref<FrozenSet>) -> R<()> {
        let set = s.data();
        if self.proto < 4 {
            return self.save_as_list(s.value(), set.to_vec());
        }
        self.op(MARK);
        let mut at = 0;
        while let Some((next, _, v)) = set.next_entry(at) {
            at = next;
            self.element(&v, s.value())?;
        }
        if self.knows(s.value()) {
            self.op(POP_MARK);
            self.recall(s.value());
            return Ok(());
        }
        self.op(FROZENSET);
        self.memoize(s.value());
        Ok(())
    }

    /// What an iterator gives, appended to the object on the stack.
    pub(super) fn append_all(&mut self, items: &Value, owner: &Value) -> R<()> {
        let vm = self.vm;
        let it = vm.iter(items)?;
        let mut i = 0;
        if !self.bin {
            while let Some(v) = vm.next(&it)? {
                self.item(&v, owner, "item", i)?;
                self.op(APPEND);
                i += 1;
            }
            return Ok(());
        }
        loop {
            let Some(first) = vm.next(&it)? else { return Ok(()) };
            let Some(mut v) = vm.next(&it)? else {
                self.item(&first, owner, "item", i)?;
                self.op(APPEND);
                return Ok(());
            };
            self.op(MARK);
            self.item(&first, owner, "item", i)?;
            i += 1;
            let mut n = 1;
            loop {
                self.item(&v, owner, "item", i)?;
                i += 1;
                n += 1;
                if n == BATCH {
                    break;
                }
                match vm.next(&it)? {
                    Some(next) => v = next,
                    None => break,
                }
            }
            self.op(APPENDS);
            if n < BATCH {
                return Ok(());
            }
        }
    }

    fn pair(&mut self, pair: &Value, owner: &Value) -> R<()> {
        let Some(t) = pair.downcast::<Tuple>().filter(|t| t.len() == 2) else {
            return Err(self.vm.type_error("dict items iterator must return 2-tuples"));
        };
        let (k, v) = (&t.as_slice()[0], &t.as_slice()[1]);
        self.save(k)?;
        self.dict_value(v, k, owner)
    }

    /// The pairs that an iterator gives, set in the object on the stack.
    pub(super) fn set_all(&mut self, items: &Value, owner: &Value) -> R<()> {
        let vm = self.vm;
        let it = vm.iter(items)?;
        if !self.bin {
            while let Some(p) = vm.next(&it)? {
                self.pair(&p, owner)?;
                self.op(SETITEM);
            }
            return Ok(());
        }
        loop {
            let Some(first) = vm.next(&it)? else { return Ok(()) };
            let Some(mut p) = vm.next(&it)? else {
                self.pair(&first, owner)?;
                self.op(SETITEM);
                return Ok(());
            };
            self.op(MARK);
            self.pair(&first, owner)?;
            let mut n = 1;
            loop {
                self.pair(&p, owner)?;
                n += 1;
                if n == BATCH {
                    break;
                }
                match vm.next(&it)? {
                    Some(next) => p = next,
                    None => break,
                }
            }
            self.op(SETITEMS);
            if n < BATCH {
                return Ok(());
            }
        }
    }
}
