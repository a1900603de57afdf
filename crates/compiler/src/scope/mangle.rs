//! Private names: `__x` in class `C` is `_C__x`.

use std::rc::Rc;

/// The name as the class with name `private` spells it.
pub fn mangle(private: Option<&Rc<str>>, name: &Rc<str>) -> Rc<str> {
    let Some(class) = private else {
        return name.clone();
    };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return name.clone();
    }
    let class = class.trim_start_matches('_');
    if class.is_empty() {
        return name.clone();
    }
    format!("_{class}{name}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let c: Rc<str> = "_C".into();
        let m = |n: &str| mangle(Some(&c), &n.into()).to_string();
        assert_eq!(m("__x"), "_C__x");
        assert_eq!(m("__x__"), "__x__");
        assert_eq!(m("_x"), "_x");
        let under: Rc<str> = "__".into();
        assert_eq!(&*mangle(Some(&under), &"__x".into()), "__x");
    }
}
