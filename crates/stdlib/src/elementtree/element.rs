//! The class Element.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{bytes, exceptions as exc, list};
use taipan_runtime::vm::Vm;

use super::iter;
use super::sequence;

/// The payload of Element.
#[derive(Trace)]
pub struct Element {
    pub tag: PyCell<Value>,
    pub text: PyCell<Value>,
    pub tail: PyCell<Value>,
    /// A dict, or None as long as nobody asked for it and nothing is in it.
    pub attrib: PyCell<Value>,
    pub children: PyCell<Vec<Ref<Element>>>,
}

impl Element {
    fn blank(tag: Value, attrib: Value) -> Element {
        Element {
            tag: PyCell::new(tag),
            text: PyCell::new(Value::NONE),
            tail: PyCell::new(Value::NONE),
            attrib: PyCell::new(attrib),
            children: PyCell::new(Vec::new()),
        }
    }

    /// A child by its number.
    pub fn child(&self, i: usize) -> Option<Ref<Element>> {
        self.children.borrow().get(i).cloned()
    }

    /// Adds a child at the end.
    pub fn push(&self, child: Ref<Element>) {
        self.children.borrow_mut().push(child);
    }

    /// The dict of attributes, made if there is none.
    pub fn attributes(&self) -> Ref<Dict> {
        if let Some(d) = self.attrib.borrow().downcast::<Dict>() {
            return d.clone();
        }
        let d = Ref::new(Dict::new());
        self.attrib.set(d.value().clone());
        d
    }

    fn existing_attributes(&self) -> Option<Ref<Dict>> {
        self.attrib.borrow().downcast::<Dict>().cloned()
    }

    /// Whether the tag is equal to a value.
    pub fn tag_is(&self, vm: &Vm, tag: &Value) -> R<bool> {
        let own = self.tag.get();
        if own.is(tag) { Ok(true) } else { vm.eq(&own, tag) }
    }
}

/// A new element; `attrib` is None or a dict that it may keep.
pub fn new(tag: Value, attrib: Value) -> Ref<Element> {
    Ref::new(Element::blank(tag, attrib))
}

/// The attributes that a call of Element or SubElement gives: None if there is none.
pub fn given_attributes(vm: &Vm, function: &str, n: usize, attrib: Option<&Value>, args: Args<'_>) -> R {
    let copied = |v: &Value, what: &str| match v.downcast::<Dict>() {
        Some(d) => Ok(d.copy()),
        None if v.is_none() && what != "attrib" => Err(vm.type_error(format!("{what} must be dict, not None"))),
        None => Err(vm.type_error(format!("{what} must be dict, not {}", v.ty().tp_name()))),
    };
    let mut dict = match attrib {
        Some(v) => Some(copied(v, &format!("{function}() argument {n}"))?),
        None => None,
    };
    if !args.names.is_empty() {
        if attrib.is_none() {
            for (name, v) in args.named() {
                if name.downcast::<Str>().is_some_and(|s| s.to_utf8_opt().as_deref() == Some("attrib")) {
                    dict = Some(copied(v, "attrib")?);
                }
            }
        }
        let all = dict.get_or_insert_with(|| Ref::new(Dict::new()));
        for (name, v) in args.named() {
            if attrib.is_some() || name.downcast::<Str>().is_none_or(|s| s.to_utf8_opt().as_deref() != Some("attrib")) {
                all.set(vm, name.clone(), v.clone())?;
            }
        }
    }
    Ok(dict.filter(|d| !d.is_empty()).map_or(Value::NONE, Ref::into_value))
}

/// Whether a path is more than the tag of a child.
fn is_path(v: &Value) -> bool {
    let special = |text: &[u8]| {
        if text.starts_with(b"{}") || text.starts_with(b"{*}") {
            return text.len() > 2;
        }
        let mut outside = true;
        for c in text {
            match c {
                b'{' => outside = false,
                b'}' => outside = true,
                b'/' | b'*' | b'[' | b'@' | b'.' if outside => return true,
                _ => {}
            }
        }
        false
    };
    if let Some(s) = v.downcast::<Str>() {
        return s.to_utf8_opt().is_none_or(|s| special(s.as_bytes()));
    }
    bytes::get(v).is_none_or(special)
}

/// Calls a function of ElementPath.
fn by_path(vm: &Vm, name: &str, args: &[Value]) -> R {
    let f = vm.import_attr("xml.etree.ElementPath", name)?;
    vm.call(&f, args)
}

/// The first child with a tag.
fn find(vm: &Vm, this: &Ref<Element>, tag: &Value) -> R<Option<Ref<Element>>> {
    let mut i = 0;
    while let Some(child) = this.child(i) {
        if child.tag_is(vm, tag)? {
            return Ok(Some(child));
        }
        i += 1;
    }
    Ok(None)
}

/// Refuses what is no element.
pub fn as_element(vm: &Vm, v: &Value) -> R<Ref<Element>> {
    match v.downcast::<Element>() {
        Some(e) => Ok(e.clone()),
        None => Err(vm.type_error(format!("expected an Element, not \"{}\"", v.ty().tp_name()))),
    }
}

/// An argument that must be an element.
fn argument(vm: &Vm, function: &str, v: &Value) -> R<Ref<Element>> {
    match v.downcast::<Element>() {
        Some(e) => Ok(e.clone()),
        None => {
            let given = if v.is_none() { "None".to_owned() } else { v.ty().tp_name().to_string() };
            let what = format!("{function} must be xml.etree.ElementTree.Element");
            Err(vm.type_error(format!("{what}, not {given}")))
        }
    }
}

/// A deep copy of any value; what can't change is the same.
fn deep(vm: &Vm, v: &Value, memo: &Value) -> R {
    if v.is_none() || v.downcast_exact::<Str>().is_some() {
        return Ok(v.clone());
    }
    if let Some(e) = v.downcast_exact::<Element>() {
        return Ok(deep_element(vm, e, memo)?.into_value());
    }
    if let Some(d) = v.downcast_exact::<Dict>() {
        let plain = |v: &Value| v.downcast_exact::<Str>().is_some();
        if d.items().iter().all(|(k, v)| plain(k) && plain(v)) {
            return Ok(d.copy().into_value());
        }
    }
    let f = vm.import_attr("copy", "deepcopy")?;
    vm.call(&f, &[v.clone(), memo.clone()])
}

fn deep_element(vm: &Vm, this: &Ref<Element>, memo: &Value) -> R<Ref<Element>> {
    vm.check_native_stack()?;
    let tag = deep(vm, &this.tag.get(), memo)?;
    let attrib = deep(vm, &this.attrib.get(), memo)?;
    let made = new(tag, attrib);
    made.text.set(deep(vm, &this.text.get(), memo)?);
    made.tail.set(deep(vm, &this.tail.get(), memo)?);
    let mut i = 0;
    while let Some(child) = this.child(i) {
        let copy = deep(vm, child.value(), memo)?;
        made.push(as_element(vm, &copy)?);
        i += 1;
    }
    if let Some(memo) = memo.downcast::<Dict>() {
        memo.set(vm, Value::from(this.value().id()), made.value().clone())?;
    }
    Ok(made)
}

fn assign(vm: &Vm, cell: &PyCell<Value>, value: Option<&Value>) -> R<()> {
    let Some(v) = value else {
        return Err(vm.raise_msg(&exc::ATTRIBUTE_ERROR, "can't delete element attribute"));
    };
    drop(cell.replace(v.clone()));
    Ok(())
}

/// A node of a tree: a tag, attributes, text and children.
#[class(
    name = "Element",
    module = "xml.etree.ElementTree",
    flags(BASETYPE, GC, HAS_WEAKREF),
    sig = "(tag, attrib={}, **extra)"
)]
impl Element {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Element::blank(Value::NONE, Value::NONE)).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        let given = args.positional();
        if given.is_empty() || given.len() > 2 {
            let (n, least) = (given.len(), if given.is_empty() { "at least 1 argument" } else { "at most 2 arguments" });
            return Err(vm.type_error(format!("Element() takes {least} ({n} given)")));
        }
        let attrib = given_attributes(vm, "Element", 2, given.get(1), args)?;
        let old = (
            this.attrib.replace(attrib),
            this.tag.replace(given[0].clone()),
            this.text.replace(Value::NONE),
            this.tail.replace(Value::NONE),
        );
        drop(old);
        Ok(())
    }

    /// The element's name.
    #[getter]
    fn tag(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.tag.get()
    }

    #[setter]
    fn set_tag(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        assign(vm, &this.tag, value)
    }

    /// The text before the first child, or None.
    #[getter]
    fn text(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.text.get()
    }

    #[setter]
    fn set_text(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        assign(vm, &this.text, value)
    }

    /// The text behind the element's end, or None.
    #[getter]
    fn tail(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.tail.get()
    }

    #[setter]
    fn set_tail(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        assign(vm, &this.tail, value)
    }

    /// The attributes.
    #[getter]
    fn attrib(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.attributes().into_value()
    }

    #[setter]
    fn set_attrib(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        if let Some(v) = value
            && v.downcast::<Dict>().is_none()
        {
            return Err(vm.type_error(format!("attrib must be dict, not {}", v.ty().tp_name())));
        }
        assign(vm, &this.attrib, value)
    }

    /// Remove all children, attributes and texts.
    #[method(sig = "()")]
    fn clear(_vm: &Vm, this: &Ref<Self>) {
        let old = (
            this.attrib.replace(Value::NONE),
            this.children.take(),
            this.text.replace(Value::NONE),
            this.tail.replace(Value::NONE),
        );
        drop(old);
    }

    /// The value of an attribute.
    #[method(sig = "(key, default=None)")]
    fn get(vm: &Vm, this: &Ref<Self>, key: &Value, default: &Value) -> R {
        let found = match this.existing_attributes() {
            Some(d) => d.get(vm, key)?,
            None => None,
        };
        Ok(found.unwrap_or_else(|| default.clone()))
    }

    /// Set an attribute.
    #[method]
    fn set(vm: &Vm, this: &Ref<Self>, key: &Value, value: &Value) -> R<()> {
        this.attributes().set(vm, key.clone(), value.clone())
    }

    /// The names of the attributes.
    #[method(sig = "()")]
    fn keys(vm: &Vm, this: &Ref<Self>) -> R {
        vm.call_method(this.attributes().value(), "keys", &[])
    }

    /// The names and values of the attributes.
    #[method(sig = "()")]
    fn items(vm: &Vm, this: &Ref<Self>) -> R {
        vm.call_method(this.attributes().value(), "items", &[])
    }

    /// The first child that a tag or path leads to.
    #[method(sig = "(path, namespaces=None)")]
    fn find(vm: &Vm, this: &Ref<Self>, path: &Value, namespaces: &Value) -> R {
        if is_path(path) || !namespaces.is_none() {
            return by_path(vm, "find", &[this.value().clone(), path.clone(), namespaces.clone()]);
        }
        Ok(find(vm, this, path)?.map_or(Value::NONE, Ref::into_value))
    }

    /// The text of the first child that a tag or path leads to.
    #[method(sig = "(path, default=None, namespaces=None)")]
    fn findtext(vm: &Vm, this: &Ref<Self>, path: &Value, default: &Value, namespaces: &Value) -> R {
        if is_path(path) || !namespaces.is_none() {
            let args = [this.value().clone(), path.clone(), default.clone(), namespaces.clone()];
            return by_path(vm, "findtext", &args);
        }
        Ok(match find(vm, this, path)? {
            None => default.clone(),
            Some(e) => Some(e.text.get()).filter(|t| !t.is_none()).unwrap_or_else(|| str::from_str("")),
        })
    }

    /// All children that a tag or path leads to.
    #[method(sig = "(path, namespaces=None)")]
    fn findall(vm: &Vm, this: &Ref<Self>, path: &Value, namespaces: &Value) -> R {
        if is_path(path) || !namespaces.is_none() {
            return by_path(vm, "findall", &[this.value().clone(), path.clone(), namespaces.clone()]);
        }
        let (mut found, mut i) = (Vec::new(), 0);
        while let Some(child) = this.child(i) {
            if child.tag_is(vm, path)? {
                found.push(child.into_value());
            }
            i += 1;
        }
        Ok(list::from_vec(found).into_value())
    }

    /// Iterate over all children that a tag or path leads to.
    #[method(sig = "(path, namespaces=None)")]
    fn iterfind(vm: &Vm, this: &Ref<Self>, path: &Value, namespaces: &Value) -> R {
        by_path(vm, "iterfind", &[this.value().clone(), path.clone(), namespaces.clone()])
    }

    /// Iterate over the element and all below it, those with a tag only if one is given.
    #[method(sig = "(tag=None)")]
    fn iter(_vm: &Vm, this: &Ref<Self>, tag: &Value) -> Value {
        let any = match tag.downcast::<Str>() {
            Some(s) => s.to_utf8_opt().as_deref() == Some("*"),
            None => bytes::get(tag) == Some(b"*"),
        };
        iter::new(this, if any { Value::NONE } else { tag.clone() }, false)
    }

    /// Iterate over all texts in the element and below it.
    #[method(sig = "()")]
    fn itertext(_vm: &Vm, this: &Ref<Self>) -> Value {
        iter::new(this, Value::NONE, true)
    }

    /// Add a child at the end.
    #[method(sig = "(subelement, /)")]
    fn append(vm: &Vm, this: &Ref<Self>, subelement: &Value) -> R<()> {
        this.push(argument(vm, "append() argument", subelement)?);
        Ok(())
    }

    /// Add children at the end.
    #[method(sig = "(elements, /)")]
    fn extend(vm: &Vm, this: &Ref<Self>, elements: &Value) -> R<()> {
        for v in vm.collect(elements)? {
            this.push(as_element(vm, &v)?);
        }
        Ok(())
    }

    /// Put a child before the one at an index.
    #[method(sig = "(index, subelement, /)")]
    fn insert(vm: &Vm, this: &Ref<Self>, index: isize, subelement: &Value) -> R<()> {
        let child = argument(vm, "insert() argument 2", subelement)?;
        let mut children = this.children.borrow_mut();
        let len = children.len() as isize;
        let i = if index < 0 { index.saturating_add(len) } else { index };
        children.insert(i.clamp(0, len).unsigned_abs(), child);
        Ok(())
    }

    /// Remove a child.
    #[method(sig = "(subelement, /)")]
    fn remove(vm: &Vm, this: &Ref<Self>, subelement: &Value) -> R<()> {
        let wanted = argument(vm, "remove() argument", subelement)?;
        let same = this.children.borrow().iter().position(|c| c.value().is(wanted.value()));
        let mut at = same;
        let mut i = 0;
        while let (None, Some(child)) = (at, this.child(i)) {
            if vm.eq(child.value(), subelement)? {
                at = Some(i);
            }
            i += 1;
        }
        let old = match at {
            Some(i) if i < this.children.borrow().len() => this.children.borrow_mut().remove(i),
            _ => return Err(vm.value_error("Element.remove(x): element not found")),
        };
        drop(old);
        Ok(())
    }

    /// A new element of the same kind.
    #[method(sig = "(tag, attrib, /)")]
    fn makeelement(vm: &Vm, _this: &Ref<Self>, tag: &Value, attrib: &Value) -> R {
        let Some(d) = attrib.downcast::<Dict>() else {
            let given = attrib.ty().tp_name();
            return Err(vm.type_error(format!("makeelement() argument 2 must be dict, not {given}")));
        };
        Ok(new(tag.clone(), d.copy().into_value()).into_value())
    }

    #[method(sig = "()")]
    fn __copy__(_vm: &Vm, this: &Ref<Self>) -> Ref<Element> {
        let attrib = this.existing_attributes().map_or(Value::NONE, |d| d.copy().into_value());
        let made = new(this.tag.get(), attrib);
        made.text.set(this.text.get());
        made.tail.set(this.tail.get());
        let children = this.children.borrow().clone();
        made.children.set(children);
        made
    }

    #[method(sig = "(memo, /)")]
    fn __deepcopy__(vm: &Vm, this: &Ref<Self>, memo: &Value) -> R<Ref<Element>> {
        if memo.downcast::<Dict>().is_none() {
            let given = memo.ty().tp_name();
            return Err(vm.type_error(format!("__deepcopy__() argument must be dict, not {given}")));
        }
        deep_element(vm, this, memo)
    }

    #[method(sig = "()")]
    fn __getstate__(_vm: &Vm, this: &Ref<Self>) -> Ref<Dict> {
        let state = Ref::new(Dict::new());
        let children = this.children.borrow().iter().map(|c| c.value().clone()).collect();
        state.set_str("tag", this.tag.get());
        state.set_str("_children", list::from_vec(children).into_value());
        state.set_str("attrib", this.attributes().into_value());
        state.set_str("text", this.text.get());
        state.set_str("tail", this.tail.get());
        state
    }

    #[method(sig = "(state, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        let Some(d) = state.downcast_exact::<Dict>() else {
            let shown = vm.repr_string(state)?;
            return Err(vm.type_error(format!("Don't know how to unpickle \"{shown}\" as an Element")));
        };
        let part = |name: &str| d.get_str(name).unwrap_or(Value::NONE);
        let Some(tag) = d.get_str("tag") else {
            return Err(vm.type_error("tag may not be NULL"));
        };
        let attrib = part("attrib");
        if !attrib.is_none() && attrib.downcast::<Dict>().is_none() {
            return Err(vm.type_error(format!("attrib must be dict, not {}", attrib.ty().tp_name())));
        }
        let children = part("_children");
        let mut made = Vec::new();
        if !children.is_none() {
            if children.downcast::<list::List>().is_none() {
                return Err(vm.type_error("'_children' is not a list"));
            }
            for v in vm.collect(&children)? {
                made.push(as_element(vm, &v)?);
            }
        }
        let old = (
            this.tag.replace(tag),
            this.text.replace(part("text")),
            this.tail.replace(part("tail")),
            this.attrib.replace(attrib),
            this.children.replace(made),
        );
        drop(old);
        Ok(())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let shown = vm.repr_guard(this.value(), || vm.repr_string(&this.tag.get()))?;
        let Some(tag) = shown else {
            let name = this.ty().tp_name();
            return Err(vm.runtime_error(format!("reentrant call inside {name}.__repr__")));
        };
        Ok(format!("<Element {tag} at {:#x}>", this.value().id()))
    }

    #[slot]
    fn bool(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        let text = "Testing an element's truth value will always return True in future versions.  \
                    Use specific 'len(elem)' or 'elem is not None' test instead.";
        vm.warn(&exc::DEPRECATION_WARNING, text, 1)?;
        Ok(!this.children.borrow().is_empty())
    }

    #[slot]
    fn len(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.children.borrow().len()
    }

    #[slot]
    fn item(vm: &Vm, this: &Ref<Self>, i: isize) -> R<Value> {
        let child = usize::try_from(i).ok().and_then(|i| this.child(i));
        child.map(Ref::into_value).ok_or_else(|| vm.index_error("child index out of range"))
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        sequence::get(vm, this, key)
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<Self>, key: &Value, value: Option<&Value>) -> R<()> {
        sequence::set(vm, this, key, value)
    }
}
