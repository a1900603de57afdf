//! Interior mutability of payloads: borrows are checked in a debug build and cost nothing in a release build.
//!
//! The rule that makes this sound: no borrow lives across a call that can run Python code, because any
//! Python code can change any object. Code that must hold on copies (or takes) first.

#[cfg(debug_assertions)]
use std::cell::Cell;
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

/// A mutable field of a payload.
#[derive(Default)]
pub struct PyCell<T> {
    value: UnsafeCell<T>,
    #[cfg(debug_assertions)]
    state: Cell<isize>,
}

/// A shared borrow of a [`PyCell`].
pub struct PyRef<'a, T> {
    value: &'a T,
    #[cfg(debug_assertions)]
    state: &'a Cell<isize>,
}

/// An exclusive borrow of a [`PyCell`].
pub struct PyRefMut<'a, T> {
    value: &'a mut T,
    #[cfg(debug_assertions)]
    state: &'a Cell<isize>,
}

impl<T> PyCell<T> {
    /// A cell that holds `value`.
    pub const fn new(value: T) -> Self {
        Self {
            value: UnsafeCell::new(value),
            #[cfg(debug_assertions)]
            state: Cell::new(0),
        }
    }

    /// A shared borrow; must end before Python code can run.
    #[inline(always)]
    #[track_caller]
    pub fn borrow(&self) -> PyRef<'_, T> {
        #[cfg(debug_assertions)]
        {
            assert!(self.state.get() >= 0, "payload borrowed while it is being changed");
            self.state.set(self.state.get() + 1);
        }
        PyRef {
            // SAFETY: the module's rule; debug builds check it.
            value: unsafe { &*self.value.get() },
            #[cfg(debug_assertions)]
            state: &self.state,
        }
    }

    /// An exclusive borrow; must end before Python code can run.
    #[inline(always)]
    #[track_caller]
    pub fn borrow_mut(&self) -> PyRefMut<'_, T> {
        #[cfg(debug_assertions)]
        {
            assert!(self.state.get() == 0, "payload changed while it is borrowed");
            self.state.set(-1);
        }
        PyRefMut {
            // SAFETY: the module's rule; debug builds check it.
            value: unsafe { &mut *self.value.get() },
            #[cfg(debug_assertions)]
            state: &self.state,
        }
    }

    /// Puts a new value in and returns the old one. Drop it only after this call.
    #[inline(always)]
    pub fn replace(&self, value: T) -> T {
        std::mem::replace(&mut *self.borrow_mut(), value)
    }

    /// Puts a new value in; the old one is dropped after the borrow has ended.
    #[inline(always)]
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    /// The address of the value, for the loop's fast paths and the collector.
    #[inline(always)]
    pub const fn as_ptr(&self) -> *mut T {
        self.value.get()
    }
}

impl<T: Clone> PyCell<T> {
    /// A copy of the value.
    #[inline(always)]
    pub fn get(&self) -> T {
        self.borrow().clone()
    }
}

impl<T: Default> PyCell<T> {
    /// Takes the value out and leaves the default.
    #[inline(always)]
    pub fn take(&self) -> T {
        self.replace(T::default())
    }
}

impl<T> Deref for PyRef<'_, T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> Deref for PyRefMut<'_, T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> DerefMut for PyRefMut<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}

#[cfg(debug_assertions)]
impl<T> Drop for PyRef<'_, T> {
    fn drop(&mut self) {
        self.state.set(self.state.get() - 1);
    }
}

#[cfg(debug_assertions)]
impl<T> Drop for PyRefMut<'_, T> {
    fn drop(&mut self) {
        self.state.set(0);
    }
}
