//! Puts it together: chooses the modules, runs several at a time, compares with
//! what is recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::counted::Counted;
use super::expectation::Expectation;
use super::installation::Installation;
use super::module_run::{ModuleReport, Setup, run_module};
use super::options::Options;
use super::outcome::Outcome;
use super::report;
use super::tiers::{self, Tier};
use crate::error::{Error, Result};
use crate::interpreter;

/// How the whole run ended, as an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every recorded test passes.
    Good = 0,
    /// A recorded test does not pass.
    Regression = 1,
    /// There is no test suite on this machine.
    NoSuite = 4,
    /// No recorded test is affected, but the interpreter went down or hung.
    Crashes = 5,
}

/// The tests to run, by module.
type Plan = BTreeMap<String, BTreeSet<String>>;

/// Runs what the options ask for and prints the tables.
pub fn run(options: &Options) -> Result<Verdict> {
    let folder = interpreter::workspace().join("tests/conformance");
    let counted = Counted::load(&folder.join("same-in-3.14.tsv.gz"))?;
    let mut expectation = Expectation::load(&folder)?;
    let Some(suite) = interpreter::cpython_tests() else {
        println!(
            "No test suite of CPython 3.13 on this machine. Set TAIPAN_CPYTHON_TESTS to the \
             folder that holds its package `test`."
        );
        return Ok(Verdict::NoSuite);
    };
    let tiers = chosen_tiers(options, tiers::load(&folder.join("tiers.txt"))?, &counted)?;
    let plan = plan(options, &tiers, &counted, &expectation);
    let interpreter = match &options.taipan {
        Some(path) => interpreter::executable(path)?,
        None => interpreter::taipan()?,
    };
    let installation = Installation::new(&interpreter, &suite)?;
    let setup = Setup {
        interpreter: installation.program().to_owned(),
        script: folder.join("run_module.py"),
        suite,
        module_time: options.module_time,
        test_time: options.test_time,
        memory: options.memory,
    };
    let reports = run_all(options, &setup, &plan)?;
    let flaky = retry(&setup, &expectation, &reports)?;

    report::print_table(&tiers, &counted, &reports);
    if options.failures {
        report::print_failures(&reports, &expectation);
    }
    report::print_grave(&reports);
    if let Some(path) = &options.out {
        report::write_tsv(path, &reports)?;
    }
    let regressions = regressions(&expectation, &reports, &flaky);
    report::print_expectation(&expectation, &reports, &regressions, &flaky);
    if options.ratchet {
        ratchet(&mut expectation, &reports)?;
    }
    let grave = reports.values().any(report::is_grave);
    Ok(match (regressions.is_empty(), grave) {
        (false, _) => Verdict::Regression,
        (true, true) => Verdict::Crashes,
        (true, false) => Verdict::Good,
    })
}

/// The tiers to show. Modules named by hand form one of their own.
fn chosen_tiers(options: &Options, all: Vec<Tier>, counted: &Counted) -> Result<Vec<Tier>> {
    if !options.modules.is_empty() {
        for name in &options.modules {
            if counted.modules_of(name).is_empty() {
                return Err(Error::new(format!("no test of {name} counts")));
            }
        }
        let name = "chosen".to_owned();
        return Ok(vec![Tier {
            name,
            modules: options.modules.clone(),
        }]);
    }
    let everything = options.tiers.iter().any(|name| name == "all");
    for name in options.tiers.iter().filter(|name| *name != "all") {
        if !all.iter().any(|tier| tier.name == *name) {
            return Err(Error::new(format!("there is no tier {name}")));
        }
    }
    let wanted = |tier: &Tier| everything || options.tiers.contains(&tier.name);
    Ok(all.into_iter().filter(wanted).collect())
}

fn plan(options: &Options, tiers: &[Tier], counted: &Counted, expectation: &Expectation) -> Plan {
    let mut plan = Plan::new();
    let names = tiers.iter().flat_map(|tier| &tier.modules);
    for module in names.flat_map(|name| counted.modules_of(name)) {
        let wanted = |id: &&String| {
            options
                .matching
                .as_ref()
                .is_none_or(|part| id.contains(part.as_str()))
                && (!options.expected_only || expectation.passes(module, id))
        };
        let ids: BTreeSet<_> = counted.0[module].iter().filter(wanted).cloned().collect();
        if !ids.is_empty() {
            plan.insert(module.to_owned(), ids);
        }
    }
    plan
}

fn run_all(
    options: &Options,
    setup: &Setup,
    plan: &Plan,
) -> Result<BTreeMap<String, ModuleReport>> {
    let begin = Instant::now();
    // The largest first, so that no long module is left for the end.
    let mut order: Vec<_> = plan.iter().collect();
    order.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(BTreeMap::new());
    let failed = Mutex::new(None);
    let work = || {
        while let Some((module, ids)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            if options
                .budget
                .is_some_and(|budget| begin.elapsed() > budget)
            {
                eprintln!("{module}: not started, the budget is used up");
                continue;
            }
            match run_module(setup, module, ids) {
                Ok(report) => {
                    let passed = report::passed(&report);
                    let seconds = report.wall.as_secs_f64();
                    eprintln!("{module}: {passed}/{} in {seconds:.1} s", ids.len());
                    reports.lock().unwrap().insert(module.to_string(), report);
                }
                Err(error) => {
                    *failed.lock().unwrap() = Some(error);
                    next.store(order.len(), Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(work);
        }
    });
    match failed.into_inner().unwrap() {
        Some(error) => Err(error),
        None => Ok(reports.into_inner().unwrap()),
    }
}

/// Runs recorded tests that failed once more, by themselves: what passes then
/// depends on the load of the machine or on its neighbours, and is told but not
/// held against the interpreter. A crash is never excused.
fn retry(
    setup: &Setup,
    expectation: &Expectation,
    reports: &BTreeMap<String, ModuleReport>,
) -> Result<BTreeSet<(String, String)>> {
    let mut flaky = BTreeSet::new();
    for (module, report) in reports {
        let failed = |(id, record): (&String, &super::outcome::Record)| {
            let again = record.outcome != Outcome::Ok && record.outcome != Outcome::Crash;
            (again && expectation.passes(module, id)).then(|| id.clone())
        };
        let ids: BTreeSet<_> = report.records.iter().filter_map(failed).collect();
        if ids.is_empty() {
            continue;
        }
        let second = run_module(setup, module, &ids)?;
        let passed = second
            .records
            .into_iter()
            .filter(|(_, r)| r.outcome == Outcome::Ok);
        flaky.extend(passed.map(|(id, _)| (module.clone(), id)));
    }
    Ok(flaky)
}

fn regressions(
    expectation: &Expectation,
    reports: &BTreeMap<String, ModuleReport>,
    flaky: &BTreeSet<(String, String)>,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (module, report) in reports {
        for (id, record) in &report.records {
            let key = (module.clone(), id.clone());
            let failed = record.outcome != Outcome::Ok && !flaky.contains(&key);
            if failed && expectation.passes(module, id) {
                found.push(key);
            }
        }
    }
    found
}

fn ratchet(expectation: &mut Expectation, reports: &BTreeMap<String, ModuleReport>) -> Result<()> {
    let mut added = 0;
    for (module, report) in reports {
        let passed = report
            .records
            .iter()
            .filter(|(_, record)| record.outcome == Outcome::Ok);
        let passed: BTreeSet<_> = passed.map(|(id, _)| id.clone()).collect();
        added += expectation.ratchet(module, &passed)?;
    }
    println!("Recorded {added} more tests that pass.");
    Ok(())
}
