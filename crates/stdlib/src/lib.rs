//! The native modules, one file or folder each, named as Python names them.

pub mod abc;
pub mod array;
pub mod ast;
pub mod asyncio;
pub mod atexit;
pub mod binascii;
pub mod bisect;
pub mod builtins;
pub mod cmath;
pub mod codecs;
pub mod collections;
pub mod compression;
pub mod contextvars;
pub mod datetime;
pub mod csv;
pub mod decimal;
pub mod elementtree;
pub mod errno;
pub mod expat;
pub mod faulthandler;
pub mod fcntl;
pub mod ffi;
pub mod functools;
pub mod gc;
pub mod grp;
pub mod hashes;
pub mod heapq;
pub mod imp;
pub mod import;
pub mod interpchannels;
pub mod interpqueues;
pub mod interpreters;
pub mod io;
pub mod itertools;
pub mod json;
pub mod locale;
pub mod marshal;
pub mod math;
pub mod memory;
pub mod mmap;
pub mod multibyte;
pub mod multiprocessing;
pub mod opcode;
pub mod operator;
pub mod pickle;
pub mod posix;
pub mod posixshmem;
pub mod posixsubprocess;
pub mod lifecycle;
pub mod lsprof;
pub mod pwd;
pub mod queue;
pub mod repl;
pub mod resource;
pub mod select;
pub mod signal;
pub mod socket;
pub mod sqlite;
pub mod ssl;
pub mod stat;
pub mod statistics;
pub mod structs;
pub mod random;
pub mod string;
pub mod suggestions;
pub mod tokenize;
pub mod sre;
pub mod symtable;
pub mod syslog;
pub mod sys;
pub mod sysconfig;
pub mod sysconfigdata;
pub mod termios;
pub mod thread;
pub mod time;
pub mod timearg;
pub mod tracemalloc;
pub mod typing;
pub mod unicodedata;
pub mod util;
pub mod warnings;
pub mod weakref;

use taipan_runtime::native::{ModuleDef, TypeDef};

/// Every native module.
pub static MODULES: &[&ModuleDef] = &[
    &binascii::MODULE,
    &builtins::MODULE,
    &cmath::MODULE,
    &codecs::MODULE,
    &imp::MODULE,
    &interpchannels::MODULE,
    &interpqueues::MODULE,
    &interpreters::MODULE,
    &io::MODULE,
    &itertools::MODULE,
    &collections::MODULE,
    &marshal::MODULE,
    &math::MODULE,
    &pickle::MODULE,
    &posix::MODULE,
    &posixshmem::MODULE,
    &posixsubprocess::MODULE,
    &contextvars::MODULE,
    &abc::MODULE,
    &ast::MODULE,
    &asyncio::MODULE,
    &atexit::MODULE,
    &csv::MODULE,
    &expat::MODULE,
    &elementtree::MODULE,
    &lsprof::MODULE,
    &syslog::MODULE,
    &sysconfig::MODULE,
    &errno::MODULE,
    &faulthandler::MODULE,
    &tracemalloc::MODULE,
    &memory::MODULE,
    &fcntl::MODULE,
    &grp::MODULE,
    &json::MODULE,
    &locale::MODULE,
    &ffi::MODULE,
    &mmap::MODULE,
    &multibyte::MODULE,
    &multibyte::cn::MODULE,
    &multibyte::hk::MODULE,
    &multibyte::iso2022::MODULE,
    &multibyte::jp::MODULE,
    &multibyte::kr::MODULE,
    &multibyte::tw::MODULE,
    &multiprocessing::MODULE,
    &opcode::MODULE,
    &operator::MODULE,
    &pwd::MODULE,
    &queue::MODULE,
    &resource::MODULE,
    &statistics::MODULE,
    &select::MODULE,
    &string::MODULE,
    &structs::MODULE,
    &suggestions::MODULE,
    &typing::MODULE,
    &unicodedata::MODULE,
    &datetime::MODULE,
    &decimal::MODULE,
    &functools::MODULE,
    &gc::MODULE,
    &array::MODULE,
    &bisect::MODULE,
    &hashes::blake2::MODULE,
    &hashes::hashlib::MODULE,
    &hashes::hmac::MODULE,
    &hashes::md5::MODULE,
    &hashes::sha1::MODULE,
    &hashes::sha2::MODULE,
    &hashes::sha3::MODULE,
    &heapq::MODULE,
    &signal::MODULE,
    &socket::MODULE,
    &sqlite::MODULE,
    &ssl::MODULE,
    &stat::MODULE,
    &random::MODULE,
    &tokenize::MODULE,
    &sre::MODULE,
    &symtable::MODULE,
    &sys::MODULE,
    &sysconfigdata::MODULE,
    &termios::MODULE,
    &thread::MODULE,
    &time::MODULE,
    &warnings::MODULE,
    &weakref::MODULE,
    &compression::bz2::MODULE,
    &compression::lzma::MODULE,
    &compression::zlib::MODULE,
    &compression::zstd::MODULE,
];

/// The classes of each module, bases before derived ones.
const FAMILIES: &[&[&TypeDef]] = &[
    codecs::TYPES,
    sys::TYPES,
    abc::TYPES,
    ast::TYPES,
    asyncio::TYPES,
    imp::TYPES,
    interpchannels::TYPES,
    interpreters::TYPES,
    contextvars::TYPES,
    csv::TYPES,
    expat::TYPES,
    elementtree::TYPES,
    lsprof::TYPES,
    io::TYPES,
    itertools::TYPES,
    json::TYPES,
    array::TYPES,
    datetime::TYPES,
    decimal::TYPES,
    functools::TYPES,
    hashes::blake2::TYPES,
    hashes::hashlib::TYPES,
    hashes::hmac::TYPES,
    hashes::md5::TYPES,
    hashes::sha1::TYPES,
    hashes::sha2::TYPES,
    hashes::sha3::TYPES,
    queue::TYPES,
    operator::TYPES,
    structs::TYPES,
    collections::TYPES,
    pickle::TYPES,
    ffi::TYPES,
    mmap::TYPES,
    multibyte::TYPES,
    multiprocessing::TYPES,
    posix::TYPES,
    random::TYPES,
    tokenize::TYPES,
    sre::TYPES,
    select::TYPES,
    socket::TYPES,
    sqlite::TYPES,
    ssl::TYPES,
    symtable::TYPES,
    thread::TYPES,
    unicodedata::TYPES,
    warnings::TYPES,
    compression::bz2::TYPES,
    compression::lzma::TYPES,
    compression::zlib::TYPES,
    compression::zstd::TYPES,
];

const COUNT: usize = {
    let (mut n, mut i) = (0, 0);
    while i < FAMILIES.len() {
        n += FAMILIES[i].len();
        i += 1;
    }
    n
};

static ALL_TYPES: [&TypeDef; COUNT] = {
    let mut all = [FAMILIES[0][0]; COUNT];
    let (mut n, mut i) = (0, 0);
    while i < FAMILIES.len() {
        let mut j = 0;
        while j < FAMILIES[i].len() {
            all[n] = FAMILIES[i][j];
            n += 1;
            j += 1;
        }
        i += 1;
    }
    all
};

/// Classes of native modules, which are part of the shared image.
pub static TYPES: &[&TypeDef] = &ALL_TYPES;
