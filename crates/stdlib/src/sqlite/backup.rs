//! Copies of databases.

use std::time::Duration;

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::vm::Vm;

use super::connection::{self, Connection};
use super::data;
use super::errors;
use super::ffi::Backup;

/// `Connection.backup`
pub fn backup(
    vm: &Vm,
    this: &Ref<Connection>,
    target: &Ref<Connection>,
    pages: i32,
    progress: Option<&Value>,
    name: Option<&Value>,
    sleep: f64,
) -> R<()> {
    let name = match name {
        Some(name) => connection::c_name(vm, "backup", "'name'", name)?,
        None => c"main".to_owned(),
    };
    let from = this.checked(vm)?;
    if this.value().is(target.value()) {
        return Err(vm.value_error("target cannot be the same connection instance"));
    }
    let to = target.open(vm)?;
    let progress = progress.filter(|p| !p.is_none());
    if progress.is_some_and(|p| !data::callable(p)) {
        return Err(vm.type_error("progress argument must be a callable"));
    }
    let pages = if pages == 0 { -1 } else { pages };
    let sleep = if sleep < 0.0 {
        return Err(vm.value_error("sleep must be greater-than or equal to zero"));
    } else {
        Duration::try_from_secs_f64(sleep)
            .map_err(|_| vm.overflow_error("sleep is too large for a C int"))?
    };
    let host = this.value();
    let Some(mut work) = Backup::new(vm, host, &to, &from, &name) else {
        return Err(errors::raise(vm, &to.fault()));
    };
    loop {
        let code = work.step(vm, host, pages);
        if let Some(f) = progress {
            vm.call(
                f,
                &[
                    Value::from(code),
                    Value::from(work.remaining()),
                    Value::from(work.pages()),
                ],
            )?;
        }
        match code {
            libsqlite3_sys::SQLITE_OK => {}
            libsqlite3_sys::SQLITE_BUSY | libsqlite3_sys::SQLITE_LOCKED => {
                vm.allow_threads(|| std::thread::sleep(sleep));
                vm.poll()?;
            }
            _ => break,
        }
    }
    match work.finish(vm, host) {
        0 => Ok(()),
        _ => Err(errors::raise(vm, &to.fault())),
    }
}
