//! The class xmlparser.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{NoTrace, PyCell, R, Ref, Value};
use taipan_runtime::native::bind::Nullable;
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::int;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;

use super::event::on;
use super::handlers::{self, HANDLERS, flush};
use super::scan::Parser;

/// How much text is kept before its handler is called.
const BUFFER_SIZE: usize = 8192;

/// The payload of xmlparser.
#[derive(Trace)]
pub struct XmlParser {
    /// The parser proper.
    pub parser: PyCell<NoTrace<Parser>>,
    /// The handlers; None where there is none.
    handlers: PyCell<Vec<Value>>,
    /// The dict of names, or None.
    pub intern: Value,
    /// Text that waits for its handler.
    pub buffer: PyCell<NoTrace<String>>,
    /// Whether text is collected.
    pub buffer_text: Cell<bool>,
    /// The most bytes that are collected.
    pub buffer_size: Cell<usize>,
    /// Attributes come as a list.
    pub ordered: Cell<bool>,
    /// Only attributes that are written are told.
    pub specified: Cell<bool>,
    /// A handler runs.
    pub in_callback: Cell<bool>,
}

/// A parser object.
pub fn new(parser: Parser, intern: Value) -> Ref<XmlParser> {
    Ref::new(XmlParser {
        parser: PyCell::new(NoTrace(parser)),
        handlers: PyCell::new(vec![Value::NONE; HANDLERS.len()]),
        intern,
        buffer: PyCell::new(NoTrace(String::new())),
        buffer_text: Cell::new(false),
        buffer_size: Cell::new(BUFFER_SIZE),
        ordered: Cell::new(false),
        specified: Cell::new(false),
        in_callback: Cell::new(false),
    })
}

impl XmlParser {
    /// A handler by its number; None if there is none.
    pub fn handler(&self, n: usize) -> Value {
        self.handlers
            .borrow()
            .get(n)
            .cloned()
            .unwrap_or(Value::NONE)
    }

    /// Forgets all handlers.
    pub fn clear_handlers(&self) {
        let old = self.handlers.replace(vec![Value::NONE; HANDLERS.len()]);
        self.parser.borrow_mut().0.on = 0;
        self.buffer.borrow_mut().0.clear();
        drop(old);
    }
}

fn set_handler(vm: &Vm, this: &Ref<XmlParser>, n: usize, value: Option<&Value>) -> R<()> {
    let Some(value) = value else {
        return Err(vm.runtime_error("Cannot delete attribute"));
    };
    let bit = HANDLERS.get(n).copied().unwrap_or(0);
    if bit == on::TEXT {
        flush(vm, this)?;
    }
    let old = match this.handlers.borrow_mut().get_mut(n) {
        Some(place) => std::mem::replace(place, value.clone()),
        None => Value::NONE,
    };
    {
        let mut parser = this.parser.borrow_mut();
        let on = &mut parser.0.on;
        if bit & on::ANY_DEFAULT != 0 {
            // Both are the same handler of the parser: the one that was set last counts.
            *on &= !on::ANY_DEFAULT;
        }
        *on = if value.is_none() {
            *on & !bit
        } else {
            *on | bit
        };
    }
    drop(old);
    Ok(())
}

fn flag(vm: &Vm, value: Option<&Value>) -> R<bool> {
    match value {
        Some(v) => vm.truth(v),
        None => Err(vm.runtime_error("Cannot delete attribute")),
    }
}

/// XML parser
#[class(name = "xmlparser", module = "pyexpat", flags(GC, NO_NEW))]
impl XmlParser {
    /// Parse XML data.
    ///
    /// 'isfinal' should be true at end of input.
    #[method(sig = "(data, isfinal=False, /)")]
    fn Parse(vm: &Vm, this: &Ref<Self>, data: &Value, isfinal: bool) -> R<i32> {
        if let Some(s) = data.downcast::<Str>() {
            let text = s.to_utf8(vm)?;
            this.parser.borrow_mut().0.force_encoding("utf-8");
            handlers::run(vm, this, text.as_bytes(), isfinal)?;
        } else {
            let copy = BytesLike::new(vm, data)?.to_vec();
            handlers::run(vm, this, &copy, isfinal)?;
        }
        Ok(1)
    }

    /// Parse XML data from file-like object.
    #[method(sig = "(file, /)")]
    fn ParseFile(vm: &Vm, this: &Ref<Self>, file: &Value) -> R<i32> {
        let Some(read) = vm.get_attr_str_opt(file, "read")? else {
            return Err(vm.type_error("argument must have 'read' attribute"));
        };
        loop {
            let got = vm.call(&read, &[Value::from(2048)])?;
            let data = match bytes::get(&got) {
                Some(b) => b.to_vec(),
                None => match got.downcast::<taipan_runtime::types::bytearray::ByteArray>() {
                    Some(_) => BytesLike::new(vm, &got)?.to_vec(),
                    None => {
                        let ty = got.ty().tp_name();
                        return Err(vm.type_error(format!(
                            "read() did not return a bytes object (type={ty})"
                        )));
                    }
                },
            };
            if data.len() > 2048 {
                let n = data.len();
                return Err(vm.value_error(format!(
                    "read() returned too much data: 2048 bytes requested, {n} returned"
                )));
            }
            handlers::run(vm, this, &data, data.is_empty())?;
            if data.is_empty() {
                return Ok(1);
            }
        }
    }

    /// Set the base URL for the parser.
    #[method(sig = "(base, /)")]
    fn SetBase(_vm: &Vm, this: &Ref<Self>, base: String) {
        this.parser.borrow_mut().0.base = Some(base);
    }

    /// Return base URL string for the parser.
    #[method(sig = "()")]
    fn GetBase(_vm: &Vm, this: &Ref<Self>) -> Option<String> {
        this.parser.borrow().0.base.clone()
    }

    /// Return the untranslated text of the input that caused the current event.
    ///
    /// If the event was generated by a large amount of text (such as a start tag for an element with many
    /// attributes), not all of the text may be available.
    #[method(sig = "()")]
    fn GetInputContext(_vm: &Vm, this: &Ref<Self>) -> Value {
        if !this.in_callback.get() {
            return Value::NONE;
        }
        let parser = this.parser.borrow();
        parser.0.input_context().map_or(Value::NONE, |t| {
            bytes::from_slice(t.as_bytes()).into_value()
        })
    }

    /// Create a parser for parsing an external entity based on the information passed to the ExternalEntityRefHandler.
    #[method(sig = "(context, encoding=<unrepresentable>, /)")]
    fn ExternalEntityParserCreate(
        vm: &Vm,
        this: &Ref<Self>,
        context: Nullable<String>,
        encoding: Option<String>,
    ) -> R {
        let _ = vm;
        let parser = this.parser.borrow().0.child(context.0.as_deref(), encoding);
        let made = new(parser, this.intern.clone());
        let copies = this.handlers.borrow().clone();
        made.handlers.set(copies);
        made.buffer_text.set(this.buffer_text.get());
        made.buffer_size.set(this.buffer_size.get());
        made.ordered.set(this.ordered.get());
        made.specified.set(this.specified.get());
        Ok(made.into_value())
    }

    /// Controls parsing of parameter entities (including the external DTD subset).
    ///
    /// Possible flag values are XML_PARAM_ENTITY_PARSING_NEVER, XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE and
    /// XML_PARAM_ENTITY_PARSING_ALWAYS. Returns true if setting the flag was successful.
    #[method]
    fn SetParamEntityParsing(_vm: &Vm, this: &Ref<Self>, flag: i32) -> i32 {
        let mut parser = this.parser.borrow_mut();
        if parser.0.has_started() || !(0..3).contains(&flag) {
            return 0;
        }
        parser.0.param_parsing = flag;
        1
    }

    /// Allows the application to provide an artificial external subset if one is not specified as part of the document.
    ///
    /// This readily allows the use of a 'default' document type controlled by the application, while still getting the
    /// advantage of providing document type information to the parser. 'flag' defaults to True if not provided.
    #[method(sig = "(flag=True, /)")]
    fn UseForeignDTD(vm: &Vm, this: &Ref<Self>, flag: bool) -> R<()> {
        if this.parser.borrow().0.has_started() {
            return Err(handlers::raise(
                vm,
                this,
                super::errors::CANT_CHANGE_FEATURE_ONCE_PARSING,
            ));
        }
        this.parser.borrow_mut().0.foreign = flag;
        Ok(())
    }

    /// Enable/Disable reparse deferral; enabled by default with Expat >=2.6.0.
    #[method]
    fn SetReparseDeferralEnabled(_vm: &Vm, this: &Ref<Self>, enabled: bool) {
        this.parser.borrow_mut().0.deferral = enabled;
    }

    /// Retrieve reparse deferral enabled status; always returns false with Expat <2.6.0.
    #[method(sig = "()")]
    fn GetReparseDeferralEnabled(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.parser.borrow().0.deferral
    }

    #[getter]
    fn intern(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.intern.clone()
    }

    #[getter]
    fn buffer_used(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.buffer.borrow().0.len()
    }

    #[getter]
    fn buffer_text(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.buffer_text.get()
    }

    #[setter]
    fn set_buffer_text(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let on = flag(vm, value)?;
        if !on {
            flush(vm, this)?;
        }
        this.buffer_text.set(on);
        Ok(())
    }

    #[getter]
    fn buffer_size(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.buffer_size.get()
    }

    #[setter]
    fn set_buffer_size(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else {
            return Err(vm.runtime_error("Cannot delete attribute"));
        };
        if int::get(v).is_none() {
            return Err(vm.type_error("buffer_size must be an integer"));
        }
        let size = int::to_isize(vm, v)?;
        if size <= 0 {
            return Err(vm.value_error("buffer_size must be greater than zero"));
        }
        if size > i32::MAX as isize {
            return Err(
                vm.value_error(format!("buffer_size must not be greater than {}", i32::MAX))
            );
        }
        let size = size.unsigned_abs();
        if size != this.buffer_size.get() {
            flush(vm, this)?;
        }
        this.buffer_size.set(size);
        Ok(())
    }

    #[getter]
    fn namespace_prefixes(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.parser.borrow().0.triplets
    }

    #[setter]
    fn set_namespace_prefixes(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let on = flag(vm, value)?;
        this.parser.borrow_mut().0.triplets = on;
        Ok(())
    }

    #[getter]
    fn ordered_attributes(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.ordered.get()
    }

    #[setter]
    fn set_ordered_attributes(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.ordered.set(flag(vm, value)?);
        Ok(())
    }

    #[getter]
    fn specified_attributes(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.specified.get()
    }

    #[setter]
    fn set_specified_attributes(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.specified.set(flag(vm, value)?);
        Ok(())
    }

    #[getter]
    fn ErrorCode(_vm: &Vm, this: &Ref<Self>) -> u32 {
        this.parser.borrow().0.error()
    }

    #[getter]
    fn ErrorLineNumber(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.parser.borrow_mut().0.position().0
    }

    #[getter]
    fn ErrorColumnNumber(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.parser.borrow_mut().0.position().1
    }

    #[getter]
    fn ErrorByteIndex(_vm: &Vm, this: &Ref<Self>) -> i64 {
        let mut parser = this.parser.borrow_mut();
        if parser.0.has_started() {
            i64::try_from(parser.0.position().2).unwrap_or(-1)
        } else {
            -1
        }
    }

    #[getter]
    fn CurrentLineNumber(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.parser.borrow_mut().0.position().0
    }

    #[getter]
    fn CurrentColumnNumber(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.parser.borrow_mut().0.position().1
    }

    #[getter]
    fn CurrentByteIndex(_vm: &Vm, this: &Ref<Self>) -> i64 {
        let mut parser = this.parser.borrow_mut();
        if parser.0.has_started() {
            i64::try_from(parser.0.position().2).unwrap_or(-1)
        } else {
            -1
        }
    }

    #[getter]
    fn StartElementHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(0)
    }

    #[setter]
    fn set_StartElementHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 0, value)
    }

    #[getter]
    fn EndElementHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(1)
    }

    #[setter]
    fn set_EndElementHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 1, value)
    }

    #[getter]
    fn CharacterDataHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(2)
    }

    #[setter]
    fn set_CharacterDataHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 2, value)
    }

    #[getter]
    fn ProcessingInstructionHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(3)
    }

    #[setter]
    fn set_ProcessingInstructionHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 3, value)
    }

    #[getter]
    fn CommentHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(4)
    }

    #[setter]
    fn set_CommentHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 4, value)
    }

    #[getter]
    fn StartCdataSectionHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(5)
    }

    #[setter]
    fn set_StartCdataSectionHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 5, value)
    }

    #[getter]
    fn EndCdataSectionHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(6)
    }

    #[setter]
    fn set_EndCdataSectionHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 6, value)
    }

    #[getter]
    fn DefaultHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(7)
    }

    #[setter]
    fn set_DefaultHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 7, value)
    }

    #[getter]
    fn DefaultHandlerExpand(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(8)
    }

    #[setter]
    fn set_DefaultHandlerExpand(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 8, value)
    }

    #[getter]
    fn StartNamespaceDeclHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(9)
    }

    #[setter]
    fn set_StartNamespaceDeclHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 9, value)
    }

    #[getter]
    fn EndNamespaceDeclHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(10)
    }

    #[setter]
    fn set_EndNamespaceDeclHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 10, value)
    }

    #[getter]
    fn StartDoctypeDeclHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(11)
    }

    #[setter]
    fn set_StartDoctypeDeclHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 11, value)
    }

    #[getter]
    fn EndDoctypeDeclHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(12)
    }

    #[setter]
    fn set_EndDoctypeDeclHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 12, value)
    }

    #[getter]
    fn XmlDeclHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(13)
    }

    #[setter]
    fn set_XmlDeclHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 13, value)
    }

    #[getter]
    fn ElementDeclHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(14)
    }

    #[setter]
    fn set_ElementDeclHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 14, value)
    }

    #[getter]
    fn AttlistDeclHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(15)
    }

    #[setter]
    fn set_AttlistDeclHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 15, value)
    }

    #[getter]
    fn EntityDeclHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(16)
    }

    #[setter]
    fn set_EntityDeclHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 16, value)
    }

    #[getter]
    fn UnparsedEntityDeclHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(17)
    }

    #[setter]
    fn set_UnparsedEntityDeclHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 17, value)
    }

    #[getter]
    fn NotationDeclHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(18)
    }

    #[setter]
    fn set_NotationDeclHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 18, value)
    }

    #[getter]
    fn ExternalEntityRefHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(19)
    }

    #[setter]
    fn set_ExternalEntityRefHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 19, value)
    }

    #[getter]
    fn SkippedEntityHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(20)
    }

    #[setter]
    fn set_SkippedEntityHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 20, value)
    }

    #[getter]
    fn NotStandaloneHandler(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.handler(21)
    }

    #[setter]
    fn set_NotStandaloneHandler(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_handler(vm, this, 21, value)
    }
}
