//! What isocalendar() gives: a tuple with names.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

/// The payload: a tuple's, of three items.
#[derive(Trace)]
#[repr(C)]
pub struct IsoCalendarDate {
    tuple: Tuple,
}

impl IsoCalendarDate {
    /// Year, week and day of the week.
    pub fn make(items: [Value; 3]) -> Value {
        Ref::new(IsoCalendarDate { tuple: Tuple::boxed(items.into()) }).into_value()
    }

    fn item(&self, i: usize) -> Value {
        self.tuple.as_slice().get(i).cloned().unwrap_or(Value::NONE)
    }
}

/// The result of date.isocalendar() or datetime.isocalendar()
///
/// This object may be accessed either as a tuple of ((year, week, weekday)) or via the object attributes as named in
/// the above tuple.
#[class(name = "IsoCalendarDate", module = "datetime", base = Tuple, flags(GC), sig = "(year, week, weekday)")]
impl IsoCalendarDate {
    #[slot(new, sig = "(year, week, weekday)")]
    fn new(_vm: &Vm, cls: &TypeObject, year: &Value, week: &Value, weekday: &Value) -> Value {
        let items = vec![year.clone(), week.clone(), weekday.clone()];
        Ref::new_of(cls, IsoCalendarDate { tuple: Tuple::boxed(items) }).into_value()
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let shown = |i| vm.str_string(&this.item(i));
        let name = this.ty().tp_name();
        Ok(format!("{name}(year={}, week={}, weekday={})", shown(0)?, shown(1)?, shown(2)?))
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        let plain = tuple::from_slice(this.tuple.as_slice()).into_value();
        let args = tuple::from_array([plain]).into_value();
        let class = <Tuple as taipan_runtime::core::Payload>::TYPE.value();
        Ok(tuple::from_array([class, args]).into_value())
    }

    #[getter]
    fn year(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.item(0)
    }

    #[getter]
    fn week(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.item(1)
    }

    #[getter]
    fn weekday(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.item(2)
    }
}
