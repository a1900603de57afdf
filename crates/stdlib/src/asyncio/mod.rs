//! `_asyncio`: futures and tasks, and which loop and task run in a thread.

mod future;
mod future_class;
mod iter;
mod loops;
mod plain;
mod state;
mod step;
mod task;
mod task_class;

use taipan_macros::module;
use taipan_runtime::native::TypeDef;

use self::future::Future;
use self::iter::FutureIter;
use self::state::State;
use self::step::TaskStep;
use self::task::Task;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[State::DEF, Future::DEF, FutureIter::DEF, Task::DEF, TaskStep::DEF];

module! {
    /// Accelerator module for asyncio
    name = "_asyncio",
    functions(
        loops::get_event_loop, loops::get_running_loop, loops::_get_running_loop, loops::_set_running_loop,
        loops::_enter_task, loops::_leave_task, loops::_swap_current_task, loops::current_task, loops::all_tasks,
        loops::_register_task, loops::_unregister_task, loops::_register_eager_task, loops::_unregister_eager_task,
        loops::future_add_to_awaited_by, loops::future_discard_from_awaited_by,
    ),
    types(Future, Task),
}
